// Size of the letters and dark or light, which this browser remembers.

const page = document.documentElement;
const darkness = matchMedia("(prefers-color-scheme: dark)");

function read() {
  try {
    return JSON.parse(localStorage.getItem("slides")) ?? {};
  } catch {
    return {};
  }
}

function keep(change) {
  try {
    localStorage.setItem("slides", JSON.stringify({ ...read(), ...change }));
  } catch {
    // it holds until the page is left
  }
}

let zoom = read().zoom ?? 1;

export function resize(factor) {
  zoom = factor === 0 ? 1 : Math.min(Math.max(zoom * factor, 0.7), 2);
  if (Math.abs(zoom - 1) < 0.04) zoom = 1;
  page.style.setProperty("--zoom", zoom);
  page.classList.toggle("zoomed", zoom !== 1);
  keep({ zoom });
}

export function switchTheme() {
  page.dataset.theme = page.dataset.theme === "dark" ? "light" : "dark";
  const system = darkness.matches ? "dark" : "light";
  keep({ theme: page.dataset.theme === system ? undefined : page.dataset.theme });
}

darkness.addEventListener("change", () => {
  page.dataset.theme = read().theme ?? (darkness.matches ? "dark" : "light");
});
