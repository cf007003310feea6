// Short polling: ask, take the answer, wait for the rest of the interval.

import { sleep } from './sleep.js';

export async function follow({ base, after, interval, signal, asking, got }) {
  for (;;) {
    const asked = performance.now();
    asking();
    const response = await fetch(`${base}/short-poll?after=${after}`, { signal });
    for (const event of await response.json()) {
      got(event);
      after = event.n;
    }

    // Look again every 50 ms at least: the slider may have moved meanwhile.
    for (let left; (left = asked + interval() - performance.now()) > 0;) {
      await sleep(Math.min(left, 50), signal);
    }
  }
}
