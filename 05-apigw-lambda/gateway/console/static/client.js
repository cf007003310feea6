// A small client, for an API whose clients are somebody else's.

import { $, h } from './dom.js';
import { bytes, clock, t } from './i18n.js';

const most = 200; // frames that are shown

export function client(address) {
  const url = new URL(address, document.baseURI);
  url.protocol = { 'http:': 'ws:', 'https:': 'wss:' }[url.protocol] ?? url.protocol;

  let socket;
  const at = h('input', { id: 'at', value: url.href, required: true, spellcheck: 'false', autocapitalize: 'off' });
  const protocol = h('input', { id: 'protocol', spellcheck: 'false', autocapitalize: 'off' });
  const open = h('button', { class: 'main', id: 'open' }, t('client.open'));
  const text = h('textarea', { id: 'text', rows: '4', spellcheck: 'false' });
  text.value = '{"action": ""}';
  const send = h('button', { class: 'main', id: 'send', disabled: true }, t('client.send'));
  const frames = h('ol', { class: 'frames-list', role: 'log', 'aria-label': t('client.frames') });

  const say = (kind, what) => {
    frames.append(h('li', { class: kind }, h('time', {}, clock(new Date())), h('span', { 'aria-hidden': 'true' }, { in: '←', out: '→' }[kind] ?? '·'), h('span', { class: 'said' }, what)));
    while (frames.children.length > most) frames.firstChild.remove();
    frames.scrollTop = frames.scrollHeight;
  };
  const state = (connected) => {
    open.textContent = t(connected ? 'client.close' : 'client.open');
    send.disabled = !connected;
  };
  const connect = () => {
    try {
      socket = new WebSocket(at.value, protocol.value.split(',').map((p) => p.trim()).filter(Boolean));
    } catch (err) {
      say('note', err.message); // an address or a subprotocol that is none
      return;
    }
    const own = socket;
    let was = false;
    own.addEventListener('open', () => {
      was = true;
      say('note', own.protocol ? t('client.opened.protocol', { protocol: own.protocol }) : t('client.opened'));
      text.focus();
    });
    own.addEventListener('message', ({ data }) => say('in', typeof data === 'string' ? data : bytes(data.size)));
    own.addEventListener('close', ({ code, reason }) => {
      say('note', was ? t('client.closed', { code, reason }) : t('client.refused')); // a browser tells a page nothing of the refusal
      if (socket !== own) return;
      socket = undefined;
      state(false);
    });
    own.addEventListener('open', () => state(true));
  };
  const sendText = () => {
    if (socket?.readyState !== WebSocket.OPEN) return;
    socket.send(text.value);
    say('out', text.value);
  };
  const form = (act, ...children) => h('form', { autocomplete: 'off', onsubmit(event) { event.preventDefault(); act(); } }, ...children);
  const field = (input, label, hint) => h('p', { class: 'field' }, h('label', { for: input.id }, t(label)), input, hint ? h('span', { class: 'small' }, t(hint)) : undefined);
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    sendText();
  });
  $('beside').append(h('header', {}, h('h2', {}, t('client.title'))),
    h('div', { class: 'client' },
      form(() => (socket ? socket.close(1000) : connect()), field(at, 'client.url'), field(protocol, 'client.protocol'), open),
      form(sendText, field(text, 'client.text', 'client.text.hint'), send), frames));
}
