// What the page knows of the latest events: when each was due, and when each
// lane brought it. As soon as one lane knows an event, the others are seen
// to wait for it.

const keep = 3000;

export class Events {
  list = []; // {n, at, got: {lane: moment}}, in order of n; moments are the server's, in ms

  // receive enters an event that a lane brought at a moment.
  receive(lane, { n, at }, moment) {
    const list = this.list;
    let i = list.length;
    while (i > 0 && list[i - 1].n > n) i--;
    if (i === 0 || list[i - 1].n !== n) {
      list.splice(i, 0, { n, at: at / 1000, got: {} });
      i++;
    }
    list[i - 1].got[lane] ??= moment;
    if (list.length > keep) list.splice(0, keep / 2);
  }
}
