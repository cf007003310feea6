// One clock for both ends.
//
// A latency is the moment of receipt minus the moment the event was due, and
// that makes sense only if both moments are read from one clock. The event
// carries the server's time, so the page must know that as well. It asks
// several times and believes the quickest answer:
//
//	page    c ------------ now            s was read between c and now, and is
//	            \       /                 taken for the middle. The error is at
//	server       --- s                    most half of what the question took.
//
// The two clocks drift apart, so the question is repeated now and then.

const questions = 8;
const every = 10_000;

export class Clock {
  #send;
  #left = 0;
  #quickest = Infinity;
  #found = 0;
  #ready;
  #timer;

  offset = 0; // server's time minus performance.now(), in milliseconds

  // sync asks through send, and returns when the offset is known.
  sync(send) {
    this.#send = send;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#round(), every);
    return new Promise((ready) => {
      this.#ready = ready;
      this.#round();
    });
  }

  #round() {
    this.#left = questions;
    this.#quickest = Infinity;
    this.#ask();
  }

  #ask() {
    this.#send({ type: 'time', c: performance.now() });
  }

  // answer takes what the server says; s is in microseconds.
  answer({ c, s }) {
    const now = performance.now();
    if (now - c < this.#quickest) {
      this.#quickest = now - c;
      this.#found = s / 1000 - (c + now) / 2;
    }
    if (--this.#left > 0) return this.#ask();
    this.offset = this.#found;
    this.#ready();
  }

  // now is the server's time in milliseconds since 1970.
  now() {
    return performance.now() + this.offset;
  }
}
