// The diagram of RFC 6455, section 5.2, with the bits of a frame in it. One
// field is reached with Tab, the others with the arrow keys.

import { binary, cells, fields, hex, hexBytes, onWire } from '../bits.js';
import { t } from '../i18n.js';
import { explain } from './explain.js';

const narrow = matchMedia('(max-width: 46rem)');

export class Diagram {
  #root;
  #box; // where a field is explained
  #frame;
  #chosen = 'fin';

  constructor(root, box) {
    this.#root = root;
    this.#box = box;
    narrow.addEventListener('change', () => this.#frame && this.draw(this.#frame));
    // Between the fields, where a page that scrolls may have put the pointer,
    // the field that has the focus is explained.
    root.addEventListener('pointerover', ({ target }) => this.#tell(target.closest('[data-field]')?.dataset.field ?? this.#focused()));
    root.addEventListener('pointerleave', () => this.#tell(this.#focused()));
    root.addEventListener('focusin', ({ target }) => this.#choose(target.dataset.field));
    root.addEventListener('focusout', () => this.#tell());
    root.addEventListener('keydown', (press) => this.#key(press));
  }

  // draw shows a frame; blank shows the fields of one without its bits.
  draw(frame, blank = false) {
    this.#frame = blank ? undefined : frame;
    const columns = narrow.matches ? 16 : 32;
    const wire = onWire(frame);
    const list = fields(frame);
    const header = hexBytes(frame.header);
    // The payload fills the row in which it begins, and at least one more.
    const fill = (columns / 8 - header.length % (columns / 8)) % (columns / 8);
    const shown = Math.min(wire.length, fill + columns / 8 * (fill < 2 ? 2 : 1));
    if (shown) list.push({ id: 'payload', name: 'Payload Data', bits: 8 * shown, bytes: [...wire.slice(0, shown)] });
    const bits = [...header, ...wire].map(binary).join('');
    const plain = hexBytes(frame.payload);

    const focused = this.#root.contains(document.activeElement);
    this.#root.replaceChildren(ruler(columns), ...cells(list, columns).map((cell) => {
      const { field, part } = cell;
      const first = part === 0 && !blank;
      const box = document.createElement(first ? 'button' : 'span');
      box.className = 'cell';
      box.dataset.field = field.id;
      place(box, cell.row + 2, cell.column, cell.bits);
      if (first) {
        const { value, name, why, section } = explain(field, frame);
        box.type = 'button';
        box.tabIndex = field.id === this.#chosen ? 0 : -1;
        box.setAttribute('aria-label', `${field.name}: ${[value, name].filter((x) => x !== undefined && x !== '').join(', ')}. ${why} ${section}`);
      } else {
        box.setAttribute('aria-hidden', 'true');
      }
      if (field.bytes) box.dataset.key = part % 4;
      if (frame.key && field.id === 'payload') box.dataset.masked = '';
      if (cell.bits === 1) box.classList.add('flag');
      if (cell.column + cell.bits === columns || cell.end) box.classList.add('last');
      box.append(bitRow(bits.slice(cell.at, cell.at + cell.bits), blank), ...labels(cell, frame, plain, blank));
      return box;
    }));
    if (!blank && !this.#root.querySelector('[tabindex="0"]')) this.#root.querySelector('button').tabIndex = 0;
    this.#tell();
    if (focused) this.#root.querySelector('[tabindex="0"]').focus();
    this.#root.classList.remove('fresh');
    void this.#root.offsetWidth; // so that the animation begins anew
    if (!blank) this.#root.classList.add('fresh');
  }

  #focused() {
    return this.#root.contains(document.activeElement) ? this.#chosen : undefined;
  }

  #choose(id) {
    this.#chosen = id;
    for (const button of this.#root.querySelectorAll('button')) button.tabIndex = button.dataset.field === id ? 0 : -1;
    this.#tell(id);
  }

  #tell(id) {
    for (const cell of this.#root.querySelectorAll('.cell')) cell.classList.toggle('on', cell.dataset.field === id);
    const button = id && this.#root.querySelector(`button[data-field="${id}"]`);
    const text = document.createElement('p');
    if (!button || !this.#frame) {
      text.textContent = this.#frame ? t('diagram.hint') : t('diagram.empty');
      text.className = 'hint';
    } else {
      const field = fields(this.#frame).find((f) => f.id === id) ?? { id, name: 'Payload Data' };
      const { value, name, why, section } = explain(field, this.#frame);
      const head = document.createElement('strong');
      head.textContent = `${field.name}${value === '' ? '' : ` = ${value}`}${name ? ` ${name}` : ''}`;
      const where = document.createElement('span');
      where.className = 'section';
      where.textContent = section;
      text.append(head, ` ${why} `, where);
    }
    this.#box.replaceChildren(text);
  }

  #key(press) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[press.key];
    if (!step) return;
    press.preventDefault();
    const buttons = [...this.#root.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement) + step;
    buttons[Math.max(0, Math.min(buttons.length - 1, at))].focus();
  }
}

function place(element, row, column, span) {
  element.style.gridRow = row;
  element.style.gridColumn = `${column + 1} / span ${span}`;
  element.style.setProperty('--bits', span);
}

function ruler(columns) {
  const box = document.createElement('span');
  box.className = 'ruler';
  box.setAttribute('aria-hidden', 'true');
  place(box, 1, 0, columns);
  for (let i = 0; i < columns; i++) {
    const tick = document.createElement('i');
    tick.textContent = i;
    box.append(tick);
  }
  return box;
}

function bitRow(digits, blank) {
  const row = document.createElement('span');
  row.className = 'bits';
  for (const digit of digits) {
    const bit = document.createElement('i');
    bit.textContent = blank ? '·' : digit;
    if (digit === '1' && !blank) bit.className = 'one';
    row.append(bit);
  }
  return row;
}

// labels of a cell: the field's name, and what the bits mean.
function labels({ field, part }, frame, plain, blank) {
  const label = (className, text) => {
    const span = document.createElement('span');
    span.className = className;
    span.textContent = text;
    return span;
  };
  const name = label('name', part === 0 || field.id === 'payload' ? field.name : field.bytes ? '' : t('diagram.continued', { name: field.name }));
  if (blank) return part === 0 ? [name] : [];
  switch (field.id) {
    case 'key': return [part ? label('name', '') : name, label('value', hex(field.bytes[part]))];
    case 'payload': {
      const byte = field.bytes[part];
      const head = label('name', part === 0 ? field.name : t('diagram.byte', { n: part }));
      return [head, label('value', frame.key ? `${hex(byte)} → ${hex(plain[part])}` : hex(byte))];
    }
    case 'opcode': return [name, label('value', frame.opcode === 'continuation' ? 'cont.' : frame.opcode)];
    case 'len':
    case 'ext': return part ? [name] : [name, label('value', explain(field, frame).value)];
    default: return [name];
  }
}
