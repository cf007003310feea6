// What is known of one lane: how late, how faithful, how dear.

import { Costs } from './costs.js';
import { Ledger } from './ledger.js';
import { Stats } from './stats.js';

export class Book {
  #countFrom = Infinity; // events due from this moment on are counted
  #silentFrom = Infinity; // from this moment on there is nothing to bring
  #received = 0;
  stats = new Stats();
  ledger;
  costs = new Costs();

  constructor(after) {
    this.ledger = new Ledger(after);
  }

  // receive enters an event at the moment at which the lane brought it.
  receive({ n, at }, moment) {
    this.#received++;
    const due = at / 1000;
    if (this.ledger.enter(n) && due >= this.#countFrom) this.stats.add(moment - due);
  }

  // count enters the server's counters of a moment.
  count(counters, moment) {
    if (moment > this.#silentFrom) this.costs.updateSilent(counters, moment);
    else if (moment > this.#countFrom) this.costs.update(counters, this.#received);
    else this.costs.now = counters;
  }

  // startAnew begins new statistics with the events that are due from a
  // moment on.
  startAnew(from) {
    this.#countFrom = from;
    this.#silentFrom = Infinity;
    this.stats = new Stats();
    this.ledger.startAnew();
    this.costs.startAnew();
  }

  // fallSilent stops counting by the event, and from a moment on counts what
  // it costs to wait.
  fallSilent(from) {
    this.#countFrom = Infinity;
    this.#silentFrom = from;
    this.costs.startAnew();
  }
}
