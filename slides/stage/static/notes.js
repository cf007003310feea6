// The slides as the speaker's pages have them: their notes, one at a time, and
// whose slide comes next. It is a deck such as step.js keeps in step.

import { keepInStep } from './step.js';
import { language, t } from './texts.js';

const $ = (id) => document.getElementById(id);
const articles = [...document.querySelectorAll('#notes > [data-slide]')];
const listeners = [];
let index = 0;

export const deck = {
  ids: articles.map((article) => article.dataset.slide),
  current: () => deck.ids[index],
  go(id) {
    const i = deck.ids.indexOf(id);
    if (i < 0 || i === index) return;
    index = i;
    show();
    for (const listener of listeners) listener();
  },
  on: (listener) => listeners.push(listener),
};

export const slide = (i = index) => articles[i]?.dataset;
export const next = () => slide(index + 1);
export const place = () => index;
export const slides = articles.map((article) => article.dataset);

function show() {
  history.replaceState(null, '', `#${deck.current()}`); // for a reload, or a link to the other language
  articles.forEach((article, i) => { article.hidden = i !== index; });
  $('notes').scrollTop = 0;
  $('number').textContent = t('number', { n: index + 1, m: articles.length });
  $('now-title').textContent = slide().title;
  $('next-title').textContent = next()?.title ?? t('coming.none');
  $('previous').disabled = index === 0;
  $('next').disabled = !next();
}

const move = (by) => deck.go(deck.ids[Math.min(Math.max(index + by, 0), articles.length - 1)]);

// The keys are those of the deck. What has the focus keeps those it needs.
const keys = {
  ArrowRight: () => move(1), PageDown: () => move(1), ' ': () => move(1), ArrowDown: () => move(1),
  ArrowLeft: () => move(-1), PageUp: () => move(-1), ArrowUp: () => move(-1),
  Home: () => move(-articles.length), End: () => move(articles.length),
};

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  const busy = event.target.closest('button, a, input');
  if (busy && (event.key === ' ' || busy.matches('input'))) return;
  const long = document.documentElement.scrollHeight > innerHeight + 1 || event.target.id === 'notes';
  if (long && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) return;
  const key = event.shiftKey && event.key === ' ' ? 'PageUp' : event.key;
  if (keys[key]) {
    event.preventDefault();
    keys[key]();
  }
}

// begin shows the notes and connects. changed is called with what step.js
// tells.
export function begin(changed = () => {}) {
  const wanted = deck.ids.indexOf(location.hash.slice(1));
  const query = new URLSearchParams(location.search);
  const key = query.get('key');
  const status = (now) => {
    const state = now.connected === null ? 'connecting' : !now.connected ? 'lost' : now.role === 'audience' ? 'stranger' : 'connected';
    document.documentElement.dataset.step = state;
    if ($('state').dataset.state !== state) {
      $('state').dataset.state = state;
      $('state').textContent = t(`state.${state}`);
    }
    changed(now);
  };
  status({ connected: null });
  const step = keepInStep(deck, { query: key ? `?key=${encodeURIComponent(key)}` : '', changed: status });
  if (wanted > 0) deck.go(deck.ids[wanted]);
  show();

  $('previous').addEventListener('click', () => move(-1));
  $('next').addEventListener('click', () => move(1));
  addEventListener('keydown', press);
  addEventListener('hashchange', () => deck.go(location.hash.slice(1)));
  for (const link of document.querySelectorAll('a.language')) {
    link.addEventListener('click', () => {
      query.set('lang', link.dataset.lang);
      link.href = `?${query}#${deck.current()}`;
    });
  }
  const tick = () => { $('clock').textContent = new Date().toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' }); };
  setInterval(tick, 1_000);
  tick();
  return step;
}
