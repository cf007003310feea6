// The page of a tap: what the tap tells comes in, what fits the filters is
// shown, and what is chosen is shown in full.
//
//	wire.js     the connection to the tap
//	store.js    what was told, and which of it fits the filters
//	list.js     a list of which only what can be seen is in the document
//	row.js      one of them in a line
//	detail.js   one of them in full

import { Detail } from './detail.js';
import { fill, language, number, t } from './i18n.js';
import { List } from './list.js';
import { kinds } from './row.js';
import { Store } from './store.js';
import { Wire } from './wire.js';

const $ = (id) => document.getElementById(id);

document.documentElement.lang = language;
document.title = t('title');
fill(document);
const other = language === 'en' ? 'pt-BR' : 'en';
Object.assign($('language'), { href: `?lang=${other}`, lang: other, hreflang: other });

const store = new Store();
const detail = new Detail($('detail'));
const list = new List($('list'), $('latest'), (event) => detail.show(event));

// ---- Filters

for (const kind of [...kinds, 'broken']) {
  const label = document.createElement('label');
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.value = kind;
  box.checked = kind !== 'broken';
  label.append(box, ` ${t(`kinds.${kind}`)}`);
  $('kinds').append(label);
}

function filter() {
  const boxes = [...$('kinds').querySelectorAll('input')];
  store.filter({
    search: $('search').value.toLowerCase(),
    from: $('from').value,
    conn: Number($('conn').value),
    kinds: new Set(boxes.filter((box) => box.checked && box.value !== 'broken').map((box) => box.value)),
    broken: boxes.at(-1).checked,
  });
  list.reset(store.shown);
  status();
}

$('filters').addEventListener('input', filter);
$('filters').addEventListener('submit', (event) => event.preventDefault());

const conns = new Set();
function offer(event) {
  if (!event.conn || conns.has(event.conn) || conns.size >= 1000) return;
  conns.add(event.conn);
  const option = document.createElement('option');
  option.value = event.conn;
  option.textContent = t('conn.one', { n: event.conn });
  $('conn').append(option);
}

// ---- Pause

let waiting; // what came while paused; undefined while not

$('pause').addEventListener('click', () => {
  const before = waiting;
  waiting = before ? undefined : [];
  $('pause').setAttribute('aria-pressed', !before);
  $('pause').textContent = t(waiting ? 'resume' : 'pause');
  if (before) take(before);
  status();
});

$('clear').addEventListener('click', clear);

function clear() {
  store.clear();
  if (waiting) waiting = [];
  detail.hide();
  list.reset(store.shown);
  status();
}

let missed = 0;
function status() {
  const text = [t('status.live', { shown: number(store.shown.length), all: number(store.all.length) })];
  if (waiting) text.push(t('status.paused', { waiting: number(waiting.length) }));
  if (missed) text.push(t('status.missed', { n: number(missed) }));
  $('status').textContent = text.join(' · ');
  $('empty').hidden = store.shown.length > 0;
  $('empty').textContent = t(store.all.length ? 'list.filtered' : 'list.empty');
}

// ---- What the tap says

function take(events) {
  events.forEach(offer);
  if (store.add(events)) list.reset(store.shown, true); // old ones are forgotten
  else list.grow();
  status();
}

new Wire({
  hello({ target }) {
    $('target').textContent = t('target', { target });
    missed = 0;
    clear(); // what the tap remembers comes now
  },
  events(events) {
    if (!waiting) return take(events);
    for (const event of events) waiting.push(event);
    if (waiting.length > store.most) waiting.splice(0, waiting.length - store.most);
    return status();
  },
  missed({ count }) {
    missed += count;
    status();
  },
  down(wait) {
    $('status').textContent = t('status.down', { seconds: Math.ceil(wait / 1000) });
  },
});

status();
