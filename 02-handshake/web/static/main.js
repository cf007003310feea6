// The page: one button per attempt, one attempt at a time.

import { fill, language, t } from './i18n.js';
import { addressOf, connect, newID, tries } from './connect.js';
import { accept } from './proof.js';
import { bytes, make, rules, wire } from './draw.js';

const $ = (id) => document.getElementById(id);

document.documentElement.lang = language;
document.documentElement.classList.toggle('framed', window.parent !== window);
fill(document);
document.title = t('title.tab');
const other = new URL(location.href);
other.searchParams.set('lang', language === 'en' ? 'pt-BR' : 'en');
$('language').href = other.href;
$('language').lang = other.searchParams.get('lang');
$('language').hreflang = other.searchParams.get('lang');

let socket = null; // of the current attempt
let current = ''; // its id: what belongs to an older one is not shown

for (const attempt of tries) {
  const button = make('button', '', t(`try.${attempt.name}`));
  button.type = 'button';
  button.dataset.name = attempt.name;
  button.setAttribute('aria-pressed', 'false');
  button.addEventListener('click', () => start(attempt));
  $('tries').append(button);
}

function start(attempt) {
  socket?.close();
  const id = newID();
  current = id;
  document.body.dataset.state = 'busy';
  for (const button of $('tries').children) {
    button.setAttribute('aria-pressed', String(button.dataset.name === attempt.name));
  }
  $('try-about').textContent = t(`try.${attempt.name}.about`);
  $('code').textContent = codeOf(attempt);
  $('events').replaceChildren();
  $('verdict').replaceChildren();
  socket = connect(addressOf(attempt, id), attempt.subprotocols, (event, values) => {
    if (id !== current) return;
    $('events').append(make('li', event, undefined, make('code', '', event), make('p', '', sentence(event, values))));
    if (event === 'open' || event === 'error') show(id);
  });
}

// codeOf is what a programmer would have written.
function codeOf(attempt) {
  const list = attempt.subprotocols.map((s) => `'${s}'`).join(', ');
  const path = new URL('chat', document.baseURI).pathname + (attempt.query ? `?try=${attempt.query}` : '');
  return `new WebSocket('ws://${location.host}${path}'${list ? `, [${list}]` : ''})`;
}

function sentence(event, values) {
  switch (event) {
    case 'open':
      return t('event.open', {
        protocol: values.protocol ? `"${values.protocol}"` : t('event.none.protocol'),
        extensions: values.extensions ? `"${values.extensions}"` : t('event.none.extensions'),
      });
    case 'close':
      return t(values.clean ? 'event.close.clean' : 'event.close', { code: values.code });
    default:
      return t('event.error');
  }
}

// show asks the server what it has seen, and draws it.
async function show(id) {
  const url = new URL(`handshakes/${id}`, document.baseURI);
  url.search = new URLSearchParams({ lang: language });
  let story = null;
  try {
    const response = await fetch(url);
    if (response.ok) story = await response.json();
  } catch {
    // the server has gone: said below
  }
  if (id !== current) return;
  $('story').hidden = story === null;
  if (story === null) {
    $('verdict').replaceChildren(make('p', 'refused', t('verdict.unknown')));
    document.body.dataset.state = 'done';
    return;
  }
  draw(story);
  await compute(story.proof);
  if (id === current) document.body.dataset.state = 'done';
}

function draw(story) {
  $('verdict').replaceChildren(make('p', story.accepted ? 'accepted' : 'refused', story.verdict));
  if (story.reason) $('verdict').append(make('p', 'small', `${story.reason} (${story.broken})`));
  $('note').hidden = !story.note;
  $('note').textContent = story.note ?? '';
  wire($('request'), story.request);
  rules($('rules'), story.rules);
  wire($('answer'), story.answer);
  $('body').hidden = !story.body;
  $('body').textContent = story.body ?? '';
}

// compute shows the proof in its steps, and does it again here.
async function compute(proof) {
  $('proof').hidden = !proof;
  if (!proof) return;
  $('proof-key').textContent = proof.key;
  $('proof-text').replaceChildren(make('span', 'key', proof.key), make('span', 'guid', proof.guid));
  bytes($('proof-sum'), proof.sum);
  $('proof-accept').textContent = proof.accept;
  $('proof-here').className = 'here';
  if (!crypto.subtle) {
    $('proof-here').textContent = t('proof.insecure');
    return;
  }
  const mine = await accept(proof.key);
  const came = proof.came || proof.accept;
  $('proof-here').classList.add(mine === came ? 'same' : 'differs');
  $('proof-here').textContent = t(mine === came ? 'proof.same' : 'proof.differs', { mine, came });
}

start(tries[0]);
