// The payload byte by byte: as it was on the wire, the key, and what it means.

import { binary, hex, hexBytes, onWire } from '../bits.js';
import { bytes, t } from '../i18n.js';

const first = 12; // rows, until more are asked for

export function drawBytes(root, frame) {
  const plain = hexBytes(frame.payload);
  if (!plain.length) {
    root.replaceChildren();
    return;
  }
  const key = frame.key && hexBytes(frame.key);
  const wire = onWire(frame);
  const letters = frame.compressed || frame.kind === 'binary' ? undefined : characters(plain, frame.close ? 2 : 0);
  if (frame.close) letters.splice(0, 2, frame.close.code, '└');

  const table = element('table');
  const heads = key ? ['table.wire', 'table.key', 'table.payload'] : ['table.plain'];
  const head = element('tr');
  head.append(cell('th', '', '#'));
  for (const name of heads) head.append(cell('th', '', t(name)));
  if (letters) head.append(cell('th', 'letter', t('table.character')));
  table.append(wrap('thead', [head]));

  const body = element('tbody');
  const rows = [...plain].map((byte, i) => {
    const row = element('tr');
    row.append(cell('th', '', i, 'row'));
    if (key) {
      row.append(byteCell('wire', wire[i]), byteCell('key', key[i % 4], i % 4));
    }
    row.append(byteCell('payload', byte));
    if (letters) row.append(cell('td', 'letter', letters[i]));
    return row;
  });
  body.append(...rows.slice(0, first));
  table.append(body);
  const scroll = wrap('div', [table]);
  scroll.className = 'scroll';
  root.replaceChildren(scroll);

  if (rows.length > first) {
    const more = element('button');
    more.type = 'button';
    more.textContent = t('table.more', { n: rows.length - first });
    more.addEventListener('click', () => {
      body.append(...rows.slice(first));
      more.remove();
      scroll.className = 'scroll all';
      scroll.tabIndex = 0;
      scroll.setAttribute('aria-label', t('table.label'));
      scroll.setAttribute('role', 'region');
      scroll.focus();
    });
    root.append(more);
  }
  if (frame.length > plain.length) {
    const rest = element('p');
    rest.className = 'small';
    rest.textContent = t('table.rest', { n: bytes(frame.length - plain.length) });
    root.append(rest);
  }
}

// characters of UTF-8, each beside its first byte.
function characters(plain, skip) {
  const out = [...plain].map(() => '');
  const whole = new TextDecoder();
  for (let i = skip; i < plain.length;) {
    const byte = plain[i];
    const n = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    const text = whole.decode(plain.slice(i, i + n));
    out[i] = byte === 0x20 ? '␣' : text.includes('\ufffd') || byte < 0x20 ? '·' : text;
    for (let k = 1; k < n && i + k < plain.length; k++) out[i + k] = '└';
    i += n;
  }
  return out;
}

function byteCell(kind, byte, index) {
  const td = cell('td', kind, '');
  const bits = cell('span', 'octet', `${binary(byte).slice(0, 4)}\u2009${binary(byte).slice(4)}`);
  td.append(bits, ' ', cell('b', '', hex(byte)));
  if (index !== undefined) td.dataset.key = index;
  return td;
}

const element = (name) => document.createElement(name);

function cell(name, className, text, scope = 'col') {
  const e = element(name);
  if (className) e.className = className;
  e.textContent = text;
  if (name === 'th') e.scope = scope;
  return e;
}

function wrap(name, children) {
  const e = element(name);
  e.append(...children);
  return e;
}
