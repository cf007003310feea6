// Which slide is shown. Whatever moves the deck, here or on another machine,
// does it through `deck`, and whoever wants to know of it listens with `on`.

const root = document.documentElement;
const slides = [...document.querySelectorAll(".slide")];
const ids = slides.map((slide) => slide.id);
const listeners = [];
let now = -1;

export const deck = {
  ids,
  current: () => ids[now],
  go(id) {
    if (id === ids[now] || !ids.includes(id)) return;
    history.pushState(null, "", "#" + id); // the back button finds the slide before
    show(ids.indexOf(id));
  },
  move: (by) => deck.go(ids[Math.min(Math.max(now + by, 0), ids.length - 1)]),
  on: (fn) => listeners.push(fn), // fn(id) on every change
};

export const inOverview = () => root.classList.contains("overview");

function show(index) {
  const first = now < 0;
  now = index;
  slides.forEach((slide, i) => slide.classList.toggle("current", i === now));
  reach();
  if (!first) focusSlide();
  listeners.forEach((fn) => fn(ids[now]));
}

// What is not shown cannot be reached either. In the overview each slide is
// one link.
export function reach() {
  slides.forEach((slide, i) => {
    slide.inert = !inOverview() && i !== now;
    slide.querySelector(".face").inert = inOverview();
  });
}

// A screen reader speaks where the focus is, so it goes to the heading.
export function focusSlide() {
  if ("preview" in root.dataset) return; // the window around it keeps it
  if (inOverview()) {
    slides[now].querySelector(".thumb").focus();
    return;
  }
  window.focus(); // when a pane has it
  scrollTo(0, 0);
  slides[now].querySelector("h1, h2").focus({ preventScroll: true });
}

function fromAddress() {
  const index = ids.indexOf(decodeURIComponent(location.hash.slice(1)));
  show(index < 0 ? 0 : index);
}

// A slide is a page of its own, so that its heading is the first of the page.
slides.forEach((slide) => (slide.querySelector("h1, h2").ariaLevel = 1));
addEventListener("hashchange", fromAddress);
fromAddress();
