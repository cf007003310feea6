// A chat's client without a page: one connection that comes back by itself,
// and what has to be remembered so that nothing is lost or doubled.
//
//	const chat = new Client({ url, name: 'Ana' });
//	chat.on('message', (m) => console.log(m.from, m.text));
//	chat.join('go');
//	chat.connect();
//	chat.send('go', 'hello');
//
// It runs in a browser and in Node: what belongs to neither language nor
// chat (the WebSocket class, the clock, chance, storage) can be handed in.
//
// What it tells:
//
//	state    { state, until?, code?, told? }  closed, connecting, open, waiting, replaced
//	joined   as the server says, and lost: true when messages are missing
//	refused  { room, code, message }          a join that is not tried again
//	taken    { room }                         one that is: our lost connection still has the name
//	message  each once, in the room's order
//	sent     { room, id, cursor }             stored: nothing can lose it now
//	failed   { room, id, code, message }      retry or discard it
//	history, nohistory, typing, members, presence, left, error

const patience = 10_000; // for a pong, a handshake, the answer to a join
const wakePatience = 4_000; // for a pong after a sleep: a person is waiting
const stable = 10_000; // a connection that lived so long begins the backoff anew
const resendAfter = 15_000; // without an ack, though the connection is fine
const typingEvery = 3_000;
const takenFor = 60_000; // a lost connection's name is free after 30 s
const uncertain = 100_000; // servers know an id for 2 minutes; then a resend might double
const maxTries = 5;

// backoff is exponential with full jitter: any time from none to the most.
// Clients that lost the same server do not come back at the same moment.
export const backoff = (attempt, random = Math.random) => random() * Math.min(30_000, 500 * 2 ** attempt);

const randomID = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

export class Client {
  state = 'closed';
  #options;
  #listeners = new Map();
  #timers = new Map(); // by what they are for
  #ws = null;
  #rooms = new Map();
  #queue = []; // sends without an ack, oldest first
  #pongs = []; // what to do at each pong that is awaited
  #joining = null; // the one room whose join has no answer yet: an error does not name its room
  #attempt = 0;
  #told = false; // the server named the moment to come back
  #looked = 0; // when the watch last looked at the clock

