// The page: a session with the server, four lanes that follow its events,
// and what is shown of them.
//
//	lanes/        the four clients, one file each: begin reading here
//	control.js    the channel to the server, past the simulated link
//	clock.js      the server's clock, without which no latency means anything
//	book.js       what is known of a lane: stats.js, ledger.js, costs.js
//	events.js     what is known of the latest events
//	view/         what is shown of all that

import { Book } from './book.js';
import { Clock } from './clock.js';
import { Control } from './control.js';
import { Events } from './events.js';
import { fill, language, number, t, time } from './i18n.js';
import { lanes } from './lanes/all.js';
import { keep } from './lanes/keep.js';
import { Upstream } from './upstream.js';
import * as banner from './view/banner.js';
import { Chart } from './view/chart.js';
import { Controls } from './view/controls.js';
import { CostView } from './view/cost.js';
import { LaneView } from './view/lane.js';
import { SentView } from './view/sent.js';

const $ = (id) => document.getElementById(id);

document.documentElement.lang = language;
document.documentElement.classList.toggle('framed', window.parent !== window);
document.title = t('title');
fill(document);
const other = language === 'en' ? 'pt-BR' : 'en';
Object.assign($('language'), { href: `?lang=${other}`, lang: other, hreflang: other });

const views = lanes.map((lane) => new LaneView($('lanes'), lane));
const charts = lanes.map((lane) => new Chart($('spread'), lane));
const costView = new CostView($('cost'));
const sentView = new SentView($('sent'));

const clock = new Clock();
let session = null; // the server's hello; null while there is no server
let settings = null; // poll_ms, rtt_ms, jitter_ms
let model = null; // by name of the lane
let books = []; // by lane
let events = new Events();
let running = null; // ends the lanes of this session
let upstream = null;
let quiet = false; // the server keeps its news to itself
let frozen = null; // the moment at which the picture was frozen

// ---- What the server says

const control = new Control({
  async session(hello) {
    session = hello;
    settings = hello.settings;
    model = null;
    books = lanes.map(() => new Book(hello.start));
    events = new Events();
    views.forEach((view) => view.timeline.startAnew());
    setQuiet(false);
    controls.begin(hello);
    banner.hide();
    explain();

    running = new AbortController();
    const { signal } = running;
    await clock.sync((message) => control.send(message));
    if (!signal.aborted) startLanes(signal);
  },

  model(message) {
    const longest = Math.max(settings.rtt_ms, message.settings.rtt_ms);
    const first = model === null;
    settings = message.settings;
    model = message.transports;
    controls.show(settings);
    explain();
    if (quiet) fallSilent();
    else if (!first) startAnew('status.changed', longest);
  },

  time: (message) => clock.answer(message),

  counters({ at, lanes: counters }) {
    books.forEach((book, i) => book.count(counters[lanes[i].name], at / 1000));
  },

  quiet({ on }) {
    setQuiet(on);
    if (!on) return startAnew('status.loud', settings.rtt_ms);
    fallSilent();
    say('status.quiet');
  },

  error({ code, message }) {
    if (code === 'too_many_pages') return banner.because('banner.full');
    say('status.refused', { message });
    if (session) controls.show(settings);
  },

  down(wait) {
    running?.abort();
    upstream?.close();
    session = upstream = null;
    views.forEach((view) => view.trouble(false));
    $('status').textContent = '';
    banner.show(wait);
  },
});

const controls = new Controls((message) => control.send(message));

function startLanes(signal) {
  const host = location.hostname === 'localhost' ? '127.0.0.1' : location.hostname;
  const base = (name) => `http://${host}:${session.lanes[name].port}`;
  lanes.forEach(({ name, follow }, i) => {
    keep(follow, {
      base: base(name),
      after: session.start,
      interval: () => settings.poll_ms,
      signal,
      asking: () => views[i].timeline.ask(clock.now()),
      got(event) {
        const now = clock.now();
        events.receive(name, event, now);
        books[i].receive(event, now);
      },
      trouble: (there) => views[i].trouble(there),
    });
  });
  upstream = new Upstream(base('upstream'), base('upstream-new'));
  startAnew('status.started', settings.rtt_ms);
}

