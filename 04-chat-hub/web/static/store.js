// What the page remembers: a session for this tab, which a reload goes on
// with, and a visit for the next time. A browser may refuse either.

function storage(kind) {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

function read(kind, key) {
  try {
    return JSON.parse(storage(kind).getItem(key));
  } catch {
    return null;
  }
}

function write(kind, key, value) {
  try {
    storage(kind).setItem(key, JSON.stringify(value));
  } catch {
    // Then it is forgotten.
  }
}

// A Store is for one person. Frames of one page share the tab's session:
// with a name in their address they are different people, with one each.
export class Store {
  constructor(person) {
    this.person = person;
    this.key = person ? `chat of ${person}` : 'chat';
  }

  load() { return read('sessionStorage', this.key); }
  save(state) { write('sessionStorage', this.key, state); }

  get visit() { return (!this.person && read('localStorage', this.key)) || {}; }
  set visit(visit) { if (!this.person) write('localStorage', this.key, visit); }
}
