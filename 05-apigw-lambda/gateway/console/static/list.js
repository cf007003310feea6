// The list of what happened: one line for each group, which unfolds. Its end
// stays in sight until somebody scrolls away from it.

import { short, tint } from './connection.js';
import { detail } from './detail.js';
import { h, write } from './dom.js';
import { clock, duration, t } from './i18n.js';
import { because } from './why.js';

export class List {
  #root;
  #latest;
  #fits = () => true;
  #rows = new Map(); // of groups, by their key
  #changed = new Set();
  #asked = false;
  #follow = true;
  #gone = () => false;

  constructor(root, latest, gone) {
    this.#root = root;
    this.#latest = latest;
    this.#gone = gone;
    root.addEventListener('scroll', () => {
      this.#follow = root.scrollTop + root.clientHeight >= root.scrollHeight - 24;
      latest.hidden = this.#follow;
    });
    latest.addEventListener('click', () => {
      this.#follow = true;
      this.#settle();
      root.querySelector('li:last-child summary')?.focus({ preventScroll: true });
    });
    root.addEventListener('keydown', (event) => {
      const step = { ArrowUp: 'previousElementSibling', ArrowDown: 'nextElementSibling' }[event.key];
      if (!step || event.target.localName !== 'summary') return;
      event.preventDefault();
      let li = event.target.closest('li')[step];
      while (li?.hidden) li = li[step];
      li?.querySelector('summary').focus();
    });
  }

  // show draws groups that are new or have changed, when the browser draws.
  show(groups) {
    for (const group of groups) this.#changed.add(group);
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  filter(fits) {
    this.#fits = fits;
    for (const row of this.#rows.values()) row.li.hidden = !fits(row.group);
    this.#settle();
  }

  clear() {
    this.#rows.clear();
    this.#changed.clear();
    this.#root.replaceChildren();
    this.#latest.hidden = this.#follow = true;
  }

  // visible is how many lines there are to see.
  get visible() {
    return [...this.#rows.values()].filter(({ li }) => !li.hidden).length;
  }

  get length() {
    return this.#rows.size;
  }

  #draw() {
    for (const [key, row] of this.#rows) {
      if (!this.#gone(row.group)) break; // they go in the order in which they came
      row.li.remove();
      this.#rows.delete(key);
    }
    for (const group of this.#changed) {
      if (this.#gone(group)) continue;
      let row = this.#rows.get(group.key);
      if (!row) {
        row = new Row(group);
        this.#rows.set(group.key, row);
        this.#root.append(row.li);
      }
      row.update();
      row.li.hidden = !this.#fits(group);
    }
    this.#changed.clear();
    this.#settle();
    this.#root.dispatchEvent(new Event('drawn'));
  }

  #settle() {
    if (this.#follow) this.#root.scrollTop = this.#root.scrollHeight;
    this.#latest.hidden = this.#follow;
  }
}

class Row {
  #cells = {};
  #inside;
  #details;

  constructor(group) {
    this.group = group;
    const cell = (name, tag = 'span') => (this.#cells[name] = h(tag, { class: name }));
    const summary = h('summary', {},
      cell('at', 'time'), cell('who'), cell('key', 'code'), cell('text'), cell('outcome'),
      h('span', { class: 'second' }, cell('why'), cell('work')));
    this.#inside = h('div', { class: 'inside' });
    this.#details = h('details', { ontoggle: () => this.#unfold() }, summary, this.#inside);
    this.li = h('li', { 'data-kind': group.kind }, this.#details);
  }

  #unfold() {
    this.#inside.replaceChildren(...this.#details.open ? detail(this.group) : []);
  }

  update() {
    const group = this.group;
    this.li.toggleAttribute('data-failed', group.failed);
    write(this.#cells.at, clock(group.at));
    write(this.#cells.who, short(group.connection));
    this.#cells.who.dataset.tint = tint(group.connection);
    write(this.#cells.key, `${arrows[group.kind]} ${group.kind === 'post' ? group.method : group.route || t('row.noroute')}`);
    write(this.#cells.text, group.text ?? '');
    write(this.#cells.outcome, outcome(group));
    write(this.#cells.why, because(group.error || group.why));
    write(this.#cells.work, work(group));
    if (this.#details.open) this.#unfold();
  }
}

const arrows = { connect: '→', message: '→', disconnect: '×', post: '←' };

function outcome({ status, failed }) {
  if (failed) return status && (status >= 1000 || status >= 400) ? `${status}` : t('row.failed');
  return status ? `${status}` : '';
}

// work says who did it and how long it took.
function work({ integration, function: name, micros, cold, environment, warned }) {
  const parts = [];
  if (name) parts.push(environment ? `${name} #${environment}` : name);
  else if (integration) parts.push(integration);
  if (cold) parts.push(t('row.cold'));
  if (micros !== undefined) parts.push(duration(micros));
  if (warned) parts.push(t('row.warned'));
  return parts.join(' · ');
}
