// The books of one lane: has every event come, once, and in order? Events
// are numbered without gaps, so the numbers tell.

export class Ledger {
  #highest;
  #missing = new Set();
  repeated = 0;
  reordered = 0;

  constructor(after) {
    this.#highest = after;
  }

  // enter takes the number of an event, and returns whether it is a new one.
  enter(n) {
    if (n > this.#highest) {
      for (let gap = this.#highest + 1; gap < n; gap++) this.#missing.add(gap);
      this.#highest = n;
      return true;
    }
    if (this.#missing.delete(n)) {
      this.reordered++;
      return true;
    }
    this.repeated++;
    return false;
  }

  // lost counts the gaps in the numbers.
  get lost() {
    return this.#missing.size;
  }

  // startAnew forgets the faults, and what was seen before.
  startAnew() {
    this.#missing.clear();
    this.repeated = this.reordered = 0;
  }
}
