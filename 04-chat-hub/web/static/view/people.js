// People: a name, its first letter, and one of six tints, always the same.

import { t } from '../i18n.js';
import { $, h, reconcile, write } from './dom.js';

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const letters = (s) => [...segments.segment(s)].map((part) => part.segment);

const initial = (name) => (letters(name)[0] ?? '?').toLocaleUpperCase();

export function tint(name) {
  let hash = 2_166_136_261;
  for (const c of name) hash = Math.imul(hash ^ c.codePointAt(0), 16_777_619);
  return ((hash ^ hash >>> 15) >>> 0) % 6;
}

export const avatar = (name) => h('span', { class: 'avatar', 'data-tint': tint(name), 'aria-hidden': 'true' }, initial(name));

const byName = new Intl.Collator();
const shown = 200;

let drawn = {}; // the room, its version, our name

export function drawMembers(room, me, headline) {
  write($('members-title'), headline);
  if (drawn.room === room && drawn.version === room.version && drawn.me === me) return; // to sort thousands of names takes its time
  drawn = { room, version: room.version, me };
  const names = [...room.members].sort(byName.compare);
  const items = names.slice(0, shown).map((name) => ({ key: name, name }));
  reconcile($('members'), items, {
    make: ({ name }) => h('li', {}, avatar(name), h('bdi', { class: 'name' }, name), h('span', { class: 'small you' })),
    update: (li, { name }) => write(li.lastChild, name === me ? t('me.you') : ''),
  });
  const more = room.count - items.length;
  write($('members-more'), more > 0 ? t('members.more', { n: more }) : '');
}
