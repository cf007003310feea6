// Keeps the slides in step with the speaker, and says so where they are not.

import { deck } from '../../show/deck.js'; // as the page itself does, or there would be two decks

import { keepInStep } from './step.js';
import { t } from './texts.js';

const query = new URLSearchParams(location.search);
if (!query.has('preview')) { // a picture of a slide follows nobody
  const notice = makeNotice();
  const step = keepInStep(deck, { query: query.has('audience') ? '?audience' : '', changed: notice.show });
  notice.back.addEventListener('click', () => step.back());
}

function makeNotice() {
  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = new URL('follow.css', import.meta.url);
  document.head.append(style);

  const bar = document.createElement('aside');
  bar.className = 'in-step';
  bar.setAttribute('aria-label', t('follow.label'));
  const text = document.createElement('p');
  text.setAttribute('role', 'status');
  const back = document.createElement('button');
  back.type = 'button';
  back.textContent = t('follow.back');
  back.hidden = true;
  bar.append(text, back);
  bar.hidden = true;
  document.body.append(bar);

  let lost; // when a connection is back within a moment, nobody needs to know
  let now = {};
  function write() {
    const away = now.connected === false && lost === 'long';
    let message = '';
    if (now.alone) {
      const behind = deck.ids.indexOf(deck.current()) < deck.ids.indexOf(now.slide);
      message = t(behind ? 'follow.behind' : 'follow.ahead');
    } else if (away) {
      message = t('follow.lost');
    }
    back.hidden = !now.alone;
    bar.hidden = message === '';
    if (text.textContent !== message) text.textContent = message;
  }
  function show(news) {
    now = news;
    if (now.connected === false && !lost) {
      lost = setTimeout(() => { lost = 'long'; write(); }, 3_000);
    } else if (now.connected) {
      clearTimeout(lost);
      lost = null;
    }
    // For styles and tests: where this page stands.
    document.documentElement.dataset.step = now.alone ? 'alone' : now.connected ? now.role : 'lost';
    write();
  }
  return { back, show };
}
