// The API's routes in a row. One lights up when a message takes it.

import { h } from './dom.js';
import { number, t } from './i18n.js';

const lit = 1400; // ms

export class Routes {
  #root;
  #chips = new Map();

  constructor(root, routes) {
    this.#root = root;
    for (const route of routes) this.#add(route);
  }

  #add(route) {
    const count = h('span', { class: 'count' });
    const chip = h('li', { class: 'route', 'data-route': route.key },
      h('p', { class: 'key' }, h('span', { class: 'way', 'aria-hidden': 'true' }, route.twoWay ? '⇄' : '→'), h('code', {}, route.key), count),
      h('p', { class: 'behind' }, behind(route), h('span', { class: 'unseen' }, ` ${t(route.twoWay ? 'routes.twoway' : 'routes.oneway')}`)),
      route.authorizer ? h('p', { class: 'behind' }, t('routes.authorizer', { name: route.authorizer })) : undefined,
      route.keyRequired ? h('p', { class: 'behind' }, t('routes.key')) : undefined);
    chip.title = t(route.twoWay ? 'routes.twoway.title' : 'routes.oneway.title');
    this.#root.append(chip);
    this.#chips.set(route.key, { chip, count, n: 0, timer: 0 });
  }

  // take counts a message that took a route, and shows it.
  take(key, live) {
    const is = this.#chips.get(key);
    if (!is) return;
    is.n++;
    is.count.textContent = number(is.n);
    if (!live) return;
    clearTimeout(is.timer);
    is.chip.classList.add('lit');
    const { offsetLeft, offsetWidth } = is.chip; // on a narrow window the row scrolls
    if (this.#root.scrollWidth > this.#root.clientWidth) this.#root.scrollLeft = offsetLeft + offsetWidth / 2 - this.#root.clientWidth / 2;
    is.timer = setTimeout(() => is.chip.classList.remove('lit'), lit);
  }
}

function behind({ integration, target }) {
  if (!integration) return t('routes.nothing');
  if (integration === 'AWS_PROXY') return `ƒ ${target}`;
  if (integration === 'AWS') return `ƒ ${target} (AWS)`;
  return target ? `${integration} ${target}` : integration;
}
