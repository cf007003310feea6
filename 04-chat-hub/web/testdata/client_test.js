// The client's life, told by a scripted server and a clock that stands still
// until a test moves it: node --test testdata/*_test.js

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backoff, Client, watch } from '../static/client.js';

// A Clock is time, as much of it as a test wants.
class Clock {
  now = 1_000_000;
  timers = new Map();
  last = 0;

  setTimeout = (f, ms) => {
    this.timers.set(++this.last, { f, at: this.now + ms });
    return this.last;
  };

  clearTimeout = (id) => this.timers.delete(id);

  pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const [id, next] = [...this.timers].sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0] ?? [];
      if (!next || next.at > end) break;
      this.timers.delete(id);
      this.now = Math.max(this.now, next.at);
      next.f();
    }
    this.now = end;
  }

  // sleep moves the clock, but no timer fires meanwhile.
  sleep(ms) { this.now += ms; }
}

// start makes a client whose server is the test: sockets are all that it
// opened, and log is all that it told.
function start({ store, random = 1, name = 'Ana', rooms = ['go'], ...more } = {}) {
  const clock = new Clock();
  const sockets = [];
  class Socket {
    sent = [];
    closed = false;

    constructor(url) {
      this.url = url;
      sockets.push(this);
    }

    send(text) { this.sent.push(JSON.parse(text)); }
    close() { this.closed = true; }
    open() { this.onopen(); }
    say(event) { this.onmessage?.({ data: typeof event === 'string' ? event : JSON.stringify(event) }); }
    end(code, reason = '') { this.onclose?.({ code, reason }); }

    // take returns what was sent since the last time, as short lines.
    take() {
      const lines = this.sent.map(({ action, ...f }) => [action, ...Object.entries(f).map(([k, v]) => (k === 'key' || k === 'name' ? '' : `${k}=${v}`)).filter(Boolean)].join(' '));
      this.sent = [];
      return lines;
    }
  }
  let ids = 0;
  const log = [];
  const chat = new Client({
    url: 'ws://chat.test/ws', name, WebSocket: Socket,
    now: () => clock.now, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout,
    random: () => random, id: () => `id${++ids}`, store: store ?? { load: () => null, save() {} },
    ...more,
  });
  for (const type of ['state', 'joined', 'refused', 'taken', 'message', 'sent', 'failed', 'history', 'nohistory', 'error', 'presence']) {
    chat.on(type, (e) => log.push([type, e]));
  }
  for (const room of rooms) chat.join(room);
  chat.connect();
  const told = (...types) => log.splice(0).filter(([type]) => types.includes(type)).map(([, e]) => e);
  return { clock, sockets, chat, told, get ws() { return sockets.at(-1); } };
}

const joined = (room = 'go', more = {}) => ({ type: 'joined', room, name: 'Ana', members: ['Ana'], count: 1, cursor: '1110', ...more });
const message = (cursor, text = cursor, from = 'Bob', id = cursor) => ({ type: 'message', room: 'go', cursor, id, from, text, at: '2026-01-02T03:04:05.678Z' });

// online is a client that has joined its room.
function online(options) {
  const s = start(options);
  s.ws.open();
  s.ws.say(joined());
  s.ws.take();
  s.told();
  return s;
}

test('join, send, ack', () => {
  const s = start();
  s.chat.send('go', 'early'); // waits
  assert.deepEqual(s.ws.sent, []);
  s.ws.open();
  assert.deepEqual(s.ws.sent, [{ action: 'join', room: 'go', name: 'Ana', key: s.chat.key }]);
  s.ws.take();
  s.ws.say(joined());
  assert.deepEqual(s.ws.take(), ['send room=go text=early id=id2']);
  s.chat.send('go', 'late');
  assert.deepEqual(s.ws.take(), ['send room=go text=late id=id3']);
  s.ws.say({ type: 'ack', room: 'go', id: 'id2', cursor: '1111' });
  s.ws.say({ type: 'ack', room: 'go', id: 'id2', cursor: '1111' });
  assert.deepEqual(s.told('sent'), [{ room: 'go', id: 'id2', cursor: '1111' }]);
  assert.deepEqual(s.chat.unsent.map((p) => p.text), ['late']);
});

test('doubles are dropped, in each room by itself', () => {
  const s = start({ rooms: ['go', 'js'] });
  s.ws.open();
  s.ws.say(joined('go'));
  s.ws.say(joined('js'));
  for (const cursor of ['1112', '1111', '1112', '111z', '11210', '111z']) s.ws.say(message(cursor));
  s.ws.say({ ...message('1111'), room: 'js' });
  s.ws.say({ ...message('1111'), room: 'nowhere' });
  assert.deepEqual(s.told('message').map((m) => m.room + m.cursor), ['go1112', 'go111z', 'go11210', 'js1111']);
});

