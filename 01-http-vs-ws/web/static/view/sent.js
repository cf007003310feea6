// The last messages that went up, the latest first.

import { ms, t, time } from '../i18n.js';

const keep = 6;
const ways = ['fresh', 'kept', 'socket'];

export class SentView {
  #table;
  #body;

  constructor(parent) {
    this.#table = document.createElement('table');
    const head = this.#table.createTHead().insertRow();
    for (const name of ['rtt', ...ways]) {
      const th = document.createElement('th');
      th.scope = 'col';
      th.textContent = t(`up.${name}`);
      head.append(th);
    }
    this.#body = this.#table.createTBody();
    this.#table.hidden = true;
    parent.append(this.#table);
  }

  // add shows how long each way took, at a round trip of rtt.
  add(rtt, took) {
    this.#table.hidden = false;
    const row = this.#body.insertRow(0);
    row.insertCell().textContent = time(rtt);
    for (const way of ways) {
      const { ms: value, number } = took[way];
      const cell = row.insertCell();
      cell.dataset.way = way;
      const figure = document.createElement('b');
      figure.textContent = `${ms(value)} ms`;
      cell.append(figure);
      if (number) {
        const note = document.createElement('small');
        note.textContent = t(number === 1 ? 'up.new' : 'up.again', { number });
        cell.append(' ', note);
      }
    }
    while (this.#body.rows.length > keep) this.#body.deleteRow(-1);
  }
}
