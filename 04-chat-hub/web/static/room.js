// A room as the page knows it, without a page.

import { Timeline } from './timeline.js';

const typingFor = 5_000;

export class Room {
  timeline = new Timeline();
  members = new Set();
  count = 0; // of members, of whom a long list names only the first
  version = 0; // of the two
  state = 'joining'; // joined, taken, refused
  why = ''; // it is refused
  fresh = true; // it has not got its history yet
  unread = 0;
  divider = ''; // the cursor of the first message that was new
  draft = '';
  #typing = new Map(); // timers, by name

  constructor(name) { this.name = name; }

  joined({ members, count, lost }) {
    this.state = 'joined';
    this.setMembers(members, count);
    if (!lost) return;
    this.timeline.clear();
    this.fresh = true;
  }

  setMembers(members, count) {
    this.version++;
    this.members = new Set(members);
    this.count = Math.max(count ?? 0, this.members.size);
  }

  presence({ name, state }) {
    this.version++;
    if (state === 'joined') {
      if (!this.members.has(name)) this.count++;
      this.members.add(name);
    } else {
      this.members.delete(name);
      this.count = Math.max(this.count - 1, this.members.size);
      this.stopTyping(name);
    }
  }

  get typing() { return [...this.#typing.keys()]; }

  // type notes that somebody types, until it has not been said for a while.
  type(name, changed) {
    clearTimeout(this.#typing.get(name));
    this.#typing.set(name, setTimeout(() => {
      this.#typing.delete(name);
      changed();
    }, typingFor));
  }

  stopTyping(name) {
    clearTimeout(this.#typing.get(name));
    this.#typing.delete(name);
  }

  // isNew notes a message that nobody has seen.
  isNew(cursor) {
    if (this.unread++ === 0) this.divider = cursor;
  }
}
