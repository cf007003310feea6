// What one can do with the deck, by key, by button or by finger.
import { deck, focusSlide, inOverview, reach } from "./deck.js";
import { resize, switchTheme } from "./settings.js";

const help = document.getElementById("help");

export const commands = {
  next: () => deck.move(1),
  previous: () => deck.move(-1),
  first: () => deck.go(deck.ids[0]),
  last: () => deck.go(deck.ids.at(-1)),
  down: () => deck.move(inOverview() ? columns() : 1),
  up: () => deck.move(inOverview() ? -columns() : -1),
  overview() {
    document.documentElement.classList.toggle("overview");
    reach();
    focusSlide();
  },
  leave: () => inOverview() && commands.overview(),
  help() {
    help.showModal();
    help.querySelector("h2").focus();
  },
  presenter() {
    const address = document.body.dataset.presenter;
    if (address) window.open(address, "presenter", "popup,width=1200,height=800");
  },
  blank: () => document.documentElement.classList.toggle("blank"),
  fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  },
  larger: () => resize(1.1),
  smaller: () => resize(1 / 1.1),
  normal: () => resize(0),
  theme: switchTheme,
};

// A row of the overview holds this many.
function columns() {
  const all = [...document.querySelectorAll(".slide")];
  return all.filter((slide) => slide.offsetTop === all[0].offsetTop).length;
}
