// Elements. What comes from outside becomes text, and never markup: the
// policy of the page forbids it.

export const $ = (id) => document.getElementById(id);

// h makes an element: h('p', { class: 'small' }, 'text', child).
export function h(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) e.setAttribute(name, value === true ? '' : value);
  }
  e.append(...children.filter((child) => child !== undefined && child !== ''));
  return e;
}

// write changes a text only if it is another: a live region says it again otherwise.
export function write(e, text) {
  if (e.textContent !== text) e.textContent = text;
}
