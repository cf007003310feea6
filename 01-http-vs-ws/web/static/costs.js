// What a lane costs, from the counters at the server's sockets. They count
// TCP payload: HTTP with all its headers, WebSocket with its frames.

export class Costs {
  #first = null; // where the count per event began
  #silence = null; // where the silence began
  now = null; // the latest counters of the session
  perEvent = null; // {up, down} bytes
  idle = null; // {bytes, seconds} of the last silence

  // update takes counters, and how many events the lane had brought by then.
  update(counters, events) {
    this.now = counters;
    this.#first ??= { ...counters, events };
    const count = events - this.#first.events;
    if (count > 0) {
      this.perEvent = {
        up: (counters.up - this.#first.up) / count,
        down: (counters.down - this.#first.down) / count,
      };
    }
  }

  // updateSilent takes counters of a moment in a time without events.
  updateSilent(counters, moment) {
    this.now = counters;
    this.#silence ??= { ...counters, moment };
    this.idle = {
      bytes: counters.up + counters.down - this.#silence.up - this.#silence.down,
      seconds: (moment - this.#silence.moment) / 1000,
    };
  }

  // idlePerMinute is what the last silence cost, in bytes up and down.
  get idlePerMinute() {
    return this.idle?.seconds > 0 ? (this.idle.bytes / this.idle.seconds) * 60 : null;
  }

  // silent tells whether it is what silence costs that is counted now.
  get silent() {
    return this.#silence !== null;
  }

  // startAnew begins new counts, and keeps what the last silence cost.
  startAnew() {
    this.#first = this.#silence = this.perEvent = null;
  }
}
