// The chat beside the gateway: a person in a frame, and perhaps a second one.

import { $, h } from './dom.js';
import { language, t } from './i18n.js';

export function people(chat) {
  const asked = new URLSearchParams(location.search);
  const room = asked.get('room') ?? t('people.room');
  const frame = (title, name) => {
    const url = new URL(chat, document.baseURI);
    const query = { lang: language, room, ...name && { name } };
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    return h('iframe', { src: url.href, title });
  };
  const frames = h('div', { class: 'frames' }, frame(t('people.first.title'), asked.get('name')));
  let second;
  const button = h('button', { type: 'button', 'aria-pressed': 'false', onclick() {
    if (second) second.remove();
    second = second ? undefined : frame(t('people.second.title'), t('people.second.name'));
    if (second) frames.append(second);
    button.setAttribute('aria-pressed', Boolean(second));
    frames.classList.toggle('two', Boolean(second));
  } }, t('people.second'));
  $('beside').append(h('header', {}, h('h2', {}, t('people.title')), button), frames);
}
