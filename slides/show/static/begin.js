// Before the first paint: what the viewer chose last time, and the word to
// the styles that a script shows the slides one at a time.
(() => {
  const root = document.documentElement;
  root.classList.add("deck");
  if (new URLSearchParams(location.search).has("preview")) root.dataset.preview = "";
  let chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem("slides")) ?? {};
  } catch {
    // a browser that keeps nothing
  }
  root.dataset.theme = chosen.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  if ("preview" in root.dataset) return;
  root.style.setProperty("--zoom", chosen.zoom ?? 1);
  root.classList.toggle("zoomed", (chosen.zoom ?? 1) !== 1);
})();
