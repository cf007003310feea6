// What was told, and which of it fits the filters.

import { kindOf } from './row.js';

export class Store {
  most = 100_000; // events that are kept
  all = [];
  shown = []; // those that fit
  #wants = () => true;

  // add takes events, and says whether old ones had to go.
  add(events) {
    for (const event of events) {
      this.all.push(event);
      if (this.#wants(event)) this.shown.push(event);
    }
    if (this.all.length <= this.most) return false;
    // A tenth at a time: to move an array costs as much as it is long.
    this.all = this.all.slice(this.all.length - this.most * 0.9);
    this.#choose();
    return true;
  }

  clear() {
    this.all = [];
    this.shown = [];
  }

  filter({ search, from, conn, kinds, broken }) {
    this.#wants = (event) => (!from || !event.from || event.from === from)
      && (!conn || event.conn === conn)
      && (!broken || event.broken || event.faults)
      && kinds.has(kindOf(event))
      && (!search || contains(event, search));
    this.#choose();
  }

  #choose() {
    this.shown = this.all.filter(this.#wants);
  }
}

const contains = (event, search) => [event.text, event.inflated?.text, event.note, event.hex, event.close?.reason]
  .some((text) => text?.toLowerCase().includes(search));
