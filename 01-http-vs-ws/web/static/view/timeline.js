// A lane as a picture: time runs from left to right and ends now. An event
// is a bar that begins when it is due and ends when this lane brings it, so
// the length of the bar is the latency. Until then the bar grows.
//
//	o=========■        due, waited, known
//	   o============   due, still waiting
//	               |   the lane asks
//
// Whoever prefers reduced motion sees the same without anything moving: the
// lane is written from left to right and over again.

import { marks } from '../lanes/all.js';
import { zoom } from './zoom.js';

const scale = 0.11; // pixels per millisecond: one second is 110 pixels
const bar = 6; // height of a bar
const pitch = 10; // from one row of bars to the next
const margin = 14; // at both ends
const flash = 400; // how long an arrival glows, in ms

const calm = matchMedia('(prefers-reduced-motion: reduce)');
const dark = matchMedia('(prefers-color-scheme: dark)');

export class Timeline {
  #canvas;
  #pen;
  #lane;
  #mark;
  #rows = []; // the latest event of each row
  #rowOf = new Map(); // by number of the event
  #asks = [];
  #width = 0;
  #height = 0;
  #colors;

  constructor(canvas, lane) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext('2d');
    this.#lane = lane.name;
    this.#mark = new Path2D(marks[lane.mark]);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    dark.addEventListener('change', () => this.#dress());
    this.#resize();
    this.#dress();
  }

  // dress takes the colours from the style sheet.
  #dress() {
    const style = getComputedStyle(this.#canvas);
    const [accent, line, now] = ['--accent', '--line', '--ink-soft'].map((name) => style.getPropertyValue(name));
    this.#colors = { accent, line, now };
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#canvas;
    const ratio = Math.min(devicePixelRatio, 2);
    this.#width = clientWidth / zoom();
    this.#height = clientHeight / zoom();
    this.#canvas.width = clientWidth * ratio;
    this.#canvas.height = clientHeight * ratio;
    this.#pen.setTransform(ratio * zoom(), 0, 0, ratio * zoom(), 0, 0);
  }

  // ask notes that the lane has asked the server at a moment.
  ask(moment) {
    this.#asks.push(moment);
    if (this.#asks.length > 1000) this.#asks.splice(0, 500);
  }

  startAnew() {
    this.#rows = [];
    this.#rowOf.clear();
    this.#asks = [];
  }

  // draw draws the lane as it is at a moment.
  draw(list, now) {
    const pen = this.#pen;
    const { accent, line, now: nowColor } = this.#colors;
    const from = now - (this.#width - 2 * margin) / scale;
    const x = this.#axis(from, now);

    pen.clearRect(0, 0, this.#width, this.#height);
    pen.fillStyle = line;
    for (let second = Math.ceil(from / 1000) * 1000; second < now; second += 1000) {
      pen.fillRect(Math.round(x(second)), 0, 1, this.#height);
    }
    pen.fillStyle = accent;
    for (const moment of this.#asks) {
      if (moment >= from && moment <= now) this.#tick(x(moment));
    }
    pen.fillStyle = nowColor;
    pen.fillRect(Math.round(x(now)) + 1, 0, 1, this.#height);

    for (const event of list) {
      const got = event.got[this.#lane];
      if (event.at > now || (got ?? now) < from) continue;
      this.#event(event, got <= now ? got : undefined, now, x, accent);
    }
    this.#forget(list);
  }

  // axis returns where a moment is.
  #axis(from, now) {
    if (!calm.matches) return (moment) => margin + (moment - from) * scale;
    const span = now - from; // written over again after this
    return (moment) => margin + (((moment % span) + span) % span) * scale;
  }

  #tick(at) {
    this.#pen.globalAlpha = 0.8;
    this.#pen.fillRect(at - 1, this.#height - 7, 2, 7);
    this.#pen.globalAlpha = 1;
  }

  #event(event, got, now, x, accent) {
    const pen = this.#pen;
    const y = this.#y(this.#row(event, now));
    const start = x(event.at);
    const end = x(got ?? now);

    pen.fillStyle = pen.strokeStyle = accent;
    pen.globalAlpha = got === undefined ? 0.35 : 0.6;
    if (end >= start) {
      this.#bar(start, end, y);
    } else { // over the edge, in the calm picture
      this.#bar(start, this.#width, y);
      this.#bar(0, end, y);
    }
    pen.globalAlpha = 1;
    if (got === undefined) return;

    pen.save();
    pen.translate(end, y);
    const age = (now - got) / flash;
    if (age < 1 && !calm.matches) {
      pen.globalAlpha = 0.5 * (1 - age);
      pen.beginPath();
      pen.arc(0, 0, 6 + 9 * age, 0, 7);
      pen.fill();
      pen.globalAlpha = 1;
    }
    pen.scale(0.85, 0.85); // a gap to the rows above and below
    pen.fill(this.#mark);
    pen.restore();
  }

  #bar(from, to, y) {
    this.#pen.beginPath();
    this.#pen.roundRect(from, y - bar / 2, Math.max(to - from, 1), bar, bar / 2);
    this.#pen.fill();
  }

  // y is the middle of a row: the first in the middle of the lane, the others
  // below and above in turn.
  #y(row) {
    const away = Math.ceil(row / 2) * pitch;
    return this.#height / 2 - 3 + (row % 2 ? away : -away);
  }

  // row finds a place for an event: the first row whose latest event was
  // known, with room for its mark, before this one was due.
  #row(event, now) {
    let row = this.#rowOf.get(event.n);
    if (row !== undefined) return row;
    const all = Math.max(1, Math.floor((this.#height - 14) / pitch));
    for (row = 0; row < all; row++) {
      const latest = this.#rows[row];
      if (!latest || (latest.got[this.#lane] ?? now) + 16 / scale < event.at) break;
    }
    if (row === all) { // more wait than there are rows: over the oldest
      row = this.#rows.indexOf(this.#rows.reduce((a, b) => (a.at <= b.at ? a : b)));
    }
    this.#rows[row] = event;
    this.#rowOf.set(event.n, row);
    return row;
  }

  #forget(list) {
    if (this.#rowOf.size < 2 * list.length + 100) return;
    for (const n of this.#rowOf.keys()) {
      if (n < list[0].n) this.#rowOf.delete(n);
    }
  }
}
