// A group in full: its course, and then everything that was said.

import { h } from './dom.js';
import { flow } from './flow.js';
import { duration, t } from './i18n.js';
import { because } from './why.js';

export function detail(group) {
  const of = (kind) => group.events.filter((event) => event.kind === kind);
  const [message, invoked, answered, authorized] = ['message', 'invoked', 'answered', 'authorized'].map((kind) => of(kind)[0]);
  const post = group.kind === 'post' ? group.events[0] : undefined;
  return [
    h('dl', { class: 'facts' }, ...fact('detail.connection', group.connection), ...fact('detail.request', group.request),
      ...fact('detail.why', because(group.why)), ...fact('detail.error', because(answered?.error), 'bad')),
    flow(group),
    group.shared ? h('p', { class: 'small' }, t('detail.shared')) : undefined,
    ...(answered?.warnings ?? []).map((warning) => h('p', { class: 'warning' }, h('strong', {}, t('detail.warning')), ` ${warning}`)),
    h('div', { class: 'parts' },
      ...part('detail.message', message && pretty(message.text)),
      ...part('detail.post', post && pretty(post.text)),
      ...part('detail.authorized', json(authorized?.payload)),
      ...part('detail.event', json(invoked?.payload)),
      ...part('detail.answer', json(answered?.payload)),
      ...part('detail.log', answered?.log, answered?.micros),
      ...part('detail.sent', of('sent').map((event) => event.text).join('\n'))),
  ].filter(Boolean);
}

const fact = (key, text, kind) => (text ? [h('div', { class: kind ?? '' }, h('dt', {}, t(key)), h('dd', {}, text))] : []);

function part(key, text, micros) {
  if (!text) return [];
  const id = `part-${++parts}`;
  return [h('section', { class: `part ${key.split('.')[1]}`, 'aria-labelledby': id },
    h('h3', { id }, t(key), micros === undefined ? '' : ` · ${duration(micros)}`),
    h('pre', { tabindex: '0' }, text))];
}

let parts = 0;

const json = (value) => (value === undefined || value === null ? '' : JSON.stringify(value, null, 2));

// pretty is a text laid out if it is JSON, else as it is.
function pretty(text = '') {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