// startAnew begins new statistics. What is still on its way, or happens while
// connections are opened, is not counted: two round trips and a little.
function startAnew(why, rtt) {
  const from = clock.now() + 2 * rtt + 250;
  books.forEach((book) => book.startAnew(from));
  say(why);
}

// fallSilent begins to count what it costs to wait. What happened before is
// still brought, at the latest by the next poll.
function fallSilent() {
  const from = clock.now() + 2 * settings.rtt_ms + settings.poll_ms + 300;
  books.forEach((book) => book.fallSilent(from));
}

// ---- What the reader does

$('reset').addEventListener('click', () => session && !quiet && startAnew('status.reset', settings.rtt_ms));
$('pause').addEventListener('click', () => setFrozen(frozen === null));
$('quiet').addEventListener('click', () => control.send({ type: 'quiet', on: !quiet }));
$('retry').addEventListener('click', () => control.open());

// The space bar freezes, unless it presses a button. It must not scroll the
// page as well, which is what it does by itself.
for (const phase of ['keydown', 'keypress']) {
  document.addEventListener(phase, (press) => {
    if (press.key !== ' ' || press.target.closest('button, a')) return;
    press.preventDefault();
    if (phase === 'keydown' && !press.repeat) setFrozen(frozen === null);
  });
}

let sending = false;
$('send').addEventListener('click', async () => {
  if (sending || !upstream) return;
  sending = true;
  try {
    sentView.add(settings.rtt_ms, await upstream.send());
  } catch {
    say('status.unsent');
  }
  sending = false;
});

// A browser slows the timers of a page that nobody sees, and with them the
// polls: what was measured meanwhile says nothing.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && session && !quiet) startAnew('status.seen', settings.rtt_ms);
});

function setFrozen(on) {
  frozen = on ? clock.now() : null;
  $('pause').setAttribute('aria-pressed', on);
  say(on ? 'status.frozen' : 'status.going');
}

function setQuiet(on) {
  quiet = on;
  $('quiet').setAttribute('aria-pressed', on);
}

// ---- What is shown

function say(key, values) {
  $('status').textContent = t(key, values);
}

function explain() {
  $('lead').textContent = t('intro.lead', { rate: number(session.rate, session.rate % 1 ? 1 : 0) });
  views.forEach((view) => view.explain({ poll: time(settings.poll_ms) }));
  document.documentElement.dataset.rtt = settings.rtt_ms; // what the server holds, for scripts
  const mbit = session.bandwidth_bps / 1e6;
  $('bandwidth').textContent = mbit ? t('footer.bandwidth', { mbit: number(mbit, mbit % 1 ? 1 : 0) }) : '';
}

function showFigures() {
  if (frozen !== null || !session) return;
  books.forEach((book, i) => {
    views[i].show(book);
    charts[i].draw(book.stats, model?.[lanes[i].name]);
  });
  costView.show(books.map((book) => book.costs));
  const silence = books[0].costs.idle?.seconds;
  $('cost-idle').textContent = silence
    ? t('cost.silence', { seconds: number(silence), keepalive: time(session.keepalive_ms) })
    : t('cost.hint');
}

const calm = matchMedia('(prefers-reduced-motion: reduce)');
let drawn = 0;

function drawLanes(moment) {
  requestAnimationFrame(drawLanes);
  const slowly = calm.matches || frozen !== null;
  if (!session || (slowly && moment - drawn < 250)) return;
  drawn = moment;
  const now = frozen ?? clock.now();
  views.forEach((view) => view.timeline.draw(events.list, now));
}

setInterval(showFigures, 250);
requestAnimationFrame(drawLanes);
