// The page: what a person does goes to the client, what the client tells is
// shown.
//
//	client.js           the connection's life
//	room.js timeline.js what the page knows of a room
//	view/               the parts of the page

import { Client, watch } from './client.js';
import { count, fill, has, language, t } from './i18n.js';
import { Room } from './room.js';
import { Store } from './store.js';
import { aloud, title } from './view/announce.js';
import { Composer } from './view/composer.js';
import { Connection } from './view/connection.js';
import { Conversation } from './view/conversation.js';
import { $, write } from './view/dom.js';
import * as drawers from './view/drawers.js';
import { avatar, drawMembers } from './view/people.js';
import { drawRooms } from './view/rooms.js';
import { Welcome } from './view/welcome.js';

fill(document);
const address = new URLSearchParams(location.search);
const other = language === 'en' ? 'pt-BR' : 'en';
for (const link of [$('language'), $('welcome-language')]) {
  const there = new URLSearchParams(address);
  there.set('lang', other);
  Object.assign(link, { href: `?${there}`, lang: other, hreflang: other });
}

const store = new Store(address.get('name'));
const told = (name) => document.querySelector(`meta[name="chat-${name}"]`).content;
const url = new URL(told('url'), location.href);
url.protocol = url.protocol.replace('http', 'ws');
const client = new Client({ url: url.href, heartbeat: Number(told('heartbeat')), name: address.get('name') ?? store.visit.name, store });

const rooms = new Map(); // by name, in the order in which they were joined
let current = null;

// ---- What a person does

const conversation = new Conversation({
  older: (room) => client.history(room.name, room.timeline.messages[0]?.cursor),
  read(room) {
    room.unread = 0;
    drawSoon();
  },
  retry(id) {
    client.retry(id);
    show(id, { failed: undefined });
  },
  discard(id) {
    client.discard(id);
    current.timeline.pending = current.timeline.pending.filter((p) => p.id !== id);
    drawSoon();
  },
});

const composer = new Composer({
  send(text) {
    const post = client.send(current.name, text);
    current.timeline.pending.push({ ...post, at: new Date(post.at) });
    current.divider = ''; // who answers has seen what was new
    draw();
    conversation.latest();
  },
  typing: () => client.typing(current.name),
});

const connection = new Connection({
  retry: () => client.connect(),
  again() {
    enter(current.name);
  },
});

const welcome = new Welcome();

function enter(name) {
  const room = rooms.get(name) ?? new Room(name);
  if (room.state === 'refused') room.state = 'joining';
  rooms.set(name, room);
  client.join(name);
  go(name);
}

function go(name) {
  if (current) {
    current.draft = composer.value;
    if (current.unread === 0) current.divider = '';
  }
  current = rooms.get(name) ?? null;
  composer.value = current?.draft ?? '';
  conversation.show(current);
  remember();
  draw();
}

function leave(name) {
  const names = [...rooms.keys()];
  const next = names[names.indexOf(name) + 1] ?? names[names.indexOf(name) - 1];
  client.leave(name);
  rooms.delete(name);
  if (current?.name === name) go(next);
  remember();
  draw();
}

function rename() {
  welcome.rename(client.name, ({ name }) => {
    if (name === client.name && current?.state !== 'refused') {
      welcome.close();
      return;
    }
    for (const room of rooms.values()) room.state = 'joining';
    client.rename(name);
    if (rooms.size === 0) welcome.close();
    draw();
  });
}

const remember = () => {
  store.visit = { name: client.name, rooms: [...rooms.keys()], current: current?.name };
};

$('rename').addEventListener('click', rename);

$('join').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = $('join-room').value.trim();
  if (name === '') return;
  $('join-room').value = '';
  drawers.close();
  enter(name);
  composer.focus();
});

document.addEventListener('keydown', (event) => {
  if (welcome.open) return;
  if (event.key === 'Escape' && !drawers.close()) {
    conversation.latest();
    composer.focus();
  }
  if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown') && rooms.size > 1) {
    event.preventDefault();
    const names = [...rooms.keys()];
    go(names.at((names.indexOf(current?.name) + (event.key === 'ArrowDown' ? 1 : -1)) % names.length));
  }
});

document.addEventListener('visibilitychange', () => conversation.draw());

// ---- What the client tells

client.on('state', (state) => {
  connection.set(state);
  if (state.state === 'waiting') welcome.done(); // the banner says why nobody answers
  for (const room of rooms.values()) if (state.state !== 'open' && room.state === 'joined') room.state = 'joining';
  drawSoon();
});

// tell changes a room that an event names, if we are still in it.
const tell = (type, change) => client.on(type, (event) => {
  const room = rooms.get(event.room);
  if (!room) return;
  change(room, event);
  drawSoon();
});

tell('joined', (room, event) => {
  welcome.done();
  room.joined(event);
  if (room.fresh) client.history(room.name);
  remember();
});

tell('taken', (room) => { room.state = 'taken'; });

