// The connection to the tap. It is opened again when it ends.

export class Wire {
  #tell; // the page's functions, by what has happened
  #failures = 0;

  constructor(tell) {
    this.#tell = tell;
    this.open();
  }

  open() {
    const url = new URL('events', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.search = url.hash = '';
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => {
      const events = JSON.parse(data);
      switch (events[0].kind) {
        case 'hello':
          this.#failures = 0;
          return this.#tell.hello(events[0]);
        case 'missed': return this.#tell.missed(events[0]);
        default: return this.#tell.events(events);
      }
    };
    socket.onclose = () => {
      const wait = backoff(this.#failures++);
      setTimeout(() => this.open(), wait);
      this.#tell.down(wait);
    };
  }
}

// backoff waits twice as long each time, up to 10 s, and never as long as
// everybody else.
const backoff = (failures) => Math.min(10_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
