// The list of rooms: the current one, and how much is unread in the others.

import { t } from '../i18n.js';
import { $, h, icon, reconcile, write } from './dom.js';

export function drawRooms(rooms, current, { go, leave }) {
  const items = rooms.map((room) => ({ key: room.name, room }));
  reconcile($('rooms'), items, {
    make: ({ room }) => h('li', {},
      h('button', { type: 'button', class: 'go', onclick: () => go(room.name) },
        h('span', { class: 'hash', 'aria-hidden': 'true' }, '#'),
        h('bdi', { class: 'name' }, room.name),
        h('span', { class: 'badge' })),
      h('button', { type: 'button', class: 'quiet leave', 'aria-label': t('rooms.leave', { room: room.name }), onclick: () => leave(room.name) }, icon('close'))),
    update(li, { room }) {
      const [button] = li.children;
      if (room === current) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
      li.dataset.state = room.state;
      const badge = button.lastChild;
      write(badge, room.unread > 99 ? '99+' : String(room.unread || ''));
      if (room.unread) button.setAttribute('aria-label', `${room.name}, ${t('rooms.unread', { n: room.unread })}`);
      else button.removeAttribute('aria-label');
    },
  });
}
