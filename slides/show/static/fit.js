// Every machine has other fonts. A slide that is too full by a little gets
// smaller letters, until it fits; code that is too wide does so by itself.

const overflows = (box) => box.scrollHeight > box.clientHeight + 1;

function fit(slide) {
  slide.style.setProperty("--zoom", 1); // whoever enlarges the letters may scroll
  slide.style.setProperty("--fit", 1);
  for (const pre of slide.querySelectorAll("pre")) {
    pre.style.setProperty("--fit-line", 1);
    pre.style.setProperty("--fit-line", Math.min(1, pre.clientWidth / pre.scrollWidth));
  }
  const boxes = slide.querySelectorAll(".face, .body, .said, .shown");
  for (let size = 0.97; size > 0.5 && [...boxes].some(overflows); size -= 0.03) {
    slide.style.setProperty("--fit", size);
  }
  slide.style.removeProperty("--zoom");
}

const column = matchMedia("(max-width: 40rem)"); // there, slides may be as long as they like

function fitAll() {
  if (!column.matches || "preview" in document.documentElement.dataset) {
    document.querySelectorAll(".slide").forEach(fit);
  }
  for (const box of document.querySelectorAll("pre, div.figure, .text table")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; // the keyboard, too, reads it sideways
    else box.removeAttribute("tabindex");
  }
}

column.addEventListener("change", fitAll);
fitAll();