tell('refused', (room, { code, message }) => {
  room.state = 'refused';
  room.why = reason(code, message);
  if (code !== 'name_taken' && !welcome.open) return;
  if (!welcome.open) rename();
  welcome.error(code === 'name_taken' ? t('rename.taken', { room: room.name, name: client.name }) : room.why);
});

tell('message', (room, event) => {
  const message = known(event);
  if (!room.timeline.add(message)) return;
  room.stopTyping(message.from);
  if (room !== current) room.timeline.trim();
  if (message.own) return;
  if (room !== current || document.visibilityState !== 'visible' || !conversation.following) room.isNew(message.cursor);
  if (room === current) aloud(message.from, message.text);
});

tell('history', (room, { messages, more }) => {
  for (const message of messages) room.timeline.add(known(message));
  room.timeline.more = more;
  room.fresh = false;
});

client.on('nohistory', () => {
  for (const room of rooms.values()) {
    Object.assign(room.timeline, { more: false, unknown: true });
    room.fresh = false;
  }
  drawSoon();
});

tell('sent', (room, { id, cursor }) => room.timeline.sent(id, cursor, client.name));
tell('failed', (room, { id, code, message }) => show(id, { failed: code, why: reason(code, message) }, room));
tell('presence', (room, event) => room.presence(event));
tell('members', (room, { members, count: n }) => room.setMembers(members, n));
tell('typing', (room, { name }) => { if (name !== client.name) room.type(name, drawSoon); });

// known is a message as the page keeps it.
function known({ cursor, id, from, text, at }) {
  const moment = new Date(at);
  return { cursor, id, from: String(from), text: String(text), at: Number.isNaN(moment.getTime()) ? new Date() : moment, own: from === client.name };
}

// show changes a message that is on its way.
function show(id, change, room = current) {
  const post = room.timeline.pending.find((p) => p.id === id);
  if (post) Object.assign(post, change);
  drawSoon();
}

function reason(code, message) {
  return t(has(`error.${code}`) ? `error.${code}` : 'error.other', { message });
}

// ---- What is shown

let timer;
function drawSoon() {
  timer ??= setTimeout(draw, 16); // many events, one drawing
}

function draw() {
  clearTimeout(timer);
  timer = undefined;
  const all = [...rooms.values()];
  drawRooms(all, current, {
    go(name) {
      go(name);
      if (!drawers.close()) composer.focus();
    },
    leave,
  });
  const unread = all.reduce((sum, room) => sum + room.unread, 0);
  title(current?.name, unread);
  $('elsewhere').hidden = unread - (current?.unread ?? 0) === 0;
  write($('room-name'), current?.name ?? '');
  const people = current?.count ? count('members', current.count) : '';
  write($('member-count'), String(current?.count ?? 0));
  $('open-members').setAttribute('aria-label', people);
  drawMembers(current ?? { members: [], count: 0 }, client.name, people);
  write($('me-name'), client.name);
  if ($('me-avatar').dataset.name !== client.name) {
    $('me-avatar').dataset.name = client.name;
    $('me-avatar').replaceChildren(avatar(client.name));
  }
  drawTyping(current?.typing ?? []);
  composer.enabled = current !== null && current.state !== 'refused';
  connection.room(current?.state, current?.why);
  conversation.draw();
}

function drawTyping([a, b, more]) {
  $('typing').classList.toggle('on', a !== undefined);
  write($('typing-text'), more ? t('typing.many') : b ? t('typing.two', { a, b }) : a ? t('typing.one', { a }) : '');
}

// Days have other names after midnight.
function atMidnight() {
  const now = new Date();
  setTimeout(() => {
    draw();
    atMidnight();
  }, new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1) - now + 1_000);
}

// ---- The beginning

function begin(names, first) {
  for (const name of names) {
    rooms.set(name, new Room(name));
    client.join(name);
  }
  for (const post of client.unsent) {
    rooms.get(post.room)?.timeline.pending.push({ ...post, at: new Date(post.at), why: post.failed && reason(post.failed, post.why) });
  }
  go(rooms.has(first) ? first : names[0]);
  client.connect();
}

$('app').hidden = false;
watch(client, { window, document });
atMidnight();
const { visit } = store;
const session = client.rooms.length > 0;
const remembered = session ? client.rooms : store.person ? [] : visit.rooms ?? [];
const wanted = address.get('room');
const names = [...new Set([...remembered, ...wanted ? [wanted] : []])];
if (store.person && names.length === 0) names.push(t('welcome.room.first'));
if (client.name && names.length > 0) {
  begin(names, wanted ?? visit.current);
} else {
  draw();
  welcome.first({ name: client.name, room: wanted ?? t('welcome.room.first') }, ({ name, room }) => {
    if (rooms.size === 0) {
      client.name = name;
      begin([room], room);
      return;
    }
    client.rename(name); // it was taken, or is none
    const [only] = rooms.keys();
    if (only !== room) {
      leave(only);
      enter(room);
    }
  });
}
