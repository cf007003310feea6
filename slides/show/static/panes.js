// Panes start when their slide, or the one before it, is shown. While one has
// the keyboard, Escape gives it back, and the keys of a presenter's remote
// work as ever.
import { deck, focusSlide } from "./deck.js";

function start(id) {
  const slide = document.getElementById(id);
  for (const frame of slide?.querySelectorAll("iframe[data-src]") ?? []) {
    frame.addEventListener("load", () => frame.parentElement.classList.add("running"));
    listen(frame);
    frame.hidden = false;
    frame.src = frame.dataset.src;
    frame.removeAttribute("data-src");
  }
}

function startNear(id) {
  start(id);
  start(deck.ids[deck.ids.indexOf(id) + 1]);
}

const heard = new WeakSet(); // documents

// listen hears the keys of a frame, and of the frames within it as they get
// the focus. All of them are of this program, or they could not be heard.
function listen(frame) {
  hear(frame);
  frame.addEventListener("load", () => hear(frame));
}

function hear(frame) {
  const inside = frame.contentDocument;
  if (!inside || heard.has(inside)) return;
  heard.add(inside);
  inside.addEventListener("keydown", onKey);
  frame.contentWindow.addEventListener("blur", () => {
    if (inside.activeElement?.localName === "iframe") listen(inside.activeElement);
  });
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape") {
    if (this.querySelector("dialog[open]")) return; // Escape is the dialog's
    focusSlide();
  } else if (event.key === "PageDown" || event.key === "PageUp") {
    event.preventDefault();
    deck.move(event.key === "PageDown" ? 1 : -1);
  }
}

if (!("preview" in document.documentElement.dataset)) {
  deck.on(startNear);
  startNear(deck.current());
}