test('rooms are joined one after the other, for an error names none', () => {
  const s = start({ rooms: ['a', 'b', 'c'] });
  s.ws.open();
  assert.deepEqual(s.ws.take(), ['join room=a']);
  s.ws.say(joined('a'));
  assert.deepEqual(s.ws.take(), ['join room=b']);
  s.ws.say({ type: 'error', code: 'name_taken', message: 'somebody has it' });
  assert.deepEqual(s.told('refused'), [{ room: 'b', code: 'name_taken', message: 'somebody has it' }]);
  assert.deepEqual(s.ws.take(), ['join room=c']);
  s.ws.say(joined('c'));
  s.chat.join('b');
  assert.deepEqual(s.ws.take(), ['join room=b']);
});

test('after a reconnect: since, what was missed, then what is unacknowledged', () => {
  const s = online();
  s.ws.say(message('1111'));
  s.chat.send('go', 'one');
  s.chat.send('go', 'two');
  s.ws.end(1006);
  s.chat.send('go', 'three');
  s.clock.pass(500);
  assert.equal(s.sockets.length, 2);
  s.ws.open();
  assert.deepEqual(s.ws.take(), ['join room=go since=1111']);
  s.ws.say(joined('go', { recovered: true, cursor: '1113' }));
  assert.deepEqual(s.ws.take(), ['ping']);
  s.told();
  s.ws.say(message('1112', 'one', 'Ana', 'id2')); // was stored: as good as an ack
  s.ws.say(message('1113'));
  s.ws.say({ type: 'pong' });
  assert.deepEqual(s.ws.take(), ['send room=go text=two id=id3', 'send room=go text=three id=id4']);
  assert.deepEqual(s.told('sent', 'message').map((e) => e.id), ['id2', 'id2', '1113']);
});

test('messages that are lost are said to be', () => {
  const s = online();
  s.ws.say(message('1111'));
  s.ws.end(1006);
  s.clock.pass(500);
  s.ws.open();
  s.ws.say(joined('go', { recovered: false, cursor: '2110' }));
  assert.equal(s.told('joined')[0].lost, true);
  s.ws.say(message('1112')); // before where we are now
  s.ws.say(message('2111'));
  assert.deepEqual(s.told('message').map((m) => m.cursor), ['2111']);
});

test('an old send that may have been stored is not repeated by itself', () => {
  const s = online();
  s.chat.send('go', 'old');
  s.ws.end(1006);
  s.clock.sleep(200_000);
  s.clock.pass(0);
  s.ws.open();
  s.chat.send('go', 'young');
  s.ws.say(joined('go', { recovered: false, cursor: '2110' }));
  s.ws.say({ type: 'pong' });
  assert.deepEqual(s.ws.take().slice(-1), ['send room=go text=young id=id3']);
  assert.deepEqual(s.told('failed'), [{ room: 'go', id: 'id2', code: 'uncertain', message: '' }]);
  s.chat.retry('id2');
  assert.deepEqual(s.ws.take(), ['send room=go text=old id=id2']);
  s.chat.discard('id2');
  assert.deepEqual(s.chat.unsent.map((p) => p.id), ['id3']);
});