  constructor(options) {
    this.#options = {
      WebSocket: globalThis.WebSocket,
      heartbeat: 25_000, // between two pings: proxies cut silence off after 60 s, often
      setTimeout: (f, ms) => setTimeout(f, ms),
      clearTimeout: (t) => clearTimeout(t),
      now: () => Date.now(), // goes on while the computer sleeps
      random: Math.random,
      id: randomID,
      store: { load: () => null, save() {} },
      ...options,
    };
    const kept = this.#options.store.load();
    this.key = kept?.key ?? this.#options.id();
    this.name = kept?.name ?? this.#options.name ?? '';
    this.#queue = kept?.queue ?? [];
    for (const { name, cursor } of kept?.rooms ?? []) this.#rooms.set(name, { name, cursor, patient: true });
  }

  on(type, listener) {
    this.#listeners.set(type, [...this.#listeners.get(type) ?? [], listener]);
    return this;
  }

  // ---- What a person does

  connect() { this.#dial(); }

  close() {
    this.#drop();
    for (const name of this.#timers.keys()) this.#cancel(name);
    this.#become('closed');
  }

  get rooms() { return [...this.#rooms.keys()]; }
  get unsent() { return this.#queue.map((post) => ({ ...post })); }

  join(name) {
    const room = this.#rooms.get(name) ?? { name };
    room.refused = false;
    this.#rooms.set(name, room);
    this.save();
    this.#joinNext();
  }

  leave(name) {
    const room = this.#rooms.get(name);
    this.#rooms.delete(name);
    this.#cancel(`join ${name}`);
    this.#queue = this.#queue.filter((post) => post.room !== name);
    this.save();
    if (room?.here) this.#ask({ action: 'leave', room: name });
  }

  // rename leaves every room and comes back under another name.
  rename(name) {
    this.name = name;
    for (const room of this.#rooms.values()) {
      if (room.here) this.#ask({ action: 'leave', room: room.name });
      Object.assign(room, { here: false, ready: false, patient: false, refused: false, later: false });
    }
    this.save();
    this.#joinNext();
  }

  // send returns what it put into the queue. It stays there until the server
  // has it, whatever happens to connections meanwhile.
  send(room, text) {
    const post = { room, id: this.#options.id(), text, at: this.#options.now(), tries: 0 };
    this.#queue.push(post);
    this.save();
    const r = this.#rooms.get(room);
    if (r) r.typed = 0;
    if (r?.ready) this.#transmit(post);
    return { ...post };
  }

  retry(id) {
    const post = this.#queue.find((p) => p.id === id);
    if (!post) return;
    Object.assign(post, { failed: undefined, why: undefined, tries: 0, at: this.#options.now() });
    this.save();
    if (this.#rooms.get(post.room)?.ready) this.#transmit(post);
  }

  discard(id) {
    this.#queue = this.#queue.filter((p) => p.id !== id);
    this.save();
  }

  typing(name) {
    const room = this.#rooms.get(name);
    const now = this.#options.now();
    if (!room?.ready || now - (room.typed ?? 0) < typingEvery) return;
    room.typed = now;
    this.#ask({ action: 'typing', room: name });
  }

  // history asks for what is older than a cursor, or for the newest. It says
  // whether it asked.
  history(name, before) {
    const room = this.#rooms.get(name);
    if (!room?.here || room.asked || this.noHistory) return false;
    room.asked = true;
    this.#ask({ action: 'history', room: name, before });
    return true;
  }

  // wake is a hint that the connection may be dead, or may be possible again:
  // the computer slept, the network changed, somebody looks at the page.
  wake() {
    if (this.state === 'waiting' && !this.#told) this.#dial();
    if (this.state === 'open') {
      this.#cancel('dead');
      this.#ping(undefined, wakePatience);
    }
  }

  save() {
    this.#cancel('save');
    this.#options.store.save({
      key: this.key,
      name: this.name,
      queue: this.#queue,
      rooms: [...this.#rooms.values()].filter((r) => !r.refused).map(({ name, cursor }) => ({ name, cursor })),
    });
  }

  // ---- The connection

  #dial() {
    this.#cancel('dial');
    this.#drop();
    this.#told = false;
    this.#become('connecting');
    this.#watch();
    let ws;
    try {
      ws = new this.#options.WebSocket(this.#options.url);
    } catch {
      this.#lost(); // an address that is none; the page says what the browser says of it
      return;
    }
    this.#ws = ws;
    ws.onopen = () => this.#opened();
    ws.onmessage = ({ data }) => this.#receive(data);
    ws.onclose = ({ code, reason }) => this.#lost(code, String(reason ?? ''));
    ws.onerror = () => {}; // a close follows, and knows as little
    this.#after('answer', patience, () => this.#lost());
  }

  #opened() {
    this.#cancel('answer');
    this.#after('stable', stable, () => { this.#attempt = 0; });
    this.#become('open');
    this.#beat();
    this.#joinNext();
  }

  // lost is told by the socket, or finds out by itself: then a close event
  // may be minutes away, and nobody waits for it.
  #lost(code = 1006, reason = '') {
    this.#drop();
    if (code === 4001) {
      this.#become('replaced');
      return;
    }
    const told = code === 1012 && /^reconnect in ([\d.]{1,9}) ?(ms|s)$/.exec(reason);
    this.#told = Boolean(told);
    // Who was cut off for a broken rule waits at least a little.
    const least = code === 1008 ? 2_000 : 0;
    const wait = told ? Number(told[1]) * (told[2] === 's' ? 1000 : 1) : least + backoff(this.#attempt++, this.#options.random);
    this.#after('dial', wait, () => this.#dial());
    this.#become('waiting', { until: this.#options.now() + wait, code, told: this.#told });
  }

  #drop() {
    for (const name of ['dial', 'answer', 'stable', 'beat', 'dead', 'join', 'resend']) this.#cancel(name);
    for (const room of this.#rooms.values()) Object.assign(room, { patient: room.patient || room.here, here: false, ready: false, asked: false });
    this.#joining = null;
    this.#pongs = [];
    const ws = this.#ws;
    this.#ws = null;
    if (!ws) return;
    ws.onopen = ws.onmessage = ws.onclose = null;
    ws.close();
  }

  #become(state, more = {}) {
    this.state = state;
    this.#emit('state', { state, ...more });
  }

  #beat() {
    this.#after('beat', this.#options.heartbeat, () => {
      this.#ping();
      this.#beat();
    });
  }

  // ping calls then when its pong is there: all that the server said before
  // has come by then. Anything that is heard shows that the connection lives.
  #ping(then, limit = patience) {
    this.#pongs.push(then);
    this.#ask({ action: 'ping' });
    if (!this.#timers.has('dead')) this.#after('dead', limit, () => this.#dial());
  }

  // watch finds out that the computer has slept: the clock went on, timers did not.
  #watch() {
    const every = 5_000;
    this.#looked = this.#options.now();
    this.#after('watch', every, () => {
      const slept = this.#options.now() - this.#looked > 3 * every;
      this.#watch();
      if (slept) this.wake();
    });
  }

  #ask(request) {
    if (this.state === 'open') this.#ws.send(JSON.stringify(request));
  }

  // ---- Rooms

  #joinNext() {
    if (this.state !== 'open' || this.#joining) return;
    const room = [...this.#rooms.values()].find((r) => !r.here && !r.refused && !r.later);
    if (!room) return;
    this.#joining = room;
    room.as = this.name;
    this.#ask({ action: 'join', room: room.name, name: this.name, since: room.cursor, key: this.key });
    this.#after('join', patience, () => this.#dial());
  }

  #answered() {
    const room = this.#joining;
    this.#joining = null;
    this.#cancel('join');
    return room;
  }

  #joined(m) {
    if (this.#joining?.name === m.room) this.#answered();
    const room = this.#rooms.get(m.room);
    if (!room) { // left, before it was joined
      this.#ask({ action: 'leave', room: m.room });
      this.#joinNext();
      return;
    }
    if (room.as !== this.name) { // renamed, before it was joined
      this.#ask({ action: 'leave', room: m.room });
      this.#joinNext();
      return;
    }
    const again = room.cursor !== undefined;
    const lost = again && m.recovered === false;
    if (!again || lost) room.cursor = m.cursor;
    Object.assign(room, { here: true, takenSince: undefined });
    this.name = m.name ?? this.name; // in its normal form
    this.save();
    this.#emit('joined', { ...m, lost });
    // What was missed may hold our own messages, as good as an ack: only
    // what is still in the queue after it is sent again.
    if (again && this.#queue.some((p) => p.room === room.name)) this.#ping(() => this.#flush(room, lost));
    else this.#flush(room, false);
    this.#joinNext();
  }

  #joinFailed({ code, message }) {
    const room = this.#answered();
    if (!this.#rooms.has(room.name) || room.as !== this.name) { // left or renamed meanwhile
      this.#joinNext();
      return;
    }
    const now = this.#options.now();
    room.takenSince ??= now;
    const ours = code === 'name_taken' && room.patient && now - room.takenSince < takenFor;
    if (ours || code === 'internal' || code === 'rate_limited') {
      room.later = true;
      this.#after(`join ${room.name}`, 1_000, () => {
        room.later = false;
        this.#joinNext();
      });
      if (ours) this.#emit('taken', { room: room.name });
    } else {
      Object.assign(room, { refused: true, takenSince: undefined });
      this.save();
      this.#emit('refused', { room: room.name, code, message });
    }
    this.#joinNext();
  }

  // ---- Messages

  #flush(room, lost) {
    if (!room.here) return;
    room.ready = true;
    for (const post of this.#queue.filter((p) => p.room === room.name && !p.failed)) {
      // Old, and what was missed can't show it: only a person may send it twice.
      if (lost && this.#options.now() - post.at > uncertain) this.#fail(post, 'uncertain', '');
      else this.#transmit(post);
    }
  }

  #transmit(post) {
    post.sentAt = this.#options.now();
    this.#ask({ action: 'send', room: post.room, text: post.text, id: post.id });
    if (!this.#timers.has('resend')) this.#after('resend', resendAfter, () => this.#resend());
  }

  #resend() {
    const waiting = this.#queue.filter((p) => !p.failed && this.#rooms.get(p.room)?.ready);
    for (const post of waiting) {
      if (this.#options.now() - post.sentAt >= resendAfter) this.#transmit(post);
    }
    if (waiting.length > 0 && !this.#timers.has('resend')) this.#after('resend', resendAfter / 3, () => this.#resend());
  }

  #settle(room, id, cursor) {
    const n = this.#queue.length;
    this.#queue = this.#queue.filter((p) => p.id !== id || p.room !== room);
    if (this.#queue.length === n) return;
    this.save();
    this.#emit('sent', { room, id, cursor });
  }

  #sendFailed(post, { code, message }) {
    const passing = code === 'internal' || code === 'rate_limited' || code === 'not_in_room';
    if (!passing || ++post.tries > maxTries) {
      this.#fail(post, code, message);
      return;
    }
    const room = this.#rooms.get(post.room);
    if (code === 'not_in_room' && room) { // the server has lost us: join, then what is in the queue
      Object.assign(room, { here: false, ready: false, patient: true });
      this.#joinNext();
      return;
    }
    this.#after(`send ${post.id}`, 500 * 2 ** post.tries, () => {
      if (this.#queue.includes(post) && this.#rooms.get(post.room)?.ready) this.#transmit(post);
    });
  }

  #fail(post, code, message) {
    Object.assign(post, { failed: code, why: message });
    this.save();
    this.#emit('failed', { room: post.room, id: post.id, code, message });
  }

  #receive(data) {
    this.#cancel('dead');
    let m;
    try {
      m = JSON.parse(data);
    } catch {
      return; // not of this chat
    }
    const room = this.#rooms.get(m?.room);
    switch (m?.type) {
      case 'joined':
        this.#joined(m);
        break;
      case 'message':
        // A later cursor is the greater string; what is not later has been seen.
        if (!room || (room.cursor !== undefined && m.cursor <= room.cursor)) return;
        room.cursor = m.cursor;
        this.#after('save', 200, () => this.save());
        if (m.from === this.name) this.#settle(m.room, m.id, m.cursor);
        this.#emit('message', m);
        break;
      case 'history':
        if (!room) return;
        room.asked = false;
        for (const old of m.messages ?? []) {
          if (old.from === this.name) this.#settle(m.room, old.id, old.cursor);
        }
        this.#emit('history', { room: m.room, messages: m.messages ?? [], more: Boolean(m.more) });
        break;
      case 'ack':
        this.#settle(m.room, m.id, m.cursor);
        break;
      case 'pong':
        this.#pongs.shift()?.();
        break;
      case 'error':
        this.#failed(m);
        break;
      case 'typing':
      case 'members':
      case 'presence':
      case 'left':
        if (room || m.type === 'left') this.#emit(m.type, m);
        break;
      default: // a newer server's
    }
  }

  #failed(m) {
    const post = m.id && this.#queue.find((p) => p.id === m.id);
    const asked = [...this.#rooms.values()].filter((r) => r.asked);
    for (const room of asked) room.asked = false;
    if (post) this.#sendFailed(post, m);
    else if (m.code === 'unknown_action' && asked.length > 0) {
      this.noHistory = true;
      this.#emit('nohistory', {});
    } else if (this.#joining && m.code !== 'unknown_action') this.#joinFailed(m);
    else this.#emit('error', m);
  }

  // ---- Tools

  #emit(type, event) {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }

  #after(name, ms, f) {
    this.#cancel(name);
    this.#timers.set(name, this.#options.setTimeout(() => {
      this.#timers.delete(name);
      f();
    }, ms));
  }

  #cancel(name) {
    this.#options.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}

// watch tells a client what a browser's window knows. To be offline is only
// a hint, too: a server on this computer can be reached without any network.
export function watch(client, { window, document }) {
  const wake = () => client.wake();
  window.addEventListener('online', wake);
  window.addEventListener('offline', wake);
  window.addEventListener('pageshow', wake);
  window.addEventListener('pagehide', () => client.save());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') client.wake();
  });
}
