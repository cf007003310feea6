// The page: what the gateway tells comes in, lights its routes, and is listed.
//
//	journal.js   what happened, grouped: begin reading here
//	feed.js      where it comes from
//	routes.js    the routes, which light up
//	list.js      a line for each group;  detail.js  flow.js  one unfolded
//	people.js    the chat beside it;  client.js  in place of one
//	invoke.js    functions that one can invoke

import { client } from './client.js';
import { short, tint } from './connection.js';
import { $, h, write } from './dom.js';
import { follow } from './feed.js';
import { fill, language, number, t } from './i18n.js';
import { invocations } from './invoke.js';
import { Journal, takes } from './journal.js';
import { List } from './list.js';
import { people } from './people.js';
import { Routes } from './routes.js';

const gateway = await (await fetch('gateway.json')).json();

document.title = t('title');
fill(document);
const other = language === 'en' ? 'pt-BR' : 'en';
const query = new URLSearchParams(location.search);
query.set('lang', other);
Object.assign($('language'), { href: `?${query}`, lang: other, hreflang: other });
write($('name'), `${gateway.name} · ${gateway.stage} · ${gateway.selection}`);
if (gateway.chat) people(gateway.chat);
else client(gateway.socket);
if (gateway.functions) invocations(gateway.functions);

const journal = new Journal();
const routes = new Routes($('routes'), gateway.routes);
let oldest = 0; // the key of the first group that is remembered
const list = new List($('journal'), $('latest'), (group) => group.key < oldest);

// ---- Filters

const offered = new Set();
function offer(select, value, label) {
  const key = `${select.id} ${value}`;
  if (!value || offered.has(key) || offered.size > 1000) return;
  offered.add(key);
  select.append(h('option', { value }, label));
}
for (const route of gateway.routes) offer($('route'), route.key, route.key);

$('filters').addEventListener('submit', (event) => event.preventDefault());
$('filters').addEventListener('input', () => {
  const [connection, route, errors] = [$('connection').value, $('route').value, $('errors').checked];
  list.filter((group) => (!errors || group.failed) && (!connection || group.connection === connection)
    && (!route || (route === '@connections' ? group.kind === 'post' : group.route === route)));
  counts();
});

// ---- Pause and clear

const mostWaiting = 5000;
let waiting; // what came while paused; undefined while not
let lost = 0;

$('pause').addEventListener('click', () => {
  const before = waiting;
  waiting = before ? undefined : [];
  $('pause').setAttribute('aria-pressed', Boolean(waiting));
  write($('pause'), t(waiting ? 'resume' : 'pause'));
  for (const [event, live] of before ?? []) take(event, live);
  counts();
});

$('clear').addEventListener('click', () => {
  journal.clear();
  list.clear();
  if (waiting) waiting = [];
  lost = 0;
  counts();
});

function counts() {
  const [visible, all] = [list.visible, list.length];
  const text = [visible === all ? t('count', { n: number(all) }) : t('count.filtered', { n: number(visible), all: number(all) })];
  if (waiting) text.push(t('count.waiting', { n: number(waiting.length) }));
  if (lost) text.push(t('count.lost', { n: number(lost) }));
  write($('count'), text.join(' · '));
  $('empty').hidden = visible > 0;
  write($('empty'), t(all ? 'list.filtered' : 'list.empty'));
}
$('journal').addEventListener('drawn', counts);
counts();

// ---- What the gateway tells

function take(event, live) {
  const route = takes(event);
  if (route) routes.take(route, live);
  if (event.connection) {
    tint(event.connection); // in the order in which they came
    offer($('connection'), event.connection, short(event.connection));
  }
  const changed = journal.add(event);
  oldest = journal.groups[0].key;
  list.show(changed);
}

function come(event, live) {
  if (!waiting) return take(event, live);
  waiting.push([event, live]);
  if (waiting.length > mostWaiting) {
    waiting.shift();
    lost++;
  }
  return counts();
}

// The only things that are said aloud: that the gateway is gone, and back.
let gone = false;
follow({
  past: (event) => come(event, false),
  live: (event) => come(event, true),
  lost(n) {
    lost += n;
    counts();
  },
  up() {
    if (gone) write($('status'), t('status.up'));
    gone = false;
    document.body.dataset.state = 'up';
  },
  down() {
    gone = true;
    write($('status'), t('status.down'));
    document.body.dataset.state = 'down';
  },
});
