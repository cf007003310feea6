// A list of any length. In the document are only the rows that can be seen;
// an element as tall as all of them makes the room to scroll in.

import { columns } from './row.js';
import { t } from './i18n.js';

const rowHeight = 28; // the one of .row in list.css

export class List {
  #root;
  #room;
  #latest;
  #chosen; // told which was chosen
  #events = [];
  #at = -1; // which is chosen
  #follow = true; // the end stays in sight
  #asked = false; // a drawing is asked for
  #rows = new Map(); // those in the document, by their index

  constructor(root, latest, chosen) {
    this.#root = root;
    this.#room = root.querySelector('.room');
    this.#latest = latest;
    this.#chosen = chosen;
    latest.textContent = t('latest');
    latest.addEventListener('click', () => {
      this.#follow = true;
      this.grow();
    });
    root.addEventListener('scroll', () => {
      this.#follow = root.scrollTop + root.clientHeight >= root.scrollHeight - rowHeight;
      this.#ask();
    });
    new ResizeObserver(() => this.grow()).observe(root);
    root.addEventListener('click', (event) => {
      const row = event.target.closest('.row');
      if (row) this.#choose(Number(row.dataset.index));
    });
    root.addEventListener('keydown', (event) => {
      const page = Math.max(1, Math.floor(root.clientHeight / rowHeight) - 1);
      const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity }[event.key];
      if (step === undefined || this.#events.length === 0) return;
      event.preventDefault();
      this.#choose(Math.min(this.#events.length - 1, Math.max(0, this.#at + step)));
    });
  }

  // reset shows other events. What was chosen stays so if it is among them.
  reset(events) {
    const before = this.#events[this.#at];
    this.#events = events;
    this.#at = before ? events.indexOf(before) : -1;
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.grow();
  }

  // grow shows that there are more.
  grow() {
    this.#room.style.height = `${this.#events.length * rowHeight}px`;
    if (this.#follow) this.#root.scrollTop = this.#root.scrollHeight;
    this.#ask();
  }

  #choose(index) {
    this.#at = index;
    const top = index * rowHeight;
    if (top < this.#root.scrollTop) this.#root.scrollTop = top;
    if (top + rowHeight > this.#root.scrollTop + this.#root.clientHeight) this.#root.scrollTop = top + rowHeight - this.#root.clientHeight;
    this.#chosen(this.#events[index]);
    this.#ask();
  }

  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #draw() {
    const first = Math.max(0, Math.floor(this.#root.scrollTop / rowHeight) - 5);
    const last = Math.min(this.#events.length, Math.ceil((this.#root.scrollTop + this.#root.clientHeight) / rowHeight) + 5);
    for (const [index, row] of this.#rows) {
      if (index >= first && index < last) continue;
      row.remove();
      this.#rows.delete(index);
    }
    for (let index = first; index < last; index++) {
      if (!this.#rows.has(index)) this.#rows.set(index, this.#row(index));
      this.#rows.get(index).setAttribute('aria-selected', index === this.#at);
    }
    this.#latest.hidden = this.#follow;
    if (this.#rows.has(this.#at)) this.#root.setAttribute('aria-activedescendant', `row-${this.#at}`);
    else this.#root.removeAttribute('aria-activedescendant');
  }

  #row(index) {
    const event = this.#events[index];
    const row = document.createElement('div');
    row.className = 'row';
    row.id = `row-${index}`;
    row.role = 'option';
    row.dataset.index = index;
    row.dataset.kind = event.kind;
    row.dataset.from = event.from ?? '';
    if (event.broken || event.faults) row.dataset.broken = '';
    row.ariaSetSize = this.#events.length;
    row.ariaPosInSet = index + 1;
    row.style.top = `${index * rowHeight}px`;
    for (const [name, text] of Object.entries(columns(event))) {
      const cell = document.createElement('span');
      cell.className = name;
      cell.textContent = text;
      row.append(cell);
    }
    this.#room.append(row);
    return row;
  }
}
