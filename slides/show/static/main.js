// Keys, buttons and fingers; and the bar at the bottom, which tells where we are.
import { deck, inOverview } from "./deck.js";
import { commands } from "./commands.js";
import "./fit.js";
import "./panes.js";

const keys = {
  ArrowRight: "next", PageDown: "next", " ": "next", ArrowDown: "down",
  ArrowLeft: "previous", PageUp: "previous", ArrowUp: "up",
  Home: "first", End: "last", Escape: "leave",
  o: "overview", p: "presenter", b: "blank", f: "fullscreen", d: "theme", "?": "help",
  "+": "larger", "=": "larger", "-": "smaller", 0: "normal",
};

// Keys that something on the page needs more than the deck does.
function taken(event) {
  if (event.target.closest("dialog, input, select, textarea, [contenteditable]")) return true;
  if (event.key === " ") return event.target.closest("a, button, summary") !== null;
  const long = document.documentElement.scrollHeight > innerHeight + 1;
  return long && !inOverview() && ["ArrowDown", "ArrowUp", " "].includes(event.key);
}

function onKeyOfDeck(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (document.documentElement.classList.contains("blank")) {
    event.preventDefault();
    commands.blank(); // whatever the key, the slide is back first
    return;
  }
  if (event.shiftKey && event.key === " ") {
    event.preventDefault();
    commands.previous();
    return;
  }
  const command = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!command || taken(event)) return;
  if (event.key !== "Escape") event.preventDefault();
  commands[command]();
}

function onClick(event) {
  if (document.documentElement.classList.contains("blank")) commands.blank();
  const button = event.target.closest("[data-do]");
  if (button) commands[button.dataset.do]();
  const thumb = event.target.closest(".thumb");
  if (!thumb || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  commands.overview();
  deck.go(thumb.hash.slice(1));
}

let touched = null; // where the finger came down

function onTouchStart(event) {
  const [{ clientX: x, clientY: y }] = event.changedTouches;
  const sideways = event.target.closest("pre, .figure, table, dialog")?.matches("[tabindex], dialog"); // its own way to move
  touched = event.touches.length === 1 && !inOverview() && !sideways ? { x, y } : null;
}

function onTouchEnd(event) {
  if (!touched || visualViewport.scale > 1.01) return; // whoever zoomed in wants to look around
  const [{ clientX, clientY }] = event.changedTouches;
  const x = clientX - touched.x;
  const y = clientY - touched.y;
  if (Math.abs(x) > 50 && Math.abs(x) > 2 * Math.abs(y)) deck.move(x < 0 ? 1 : -1);
}

const bar = document.querySelector(".bar");
const steps = [...bar.querySelectorAll(".blocks i")];

function tell(id) {
  const index = deck.ids.indexOf(id);
  const { title, position } = document.body.dataset;
  const heading = document.getElementById(id + "-heading").textContent;
  document.title = index === 0 ? title : heading + " · " + title;
  bar.querySelector(".number").textContent = index + 1 + " / " + deck.ids.length;
  bar.querySelector("[role=status]").textContent = position.replace("{n}", index + 1).replace("{m}", deck.ids.length);
  steps.forEach((step, i) => step.classList.toggle("done", i <= index));
  bar.querySelector(".block").textContent = steps[index].parentElement.dataset.name;
  for (const link of bar.querySelectorAll(".language")) link.hash = id;
}

if (!("preview" in document.documentElement.dataset)) {
  addEventListener("keydown", onKeyOfDeck);
  addEventListener("click", onClick);
  addEventListener("touchstart", onTouchStart, { passive: true });
  addEventListener("touchend", onTouchEnd, { passive: true });
}
deck.on(tell);
tell(deck.current());
