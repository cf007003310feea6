// The distribution of a lane's latencies as an ECDF: for each latency, the
// share of the events that took at most that. The axis is logarithmic, or
// the quick lanes would be a line at its left end. The model is drawn over
// the measurement.

import { marks } from '../lanes/all.js';
import { ms, number, t, time } from '../i18n.js';
import { zoom } from './zoom.js';

const decades = { from: -1, to: 4 }; // 0.1 ms to 10 s
const room = { left: 58, right: 14, top: 10, bottom: 28 };

const svg = (name, attributes = {}, text = '') => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
};

export class Chart {
  #lane;
  #svg;
  #text;
  #lines = {};
  #width = 0;
  #height = 0;

  constructor(parent, lane) {
    this.#lane = lane;
    const figure = document.createElement('figure');
    figure.dataset.lane = lane.name;
    const caption = document.createElement('figcaption');
    const mark = svg('svg', { class: 'mark', viewBox: '-8 -8 16 16', 'aria-hidden': true });
    mark.append(svg('path', { d: marks[lane.mark] }));
    const name = document.createElement('b');
    name.textContent = t(`lane.${lane.name}`);
    this.#text = document.createElement('span');
    this.#svg = svg('svg', { class: 'chart', role: 'img', 'aria-label': t('spread.picture', { name: name.textContent }) });
    caption.append(mark, name, this.#text);
    figure.append(caption, this.#svg);
    parent.append(figure);
  }

  draw(stats, model) {
    this.#axes();
    this.#text.textContent = t('spread.means', {
      measured: stats.n ? ms(stats.mean) : '–',
      model: model ? ms(model.mean_ms) : '–',
    });
    const measured = stats.curve();
    const steps = measured.map(([x, share], i) => [[x, i ? measured[i - 1][1] : 0], [x, share]]).flat();
    const line = this.#path([...steps, [10 ** decades.to, 1]]);
    this.#lines.measured.setAttribute('d', stats.n ? line : '');
    this.#lines.area.setAttribute('d', stats.n ? `${line}V${this.#y(0)}H${this.#x(steps[0][0])}Z` : '');
    const curve = model?.cdf ?? [];
    this.#lines.model.setAttribute('d', curve.length
      ? this.#path([[10 ** decades.from, 0], [curve[0][0], 0], ...curve, [10 ** decades.to, 1]]) : '');
    this.#middle(stats);
  }

  // middle marks the median.
  #middle(stats) {
    const { p50 } = this.#lines;
    p50.setAttribute('visibility', stats.n ? 'visible' : 'hidden');
    if (!stats.n) return;
    p50.setAttribute('cx', this.#x(stats.percentile(0.5)));
    p50.setAttribute('cy', this.#y(0.5));
  }

  #x(latency) {
    const decade = Math.min(Math.max(Math.log10(latency), decades.from), decades.to);
    const share = (decade - decades.from) / (decades.to - decades.from);
    return room.left + share * (this.#width - room.left - room.right);
  }

  #y(share) {
    return this.#height - room.bottom - share * (this.#height - room.bottom - room.top);
  }

  #path(points) {
    return 'M' + points.map(([x, y]) => `${this.#x(x).toFixed(1)} ${this.#y(y).toFixed(1)}`).join('L');
  }

  // axes draws what changes only with the size of the picture.
  #axes() {
    const width = this.#svg.clientWidth / zoom();
    const height = this.#svg.clientHeight / zoom();
    if (width === this.#width && height === this.#height) return;
    this.#width = width;
    this.#height = height;
    this.#svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#svg.replaceChildren();
    for (const share of [0, 0.5, 1]) {
      this.#svg.append(
        svg('path', { class: 'grid', d: `M${room.left} ${this.#y(share)}H${width - room.right}` }),
        svg('text', { x: room.left - 8, y: this.#y(share) + 4, 'text-anchor': 'end' }, `${number(100 * share)} %`),
      );
    }
    for (let decade = decades.from; decade <= decades.to; decade++) {
      const at = this.#x(10 ** decade);
      this.#svg.append(
        svg('path', { class: 'grid', d: `M${at} ${this.#y(0)}V${this.#y(1)}` }),
        svg('text', { x: at, y: height - 8, 'text-anchor': decade === decades.to ? 'end' : 'middle' },
          decade < 0 ? `${ms(10 ** decade)} ms` : time(10 ** decade)),
      );
    }
    for (const name of ['area', 'measured', 'model']) {
      this.#lines[name] = svg('path', { class: name });
      this.#svg.append(this.#lines[name]);
    }
    this.#lines.p50 = svg('circle', { class: 'p50', r: 5 });
    this.#svg.append(this.#lines.p50);
  }
}
