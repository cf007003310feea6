// The speaker's window: what is shown, what comes, what to say, and the time.

import { begin, deck, next, place, slides } from './notes.js';
import { pace } from './pace.js';
import { count, language, t } from './texts.js';
import { Timer } from './timer.js';

const $ = (id) => document.getElementById(id);

// The slides are drawn at the size of a screen, and made smaller.
function picture(frame, id) {
  frame.parentElement.hidden = !id;
  if (!id) return;
  const url = new URL(`./?preview&lang=${language}#${id}`, document.baseURI);
  if (!frame.src) frame.src = url;
  else frame.contentWindow.location.replace(url); // no entry in the history
}

const resized = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) target.style.setProperty('--scale', contentRect.width / 1280);
});
for (const id of ['now', 'coming']) resized.observe($(id).parentElement);

// Time.

const timer = new Timer();
const rows = [...$('blocks').rows];
const lengths = [...$('lengths').querySelectorAll('input')];
const lengthKey = 'slides.presenter.length';
(lengths[localStorage.getItem(lengthKey) ?? 1] ?? lengths[0]).checked = true;

const chosen = () => lengths.findIndex((input) => input.checked);
const plan = () => rows.map(({ dataset }) => ({ id: dataset.block, minutes: Number(dataset.minutes.split(' ')[chosen()]) }));
const name = (id) => $('blocks').querySelector(`[data-block="${id}"] th`).textContent;
const pad = (n) => String(n).padStart(2, '0');

function duration(ms) {
  const s = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60)];
  return hours ? `${hours}:${pad(minutes % 60)}:${pad(s % 60)}` : `${minutes}:${pad(s % 60)}`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function verdict(blocks) {
  if (!timer.begun) return { state: 'stopped', text: t('pace.stopped') };
  const { state, id, n, left } = pace(blocks, slides, place(), timer.elapsed() / 60_000);
  const words = { block: id && name(id), left: `${left} min` };
  return { state, text: n ? count(`pace.${state}`, n, words) : t(`pace.${state}`, words) };
}

function tell() {
  const blocks = plan();
  const here = slides[place()].block;
  write($('elapsed'), duration(timer.elapsed()));
  write($('start'), t(timer.running ? 'time.pause' : timer.begun ? 'time.resume' : 'time.start'));
  $('start').setAttribute('aria-pressed', timer.running);
  const { state, text } = verdict(blocks);
  $('pace').dataset.state = state;
  write($('pace'), text);
  rows.forEach((row, i) => {
    if (row.dataset.block === here) row.setAttribute('aria-current', 'step');
    else row.removeAttribute('aria-current');
    const { minutes, id } = blocks[i];
    write(row.cells[1], minutes ? `${minutes} min` : t('blocks.cut'));
    const used = timer.used(id);
    write(row.cells[2], used ? duration(used) : '');
    row.dataset.over = minutes > 0 && used > minutes * 60_000;
  });
}

$('start').addEventListener('click', () => {
  if (timer.running) timer.pause();
  else timer.start();
  tell();
});
$('reset').addEventListener('click', () => { timer.reset(); tell(); });
for (const [i, input] of lengths.entries()) {
  input.addEventListener('change', () => { localStorage.setItem(lengthKey, i); tell(); });
}
addEventListener('storage', () => { timer.load(); tell(); }); // another window has started it
setInterval(tell, 500);

// Slides.

function show() {
  picture($('now'), deck.current());
  picture($('coming'), next()?.slide);
  timer.enter(slides[place()].block);
  tell();
}
deck.on(show);
begin((now) => {
  write($('audience'), now.connected && now.role === 'driver' ? count('audience', now.audience) : '');
});
show();
