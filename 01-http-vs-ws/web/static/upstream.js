// The other direction: one small message to the server and its echo, by POST
// and by WebSocket. They go one after the other, so that none waits for
// another one's bytes.

const message = '{"action":"vote","talk":5,"stars":4}';

export class Upstream {
  #bases; // of the lane that keeps its connections, and of the one that does not
  #socket;

  constructor(kept, fresh) {
    this.#bases = { kept, fresh };
    this.#socket = new WebSocket(`${kept.replace('http', 'ws')}/upstream/websocket`);
    this.#post(`${kept}/upstream`).catch(() => {}); // opens the connection that is kept
  }

  close() {
    this.#socket.close();
  }

  // send sends the message three ways, and returns how long each took.
  async send() {
    return {
      fresh: await this.#post(`${this.#bases.fresh}/upstream?close`),
      kept: await this.#post(`${this.#bases.kept}/upstream`),
      socket: await this.#message(),
    };
  }

  async #post(url) {
    const start = performance.now();
    const response = await fetch(url, { method: 'POST', body: message });
    await response.text();
    return {
      ms: performance.now() - start,
      number: Number(response.headers.get('Connection-Request-Number')), // 1: a new connection
    };
  }

  #message() {
    return new Promise((done, fail) => {
      const start = performance.now();
      if (this.#socket.readyState !== WebSocket.OPEN) return fail(new Error('not connected'));
      this.#socket.onmessage = () => done({ ms: performance.now() - start });
      this.#socket.onclose = () => fail(new Error('closed'));
      this.#socket.send(message);
    });
  }
}
