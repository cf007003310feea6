// Keeps a deck in step with the others. A deck is anything that has
// { ids, current(), go(id), on(fn) }: the slides themselves, the presenter
// view, the remote.

import { link } from './link.js';

// keepInStep takes the deck along with the talk, and the talk along with the
// deck if this page may drive. changed is called whenever something is new:
//
//   connected   whether there is a connection; null before the first try
//   role        driver or audience; empty before the server has said
//   slide       where the talk is; empty before somebody has said
//   alone       whether the audience looks around on its own
//   drivers, audience   how many there are
export function keepInStep(deck, { query = '', changed }) {
  const now = { connected: null, role: '', slide: '', alone: false, drivers: 0, audience: 0 };
  let chosen = opened(); // whether it was this page's reader who chose its slide
  let sworn = chosen; // whether its slide is more than the one a page begins with

  const stage = link({
    query,
    where: () => sworn ? deck.current() : '',
    state(connected) {
      now.connected = connected;
      changed(now);
    },
    told({ slide, role, drivers, audience }) {
      Object.assign(now, { role, drivers, audience });
      if (slide && deck.ids.includes(slide)) arrive(slide);
      changed(now);
    },
  });
  if (chosen) stage.go(deck.current());

  function arrive(slide) {
    const apart = now.alone || chosen;
    now.slide = slide;
    now.alone = apart && now.role === 'audience' && deck.current() !== slide;
    chosen = false;
    sworn = true;
    if (!now.alone && deck.current() !== slide) deck.go(slide);
  }

  deck.on(() => {
    const here = deck.current();
    if (here === now.slide) { // it was taken there, or has caught up
      now.alone = false;
    } else if (now.role === 'audience') {
      now.alone = now.slide !== '';
    } else {
      sworn = true;
      if (now.role) now.slide = here;
      else chosen = true;
      stage.go(here);
    }
    changed(now);
  });

  return {
    back() { // to the talk
      now.alone = false;
      if (now.slide) deck.go(now.slide);
      changed(now);
    },
  };
}

// opened says whether the reader has opened an address with a slide in it. A
// page that is reloaded has one there as well, but goes where the talk is.
function opened() {
  const [load] = performance.getEntriesByType('navigation');
  return location.hash.length > 1 && load?.type === 'navigate';
}
