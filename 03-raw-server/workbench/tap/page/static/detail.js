// An event in full: its facts, its payload in three ways, its bits, or the
// handshake explained.

import { bytes, language, t } from './i18n.js';

export class Detail {
  #root;

  constructor(root) {
    this.#root = root;
  }

  hide() {
    this.#root.hidden = true;
    this.#root.replaceChildren();
  }

  show(event) {
    const from = event.from ? t(`row.${event.from}`) : '';
    const title = event.kind === 'frame'
      ? t('detail.frame', { opcode: event.opcode, from, n: event.conn })
      : t('detail.event', { kind: t(`event.${event.kind}`), from, n: event.conn });
    const close = element('button', 'close', t('detail.close'));
    close.type = 'button';
    close.addEventListener('click', () => this.hide());
    const head = element('header');
    head.append(element('h2', '', title.replace(/\s+/g, ' ')), close);
    this.#root.replaceChildren(head, ...facts(event), ...contents(event), ...drawing(event), ...telling(event));
    this.#root.hidden = false;
    this.#root.scrollTop = 0;
  }
}

function element(name, className = '', text = '') {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text) e.textContent = text;
  return e;
}

function facts(event) {
  const list = [];
  if (event.broken) list.push(element('p', 'broken', t('row.broken', event.broken)));
  for (const fault of event.faults ?? []) list.push(element('p', 'broken', fault));
  if (event.header) list.push(element('p', 'facts', t('detail.facts', { header: bytes(event.header.length / 2), payload: bytes(event.length) })));
  if (event.came !== undefined) list.push(element('p', 'facts', t('detail.cut', { n: bytes(event.came) })));
  if (event.note) list.push(element('p', 'note', event.note));
  return list;
}

// contents are the payload, and the message if it was compressed.
function contents(event) {
  const list = [];
  if (event.close?.reason) list.push(element('pre', 'said', `${event.close.code} ${event.close.reason}`));
  else if (event.length) list.push(...tabs(event));
  if (event.inflated && !event.inflated.lost) {
    list.push(element('p', 'facts', t('detail.inflated', { n: bytes(event.inflated.length) })), ...tabs(event.inflated));
  }
  return list;
}

const encoder = new TextEncoder();

// content are the bytes of something that is text or in hexadecimal.
const content = ({ text, hex }) => (text ? encoder.encode(text) : Uint8Array.from(hex?.match(/../g) ?? [], (pair) => parseInt(pair, 16)));

const hexOf = (all, between = '') => [...all].map((b) => b.toString(16).padStart(2, '0')).join(between);

// tabs are the ways in which something can be shown.
function tabs({ text, hex, shortened }) {
  const ways = {};
  const json = text && parsed(text);
  if (json) ways['detail.json'] = JSON.stringify(json, null, 2);
  if (text) ways['detail.text'] = text;
  const all = content({ text, hex });
  ways['detail.hex'] = dump(all);
  const said = element('pre', 'said');
  const buttons = element('div', 'buttons');
  const show = (key) => {
    said.textContent = ways[key];
    for (const button of buttons.children) button.setAttribute('aria-pressed', button.dataset.way === key);
  };
  for (const key of Object.keys(ways)) {
    const button = element('button', '', t(key));
    button.type = 'button';
    button.dataset.way = key;
    button.addEventListener('click', () => show(key));
    buttons.append(button);
  }
  show(Object.keys(ways)[0]);
  const list = [buttons, said];
  if (shortened) list.push(element('p', 'facts', t('detail.shortened', { n: bytes(all.length) })));
  return list;
}

// parsed is JSON that is an object or an array, also behind the digits that
// Engine.IO and Socket.IO write before it.
function parsed(text) {
  const start = text.search(/[[{]/);
  if (start < 0 || !/^[\w/,-]*$/.test(text.slice(0, start))) return undefined;
  try {
    return JSON.parse(text.slice(start));
  } catch {
    return undefined;
  }
}

function dump(all) {
  const lines = [];
  for (let at = 0; at < all.length; at += 16) {
    const part = all.slice(at, at + 16);
    const hex = hexOf(part, ' ').padEnd(47);
    const letters = [...part].map((b) => (b > 31 && b < 127 ? String.fromCharCode(b) : '·')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex}  ${letters}`);
  }
  return lines.join('\n');
}

// drawing asks the tap for the frame bit by bit.
function drawing(event) {
  if (event.kind !== 'frame') return [];
  const bits = element('pre', 'bits');
  const all = content(event);
  const query = new URLSearchParams({ header: event.header, payload: hexOf(all.slice(0, 16)), ...event.compressed && { compressed: '' } });
  fetch(`drawing?${query}`).then((answer) => answer.text()).then((text) => { bits.textContent = text; }, () => {}); // the tap has gone, and the page says so
  return [element('h3', '', t('detail.bits')), bits];
}

// telling is the handshake line by line, as step 02 explains it.
function telling(event) {
  const told = event.telling?.[language];
  if (!told) return [];
  const list = [element('p', 'verdict', told.verdict)];
  for (const [key, lines] of [['detail.request', told.request], ['detail.answer', told.answer]]) {
    const explained = element('dl', 'lines');
    for (const line of lines) {
      explained.append(element('dt', line.bad ? 'bad' : '', line.text || '(CR LF)'), element('dd', '', line.section ? `${line.means} (${line.section.replace('section', t('detail.section'))})` : line.means));
    }
    list.push(element('h3', '', t(key)), explained);
  }
  if (told.proof) {
    list.push(element('h3', '', t('detail.proof')), element('pre', 'said', [told.proof.text, told.proof.sum, told.proof.accept].join('\n')));
  }
  return list;
}
