// A function invoked from the page: other events than messages, such as a
// schedule, reach clients too.

import { $, h } from './dom.js';
import { duration, t } from './i18n.js';

export function invocations(functions) {
  const name = h('select', { id: 'function' }, ...functions.map((f) => h('option', {}, f)));
  const payload = h('textarea', { id: 'payload', rows: '3', spellcheck: 'false' });
  payload.value = '{}';
  const said = h('div', { role: 'status' });
  const button = h('button', { class: 'main', id: 'invoke' }, t('invoke.button'));
  const run = async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const answer = await fetch(`invoke/${encodeURIComponent(name.value)}`, { method: 'POST', body: payload.value });
      if (answer.status === 400) said.replaceChildren(h('p', { class: 'bad' }, t('invoke.json')));
      else said.replaceChildren(...result(await answer.json()));
    } catch {
      said.replaceChildren(h('p', { class: 'bad' }, t('status.down')));
    }
    button.disabled = false;
  };
  $('tools').append(h('details', { class: 'invoke' }, h('summary', {}, t('invoke.title')),
    h('form', { onsubmit: run },
      h('p', { class: 'field' }, h('label', { for: 'function' }, t('invoke.function')), name),
      h('p', { class: 'field' }, h('label', { for: 'payload' }, t('invoke.payload')), payload), button), said));
}

function result({ payload, error, log, micros, environment, cold, warnings }) {
  const head = [duration(micros), environment && `#${environment}`, cold && t('row.cold'), error].filter(Boolean).join(' · ');
  return [
    h('p', { class: error ? 'bad' : '' }, head),
    ...(warnings ?? []).map((warning) => h('p', { class: 'warning' }, warning)),
    ...[payload !== undefined && JSON.stringify(payload, null, 2), log].filter(Boolean).map((text) => h('pre', { tabindex: '0' }, text)),
  ];
}
