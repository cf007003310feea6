// The messages of the current room, and the way up and down through them.

import { count, day, moment, t, time } from '../i18n.js';
import { $, h, icon, reconcile, write } from './dom.js';
import { avatar, tint } from './people.js';

const together = 5 * 60_000; // messages of one person this close are one group
const near = 48; // pixels from the end that count as there

export class Conversation {
  #log = $('log');
  #list = $('messages');
  #room = null;
  #following = true; // what is new scrolls into view
  #actions;

  // actions: older(room), read(room), retry(id), discard(id).
  constructor(actions) {
    this.#actions = actions;
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    $('latest').addEventListener('click', () => this.latest());
    new ResizeObserver(() => { if (this.#following) this.#toEnd(); }).observe(this.#log);
  }

  get following() { return this.#following; }

  // show draws a room: at its first new message, else at its end.
  show(room) {
    this.#room = room;
    this.#list.replaceChildren();
    this.#list.nodes = undefined;
    this.#log.setAttribute('aria-label', room ? t('log.label', { room: room.name }) : '');
    this.#following = true;
    this.draw();
    this.#toEnd();
    const divider = this.#list.querySelector('.divider');
    if (divider && room.unread > 0 && divider.offsetTop < this.#log.scrollTop) this.#log.scrollTop = divider.offsetTop - 24;
    this.#scrolled();
  }

  latest() {
    this.#following = true;
    this.#toEnd();
    this.#scrolled();
  }

  // draw shows what has changed. Who reads further up stays there, whatever
  // comes above and below.
  draw() {
    const room = this.#room;
    if (!room) {
      this.#list.replaceChildren();
      this.#list.nodes = undefined;
      write($('older'), t('rooms.none'));
      $('latest').hidden = true;
      return;
    }
    const { timeline } = room;
    if (this.#following || timeline.crowded) timeline.trim();
    const anchor = this.#following ? null : this.#anchor();
    reconcile(this.#list, items(room), { make: (item) => make(item, this.#actions), update });
    const empty = timeline.messages.length + timeline.pending.length === 0;
    const waits = room.state === 'joining' || room.fresh;
    write($('older'), empty ? (waits || room.state !== 'joined' ? '' : t('log.empty')) : timeline.more ? t('log.older') : timeline.unknown ? '' : t('log.beginning'));
    $('older').classList.toggle('alone', empty);
    if (this.#following) this.#toEnd();
    else if (anchor?.node.isConnected) this.#log.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
    this.#scrolled();
  }

  // anchor is the first message in view, and where it stands.
  #anchor() {
    const { top } = this.#log.getBoundingClientRect();
    for (const node of this.#list.children) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top && node.classList.contains('message')) return { node, top: box.top };
    }
    return null;
  }

  #toEnd() { this.#log.scrollTop = this.#log.scrollHeight; }

  #scrolled() {
    const log = this.#log;
    const room = this.#room;
    if (!room) return;
    this.#following = log.scrollHeight - log.scrollTop - log.clientHeight < near;
    if (this.#following && room.unread > 0 && document.visibilityState === 'visible') this.#actions.read(room);
    $('latest').hidden = this.#following;
    write($('latest-text'), room.unread > 0 ? count('new', room.unread) : t('log.latest'));
    if (log.scrollTop < log.clientHeight / 2 && room.timeline.more && !room.fresh && room.state === 'joined') this.#actions.older(room);
  }
}

// items are what stands in the list: days, the line above what is new, messages.
function items(room) {
  const list = [];
  const seen = new Set(); // of our own ids: a message keeps its element when it is stored
  let before = null;
  const all = [...room.timeline.messages, ...room.timeline.pending.map((p) => ({ ...p, own: true, state: p.failed ? 'failed' : 'sending' }))];
  for (const m of all) {
    m.date ??= m.at.toDateString();
    const newDay = m.date !== before?.m.date;
    const isNew = room.divider !== '' && m.cursor === room.divider;
    if (newDay) list.push({ key: `day ${m.date}`, kind: 'day', text: day(m.at) });
    if (isNew) list.push({ key: 'new', kind: 'divider', text: t('log.new') });
    const first = newDay || isNew || before.m.own !== m.own || !m.own && before.m.from !== m.from || m.at - before.m.at > together;
    if (before) before.last ||= first;
    const own = m.own && !seen.has(m.id);
    seen.add(m.id);
    before = { key: own ? `own ${m.id}` : `at ${m.cursor}`, kind: 'message', m, first, last: false };
    list.push(before);
  }
  if (before) before.last = true;
  // A clock that goes backwards would make a day twice.
  return list.filter((item, i) => item.kind !== 'day' || list.findIndex((other) => other.key === item.key) === i);
}

const emoji = /^(?=.*\p{Extended_Pictographic})[\p{Extended_Pictographic}\p{Emoji_Modifier}\u200d\ufe0f]{1,18}$/u;

function make(item, actions) {
  if (item.kind !== 'message') return h('li', { class: item.kind }, h('span', {}, item.text));
  const { m } = item;
  return h('li', { class: m.own ? 'message own' : 'message', 'data-id': m.id },
    m.own ? null : avatar(m.from),
    h('div', { class: 'body' },
      h('p', { class: 'author', 'data-tint': m.own ? undefined : tint(m.from) }, h('bdi', {}, m.own ? t('me.you') : m.from)),
      h('div', { class: emoji.test(m.text) ? 'bubble jumbo' : 'bubble' },
        h('p', { class: 'text', dir: 'auto' }, m.text),
        h('p', { class: 'meta' }, h('time'), m.own ? h('span', { class: 'tick' }) : null)),
      m.own ? h('div', { class: 'failure', hidden: true },
        h('span', {}),
        h('button', { type: 'button', onclick: () => actions.retry(m.id) }, t('failed.retry')),
        h('button', { type: 'button', onclick: () => actions.discard(m.id) }, t('failed.discard'))) : null));
}

function update(node, item) {
  if (item.kind !== 'message') {
    write(node.firstChild, item.text);
    return;
  }
  const { m, first, last } = item;
  const as = `${first} ${last} ${m.state} ${m.why} ${m.at.getTime()}`;
  if (node.drawnAs === as) return; // as most are, at each drawing
  node.drawnAs = as;
  node.classList.toggle('first', first);
  node.classList.toggle('last', last);
  node.querySelector('.author').classList.toggle('unseen', !first || Boolean(m.own));
  const when = node.querySelector('time');
  when.dateTime = m.at.toISOString();
  when.title = moment(m.at);
  when.textContent = time(m.at);
  if (m.own) updateTick(node, m);
}

function updateTick(node, m) {
  const state = m.state ?? 'sent';
  if (node.dataset.state !== state) {
    node.dataset.state = state;
    const text = t(`tick.${state}`);
    node.querySelector('.tick').replaceChildren(icon(state), h('span', { class: 'unseen' }, text));
    node.querySelector('.tick').title = text;
  }
  const failure = node.querySelector('.failure');
  failure.hidden = state !== 'failed';
  if (state === 'failed') write(failure.firstChild, m.why);
}
