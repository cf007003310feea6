// What a person learns who does not look: a screen reader's voice, and the
// number in the window's title.

import { count } from '../i18n.js';
import { $, h } from './dom.js';

const pause = 1_000; // messages so close together are said at once
const most = 3; // of them; more are only counted
const longest = 300;

let waiting = [];
let timer;

export function aloud(from, text) {
  waiting.push(`${from}: ${text.slice(0, longest)}`);
  timer ??= setTimeout(() => {
    const lines = waiting.length > most ? [count('new', waiting.length)] : waiting;
    $('aloud').replaceChildren(...lines.map((line) => h('p', {}, line)));
    waiting = [];
    timer = undefined;
  }, pause);
}

export function title(room, unread) {
  document.title = `${unread > 0 ? `(${unread}) ` : ''}${room ? `${room} · ` : ''}Chat`;
}