test('backoff: full jitter under a doubling cap', () => {
  assert.deepEqual([0, 1, 5, 6, 40].map((n) => backoff(n, () => 1)), [500, 1000, 16_000, 30_000, 30_000]);
  assert.equal(backoff(9, () => 0), 0);
  const s = start({ random: 0.5 });
  const waits = [];
  for (let i = 0; i < 8; i++) {
    s.ws.end(1006);
    waits.push(s.told('state').at(-1).until - s.clock.now);
    s.clock.pass(waits.at(-1));
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  s.ws.open();
  s.clock.pass(9_000);
  s.ws.end(1013); // too short a life to begin anew
  assert.equal(s.told('state').at(-1).until - s.clock.now, 15_000);
  s.clock.pass(15_000);
  s.ws.open();
  s.clock.pass(10_000);
  s.ws.end(1013);
  assert.equal(s.told('state').at(-1).until - s.clock.now, 250);
});

test('1012 names the moment, and no hint makes it earlier', () => {
  const s = online();
  s.ws.end(1012, 'reconnect in 3210 ms');
  assert.deepEqual(s.told('state'), [{ state: 'waiting', until: s.clock.now + 3210, code: 1012, told: true }]);
  s.chat.wake();
  s.clock.pass(3209);
  assert.equal(s.sockets.length, 1);
  s.clock.pass(1);
  assert.equal(s.sockets.length, 2);
  s.ws.end(1012, 'reconnect in a while');
  assert.equal(s.told('state').at(-1).told, false);
  s.chat.connect(); // a person may
  assert.equal(s.sockets.length, 3);
  s.ws.end(1012, 'reconnect in 1.5s'); // as Go writes it
  assert.equal(s.told('state').at(-1).until - s.clock.now, 1500);
});

test('4001: another connection has our place, and we leave it there', () => {
  const s = online();
  s.ws.end(4001);
  s.chat.wake();
  s.clock.pass(1e6);
  assert.equal(s.sockets.length, 1);
  assert.equal(s.chat.state, 'replaced');
  s.chat.connect();
  s.ws.open();
  assert.deepEqual(s.ws.take(), ['join room=go since=1110']);
});

test('heartbeat: a ping in 25 s, a new connection when nothing comes for 10 s', () => {
  const s = online();
  s.clock.pass(24_999);
  assert.deepEqual(s.ws.take(), []);
  s.clock.pass(1);
  assert.deepEqual(s.ws.take(), ['ping']);
  s.ws.say({ type: 'pong' });
  s.clock.pass(25_000);
  assert.deepEqual(s.ws.take(), ['ping']);
  s.clock.pass(9_999);
  assert.equal(s.sockets.length, 1);
  s.clock.pass(1);
  assert.equal(s.sockets.length, 2);
  assert.equal(s.sockets[0].closed, true);
  s.sockets[0].say(message('1119')); // nobody listens
  assert.deepEqual(s.told('message'), []);
});

test('heartbeat: as long as the page says', () => {
  const s = online({ heartbeat: 540_000 });
  s.clock.pass(539_999);
  assert.deepEqual(s.ws.take(), []);
  s.clock.pass(1);
  assert.deepEqual(s.ws.take(), ['ping']);
  s.clock.pass(10_000);
  assert.equal(s.sockets.length, 2);
});

test('after a sleep the socket has to prove itself', () => {
  const s = online();
  s.clock.sleep(3_600_000);
  s.clock.pass(0); // timers that are due; one of them sees the clock
  assert.deepEqual(s.ws.take().filter((l) => l !== 'ping'), []);
  s.clock.pass(3_999);
  assert.equal(s.sockets.length, 1);
  s.clock.pass(1);
  assert.equal(s.sockets.length, 2);
});

test('what a window knows', () => {
  const s = online();
  const [window, document] = [new EventTarget(), new EventTarget()];
  watch(s.chat, { window, document });
  const happens = (target, type) => target.dispatchEvent(new Event(type));
  document.visibilityState = 'hidden';
  happens(document, 'visibilitychange');
  assert.deepEqual(s.ws.take(), []);
  document.visibilityState = 'visible';
  happens(document, 'visibilitychange');
  assert.deepEqual(s.ws.take(), ['ping']);
  s.ws.say({ type: 'pong' });
  happens(window, 'offline'); // is it? ask
  assert.deepEqual(s.ws.take(), ['ping']);
  s.clock.pass(4_000);
  assert.equal(s.sockets.length, 2);
  s.ws.end(1006);
  happens(window, 'online');
  assert.equal(s.sockets.length, 3);
});

test('a handshake that nobody answers is given up', () => {
  const s = start();
  s.clock.pass(10_000);
  assert.equal(s.sockets[0].closed, true);
  assert.equal(s.chat.state, 'waiting');
});

test('a name that our lost connection still has is asked for every second', () => {
  const s = online();
  s.ws.end(1006);
  s.clock.pass(500);
  s.ws.open();
  for (let i = 0; i < 10; i++) {
    assert.deepEqual(s.ws.take(), ['join room=go since=1110']);
    s.ws.say({ type: 'error', code: 'name_taken' });
    s.clock.pass(1_000);
  }
  s.ws.say(joined('go', { recovered: true }));
  assert.equal(s.told('refused').length, 0);

  s.ws.end(1006); // and somebody who will not go
  s.clock.pass(1000);
  s.ws.open();
  for (let i = 0; i < 61; i++) {
    s.ws.say({ type: 'error', code: 'name_taken' });
    s.ws.say({ type: 'pong' });
    s.clock.pass(1_000);
  }
  assert.deepEqual(s.told('refused').map((e) => e.code), ['name_taken']);
});

test('a reload goes on: name, key, rooms, cursors and what is unsent', () => {
  let kept = null;
  const store = { load: () => JSON.parse(kept), save: (state) => { kept = JSON.stringify(state); } };
  const before = online({ store });
  before.ws.say(message('1111'));
  before.chat.send('go', 'unsent');
  before.chat.save();
  const after = start({ store, name: 'someone else', rooms: [] });
  after.ws.open();
  assert.deepEqual(after.ws.sent, [{ action: 'join', room: 'go', name: 'Ana', since: '1111', key: before.chat.key }]);
  after.ws.take();
  after.ws.say({ type: 'error', code: 'name_taken' }); // patient, for it was there before
  assert.deepEqual(after.told('refused'), []);
  after.clock.pass(1000);
  after.ws.take();
  after.ws.say(joined('go', { recovered: true }));
  after.ws.say({ type: 'pong' });
  assert.deepEqual(after.ws.take(), ['ping', 'send room=go text=unsent id=id2']);
});

test('refused sends: some pass, some fail', () => {
  const s = online();
  s.chat.send('go', 'x');
  s.ws.take();
  const refuse = (code) => s.ws.say({ type: 'error', code, message: 'why', id: 'id2' });
  refuse('rate_limited');
  s.clock.pass(999);
  assert.deepEqual(s.ws.take(), []);
  s.clock.pass(1);
  assert.deepEqual(s.ws.take(), ['send room=go text=x id=id2']);
  refuse('not_in_room');
  assert.deepEqual(s.ws.take(), ['join room=go since=1110']);
  s.ws.say(joined('go', { recovered: true }));
  s.ws.say({ type: 'pong' });
  assert.deepEqual(s.ws.take(), ['ping', 'send room=go text=x id=id2']);
  refuse('too_large');
  assert.deepEqual(s.told('failed'), [{ room: 'go', id: 'id2', code: 'too_large', message: 'why' }]);
  s.ws.end(1006);
  s.clock.pass(500);
  s.ws.open();
  s.ws.say(joined('go', { recovered: true }));
  s.ws.say({ type: 'pong' });
  assert.deepEqual(s.ws.take().filter((l) => l.startsWith('send')), []); // only a person tries again
});

test('a send without an answer is repeated, though the connection lives', () => {
  const s = online();
  s.chat.send('go', 'x');
  s.ws.take();
  s.clock.pass(15_000);
  assert.deepEqual(s.ws.take(), ['send room=go text=x id=id2']);
});

test('history, and a server that has none', () => {
  const s = online();
  assert.equal(s.chat.history('go', '1111'), true);
  assert.equal(s.chat.history('go', '1111'), false); // one at a time
  assert.deepEqual(s.ws.take(), ['history room=go before=1111']);
  s.ws.say({ type: 'history', room: 'go', messages: [message('1101')], more: true });
  assert.deepEqual(s.told('history').map((e) => [e.messages.length, e.more]), [[1, true]]);
  s.chat.history('go');
  s.ws.say({ type: 'error', code: 'unknown_action', message: 'no action "history"' });
  assert.equal(s.told('nohistory').length, 1);
  assert.equal(s.chat.history('go'), false);
});

test('typing is throttled, and a send ends it', () => {
  const s = online();
  s.chat.typing('go');
  s.chat.typing('go');
  s.clock.pass(3_000);
  s.chat.typing('go');
  s.chat.send('go', 'x');
  s.chat.typing('go');
  assert.deepEqual(s.ws.take(), ['typing room=go', 'typing room=go', 'send room=go text=x id=id2', 'typing room=go']);
});

test('leaving and renaming while an answer is under way', () => {
  const s = start({ rooms: ['go', 'js'] });
  s.ws.open();
  s.chat.leave('go');
  s.ws.say(joined('go'));
  assert.deepEqual(s.ws.take(), ['join room=go', 'leave room=go', 'join room=js']);
  s.chat.rename('Eva');
  s.ws.say(joined('js'));
  assert.deepEqual(s.ws.take(), ['leave room=js', 'join room=js']);
  s.ws.say(joined('js', { name: 'Eva' }));
  assert.equal(s.chat.name, 'Eva');
  assert.deepEqual(s.told('joined').map((e) => e.name), ['Eva']);
});

test('what is not of this chat is not obeyed', () => {
  const s = online();
  for (const text of ['', 'hello', 'null', '[]', '7', '{}', '{"type":"joined"}', '{"type":"message"}', '{"type":"constructor"}', '{"message":"Internal server error"}', '{"type":"error"}']) s.ws.say(text);
  s.ws.say(message('1111'));
  assert.deepEqual(s.told('message').map((m) => m.cursor), ['1111']);
});

test('close is the end', () => {
  const s = online();
  s.chat.close();
  assert.equal(s.ws.closed, true);
  assert.equal(s.clock.timers.size, 0);
  assert.equal(s.chat.state, 'closed');
});
