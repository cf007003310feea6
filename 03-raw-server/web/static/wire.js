// Two connections to the server that the page came from: one that is looked
// at, and one over which the server tells what it saw on the first.

// Ends that nobody has asked for: going away, abnormal, restart, try again.
const mishaps = [1001, 1006, 1012, 1013];

export class Wire {
  #tell; // the page's functions, by what has happened
  #page; // where the server tells
  #echo; // what is looked at
  #id; // names the first to the second
  #failures = 0;
  #timer;
  #opening; // resolves when the echo is open
  compress = false;

  constructor(tell) {
    this.#tell = tell;
    this.open();
  }

  open() {
    if (this.#page?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.#timer);
    this.#page = new WebSocket(address('page'));
    this.#page.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'hello') {
        this.#failures = 0;
        this.#id = message.id;
        this.connect().catch(() => {}); // its end is told
      }
      this.#tell[message.type]?.(message);
    };
    this.#page.onclose = () => {
      this.#id = undefined;
      const echo = this.#echo;
      setTimeout(() => echo?.close(), 200); // the server may be about to say why: that is shown
      const wait = backoff(this.#failures++);
      this.#timer = setTimeout(() => this.open(), wait);
      this.#tell.down(wait);
    };
  }

  // connect opens what is looked at, unless it is open. It resolves when it
  // is, and rejects when it can't be.
  connect() {
    if (this.#echo && this.#echo.readyState <= WebSocket.OPEN) return this.#opening;
    if (!this.#id) return Promise.reject(new Error('no server'));
    const url = address('echo');
    url.searchParams.set('page', this.#id);
    if (!this.compress) url.searchParams.set('compress', 'off');
    const echo = new WebSocket(url);
    echo.binaryType = 'arraybuffer';
    this.#echo = echo;
    this.#opening = new Promise((resolve, reject) => {
      echo.onopen = () => resolve(echo);
      echo.onclose = ({ code, reason }) => {
        reject(new Error('closed'));
        if (this.#echo !== echo) return;
        this.#echo = undefined;
        this.#tell.closed({ code, reason });
        if (mishaps.includes(code)) setTimeout(() => this.connect().catch(() => {}), 1000);
      };
    });
    return this.#opening;
  }

  async send(data) {
    (await this.connect()).send(data);
  }

  // wish asks the server for something.
  async wish(message) {
    await this.connect();
    this.#page.send(JSON.stringify(message));
  }

  // close ends what is looked at, from this side.
  async close(code, reason) {
    (await this.connect()).close(code, reason);
  }

  // renew begins again, with compression or without.
  async renew(compress) {
    const before = this.#echo;
    this.compress = compress;
    if (before) {
      this.#echo = undefined;
      before.close(1000);
    }
    await this.connect();
  }
}

function address(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.search = url.hash = '';
  return url;
}

// backoff waits twice as long each time, up to 10 s, and never as long as
// everybody else.
export const backoff = (failures) => Math.min(10_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
