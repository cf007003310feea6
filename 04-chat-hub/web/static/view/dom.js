// Elements. What people wrote becomes text nodes and nothing else: the
// policy of the page forbids to make markup of it.

export const $ = (id) => document.getElementById(id);

// h makes an element: h('p', { class: 'small' }, 'text', child).
export function h(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) e.setAttribute(name, value === true ? '' : value);
  }
  e.append(...children.filter((c) => c !== undefined && c !== null));
  return e;
}

const svg = 'http://www.w3.org/2000/svg';

export function icon(name) {
  const e = document.createElementNS(svg, 'svg');
  e.setAttribute('class', 'icon');
  e.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(svg, 'use');
  use.setAttribute('href', `#i-${name}`);
  e.append(use);
  return e;
}

// write changes a text only if it is another: a live region says it again otherwise.
export function write(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

// reconcile makes a list's children those of the items, by their keys, and
// touches only what has changed.
export function reconcile(list, items, { make, update }) {
  const nodes = list.nodes ??= new Map();
  const keys = new Set(items.map((item) => item.key));
  for (const [key, node] of nodes) {
    if (keys.has(key)) continue;
    node.remove();
    nodes.delete(key);
  }
  let at = list.firstChild;
  for (const item of items) {
    let node = nodes.get(item.key);
    if (!node) nodes.set(item.key, node = make(item));
    update?.(node, item);
    if (node === at) at = at.nextSibling;
    else list.insertBefore(node, at);
  }
}
