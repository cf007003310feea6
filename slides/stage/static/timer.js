// How long the talk has lasted, and each block of it. It is kept in the
// browser, so that a reload, or a crash, takes no minute away.

const key = 'slides.presenter.time';

export class Timer {
  constructor(storage = localStorage, now = Date.now) {
    this.storage = storage;
    this.now = now;
    this.load();
  }

  // load reads what is kept, maybe by another window.
  load() {
    // since: when the block that is on began to count; null while it is paused.
    this.kept = { since: null, block: '', used: {} };
    try {
      Object.assign(this.kept, JSON.parse(this.storage.getItem(key)));
    } catch { /* somebody else's, or broken: begin anew */ }
  }

  get running() { return this.kept.since !== null; }
  get begun() { return this.running || this.elapsed() > 0; }

  // used is the time of a block, in ms.
  used(block) {
    const on = this.running && block === this.kept.block ? this.now() - this.kept.since : 0;
    return (this.kept.used[block] ?? 0) + on;
  }

  elapsed() {
    return [...new Set([...Object.keys(this.kept.used), this.kept.block])].reduce((sum, block) => sum + this.used(block), 0);
  }

  // enter is called with the block that is on.
  enter(block) {
    if (block !== this.kept.block) this.change({ block });
  }

  start() { if (!this.running) this.change({ since: this.now() }); }
  pause() { if (this.running) this.change({ since: null }); }
  reset() { this.change({ since: null, used: {} }); }

  change(what) {
    const { since, block, used } = this.kept;
    this.kept = {
      since: since === null ? null : this.now(),
      block,
      used: { ...used, [block]: this.used(block) },
      ...what,
    };
    try {
      this.storage.setItem(key, JSON.stringify(this.kept));
    } catch { /* then a reload begins anew */ }
  }
}
