// A room's messages in their order, without a page: the stored ones by their
// cursors, each once, and below them our own that are still on their way.

const cap = 1_000; // messages a room keeps; older ones are asked for again

export class Timeline {
  messages = []; // { cursor, id, from, text, at }, by cursor
  pending = []; // { id, text, at, failed? }, as they were sent
  more = true; // there may be older ones

  // add puts a message where it belongs. It says whether it is new.
  add(message) {
    this.pending = this.pending.filter((p) => !(message.own && p.id === message.id));
    const at = this.#place(message.cursor);
    if (this.messages[at]?.cursor === message.cursor) {
      this.messages[at] = message; // the time of a message that was ours is the server's
      return false;
    }
    this.messages.splice(at, 0, message);
    return true;
  }

  // sent turns a message that was on its way into one of the room's. The
  // server's own copy of it comes later, or was here before.
  sent(id, cursor, from) {
    const post = this.pending.find((p) => p.id === id);
    if (!post) return;
    this.pending = this.pending.filter((p) => p !== post);
    const at = this.#place(cursor);
    if (this.messages[at]?.cursor !== cursor) this.messages.splice(at, 0, { cursor, id, from, own: true, text: post.text, at: post.at });
  }

  // trim forgets the oldest.
  trim() {
    if (this.messages.length <= cap) return;
    this.messages.splice(0, this.messages.length - cap);
    this.more = true;
  }

  get crowded() { return this.messages.length > 3 * cap; }

  clear() {
    this.messages = [];
    this.more = true;
  }

  #place(cursor) {
    let [low, high] = [0, this.messages.length];
    if (high === 0 || this.messages[high - 1].cursor < cursor) return high; // as most do
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.messages[middle].cursor < cursor) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
