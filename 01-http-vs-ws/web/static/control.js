// The control channel: one WebSocket to the server that the page came from,
// past the simulated link. When it ends the server is gone, and the page
// tries again until it is back.

export class Control {
  #handlers; // by type of message, and down(wait) when the server is gone
  #socket;
  #failures = 0;
  #timer;

  constructor(handlers) {
    this.#handlers = handlers;
    this.open();
  }

  open() {
    if (this.#socket?.readyState <= WebSocket.OPEN) return; // connecting, or there already
    clearTimeout(this.#timer);
    const url = new URL('control', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'session') this.#failures = 0;
      this.#handlers[message.type]?.(message);
    };
    this.#socket.onclose = () => {
      const wait = backoff(this.#failures++);
      this.#timer = setTimeout(() => this.open(), wait);
      this.#handlers.down(wait);
    };
  }

  send(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

// backoff waits twice as long each time, up to 10 s, and never exactly as
// long as others do: a server that comes back must not be hit by all at once.
export function backoff(failures) {
  return Math.min(10_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
}
