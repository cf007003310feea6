// The table of costs: one column for each lane, so that it fits a phone.

import { lanes } from '../lanes/all.js';
import { bytes, number, t } from '../i18n.js';

const rows = {
  requests: (costs) => number(costs.now.requests),
  connections: (costs) => number(costs.now.connections),
  up: (costs) => costs.perEvent && bytes(costs.perEvent.up),
  down: (costs) => costs.perEvent && bytes(costs.perEvent.down),
  idle: (costs) => costs.idlePerMinute !== null && bytes(costs.idlePerMinute),
};

export class CostView {
  #cells = {};

  constructor(table) {
    const head = table.createTHead().insertRow();
    head.append(cell('th', t('cost.what'), 'col'));
    for (const lane of lanes) {
      const th = cell('th', t(`short.${lane.name}`), 'col');
      th.dataset.lane = lane.name;
      head.append(th);
    }
    const body = table.createTBody();
    for (const name of Object.keys(rows)) {
      const row = body.insertRow();
      row.append(cell('th', t(`cost.${name}`), 'row'));
      this.#cells[name] = lanes.map((lane) => {
        const td = row.insertCell();
        td.dataset.cost = `${name} ${lane.name}`;
        return td;
      });
    }
  }

  // show writes the costs, in the order of the lanes.
  show(costs) {
    for (const [name, write] of Object.entries(rows)) {
      costs.forEach((cost, i) => {
        this.#cells[name][i].textContent = (cost.now && write(cost)) || '–';
      });
    }
  }
}

function cell(kind, text, scope) {
  const element = document.createElement(kind);
  element.textContent = text;
  element.scope = scope;
  return element;
}
