// Keeps a lane going: whatever breaks is begun again from the last event
// that came, so that none is lost and none comes twice.

import { backoff } from '../control.js';
import { sleep } from './sleep.js';

export async function keep(follow, options) {
  const { signal, got, trouble } = options;
  let { after } = options;
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await follow({
        ...options,
        after,
        got(event) {
          if (failures > 0) trouble(false);
          failures = 0;
          after = Math.max(after, event.n);
          got(event);
        },
      });
    } catch {
      if (signal.aborted) return;
      trouble(true);
      await sleep(backoff(failures), signal).catch(() => {});
    }
  }
}
