// One lane on the page: its name, its timeline and its figures.

import { marks } from '../lanes/all.js';
import { bytes, fill, ms, number, t } from '../i18n.js';
import { Timeline } from './timeline.js';

const template = document.querySelector('#lane');

export class LaneView {
  #root;
  #lane;
  timeline;

  constructor(parent, lane) {
    this.#lane = lane;
    const copy = template.content.cloneNode(true);
    this.#root = copy.querySelector('article');
    this.#root.dataset.lane = lane.name;
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', marks[lane.mark]);
    this.#find('.mark').append(path);
    this.#find('.name').textContent = t(`lane.${lane.name}`);
    this.#find('.trouble').textContent = t('lane.trouble');
    this.#find('canvas').setAttribute('aria-label', t('lane.picture', { name: t(`lane.${lane.name}`) }));
    fill(copy);
    parent.append(copy);
    this.timeline = new Timeline(this.#find('canvas'), lane);
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }

  // explain says how the lane works, in one line.
  explain(values) {
    this.#find('.how').textContent = t(`how.${this.#lane.name}`, values);
  }

  trouble(there) {
    this.#find('.trouble').hidden = !there;
  }

  // show writes the figures of the lane.
  show({ stats, ledger, costs }) {
    const p50 = stats.n ? stats.percentile(0.5) : NaN;
    this.#root.dataset.p50 = p50; // for scripts; what is read is below
    this.#root.dataset.n = stats.n;
    this.#find('.p50 b').textContent = stats.n ? ms(p50) : '–';
    this.#find('.p99').textContent = stats.n ? `${ms(stats.percentile(0.99))} ms` : '–';
    this.#find('.n').textContent = number(stats.n);
    const { lost } = ledger;
    const { repeated, reordered } = ledger;
    this.#find('.faults').textContent = t('figure.faults', { lost, repeated, reordered });
    this.#root.classList.toggle('faulty', lost + repeated + reordered > 0);
    if (!costs.now) return;
    const silent = costs.silent && costs.idlePerMinute !== null;
    this.#find('.costs').textContent = t(silent ? 'figure.idle' : 'figure.costs', {
      idle: silent ? bytes(costs.idlePerMinute) : '',
      requests: number(costs.now.requests),
      connections: number(costs.now.connections),
      up: costs.perEvent ? bytes(costs.perEvent.up) : '–',
      down: costs.perEvent ? bytes(costs.perEvent.down) : '–',
    });
  }
}
