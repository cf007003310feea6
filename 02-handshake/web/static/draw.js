// What the server has told, as elements.

import { t } from './i18n.js';

// make makes an element with a class and a text, and puts others into it.
export function make(tag, className, content, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (content !== undefined) element.textContent = content;
  element.append(...children);
  return element;
}

// rfc is a section as a link to where it can be read.
function rfc(section) {
  const found = /^RFC (\d+), section ([\d.]+)$/.exec(section);
  if (!found) return make('span', 'section', section);
  const link = make('a', 'section', section);
  link.href = `https://www.rfc-editor.org/rfc/rfc${found[1]}#section-${found[2]}`;
  link.target = '_blank';
  link.rel = 'noreferrer';
  return link;
}

// wire draws the lines of a message, each with what it is for.
export function wire(list, lines) {
  list.replaceChildren(...lines.map((line, i) => {
    const text = make('code', '', undefined);
    const colon = line.text.indexOf(':');
    if (line.text === '') {
      text.append(make('span', 'empty', t('line.empty')));
    } else if (i === 0 || colon < 0) {
      text.append(make('b', '', line.text));
    } else {
      text.append(make('b', '', line.text.slice(0, colon + 1)), line.text.slice(colon + 1));
    }
    const about = make('p', '', `${line.means} `);
    if (line.section) about.append(rfc(line.section));
    return make('li', line.bad ? 'bad' : '', undefined, text, about);
  }));
}

// rules draws the rules in their order, and where they ended.
export function rules(list, all) {
  list.replaceChildren(...all.map((rule) => {
    const says = make('p', '', `${rule.says} `, rfc(rule.section));
    const item = make('li', rule.mark, undefined, make('span', 'mark', t(`mark.${rule.mark}`)), says);
    if (rule.reason) says.append(make('span', 'reason', rule.reason));
    return item;
  }));
}

// bytes draws hex digits in pairs, one box each.
export function bytes(element, hex) {
  element.replaceChildren(...hex.split(' ').map((pair) => make('span', '', pair)));
}
