// On a narrow window the rooms and the members are drawers: out of reach
// while they are closed, and the only thing within reach while open.

import { $ } from './dom.js';

const drawers = [
  { panel: $('rooms-panel'), button: $('open-rooms'), media: matchMedia('(max-width: 44rem)') },
  { panel: $('members-panel'), button: $('open-members'), media: matchMedia('(max-width: 66rem)') },
];
const room = document.querySelector('.room');
let open = null;

function draw() {
  for (const d of drawers) {
    d.panel.classList.toggle('open', d === open);
    d.panel.inert = d.media.matches && d !== open;
    d.button.setAttribute('aria-expanded', d === open);
  }
  room.inert = open !== null;
  $('shade').hidden = open === null;
}

function toggle(drawer) {
  open = drawer;
  draw();
  drawer?.panel.querySelector('.close-drawer').focus();
}

// close closes the one that is open, and says whether there was one.
export function close() {
  const was = open;
  toggle(null);
  was?.button.focus();
  return was !== null;
}

for (const d of drawers) {
  d.button.addEventListener('click', () => toggle(d));
  d.panel.querySelector('.close-drawer').addEventListener('click', close);
  d.media.addEventListener('change', () => toggle(null));
}
$('shade').addEventListener('click', close);
draw();
