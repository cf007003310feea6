// The page: what is typed goes over one WebSocket, and what the server saw of
// it comes back over another.
//
//	wire.js     the two connections
//	bits.js     a frame as bits and fields: begin reading here
//	view/       what is shown: diagram.js, bytes.js, explain.js, strip.js

import { hex, hexBytes } from './bits.js';
import { bytes, fill, language, t } from './i18n.js';
import * as banner from './view/banner.js';
import { Panel } from './view/panel.js';
import { Strip } from './view/strip.js';
import { Wire } from './wire.js';

const $ = (id) => document.getElementById(id);

document.documentElement.lang = language;
document.documentElement.classList.toggle('framed', window.parent !== window);
document.title = t('title');
fill(document);
const other = language === 'en' ? 'pt-BR' : 'en';
Object.assign($('language'), { href: `?lang=${other}`, lang: other, hreflang: other });

// What a message of five bytes looks like, before there is one.
const sample = { payload: '0000000000', length: 5, opcode: 'text' };
const panels = {
  client: new Panel(document.querySelector('[data-from="client"]'), { ...sample, header: '818500000000', key: '00000000' }),
  server: new Panel(document.querySelector('[data-from="server"]'), { ...sample, header: '8105' }),
};
const drawn = {};
const strip = new Strip($('strip'), show);

function show(frame) {
  const from = frame.from_client ? 'client' : 'server';
  drawn[from] = frame;
  panels[from].show(frame);
  strip.mark(Object.values(drawn));
}

// follow says whether a frame is drawn at once. A message in fragments is
// drawn by its first; what comes between and after them waits to be chosen.
let inside = false;
const between = new Set(); // pings that were not drawn: neither are their pongs
function follow(frame) {
  const fin = parseInt(frame.header.slice(0, 2), 16) & 0x80;
  if (frame.from_client) return !(frame.opcode === 'pong' && between.delete(frame.payload));
  if (frame.kind) {
    inside = !fin;
    return frame.opcode !== 'continuation';
  }
  if (inside && frame.opcode === 'ping') between.add(frame.payload);
  return !inside;
}

const say = (key, values) => { $('status').textContent = t(key, values); };

// ---- What the server says

let granted = {}; // what to do when a wish is granted, by its name
let answered = 0; // payload bytes of the server's message so far

const wire = new Wire({
  hello({ compress }) {
    banner.hide();
    $('compress').hidden = !compress;
  },
  opened({ conn, agreed }) {
    inside = false;
    strip.opened(conn, agreed);
    say(agreed ? 'status.compressed' : 'status.opened', { conn, agreed });
  },
  frame(frame) {
    strip.add(frame);
    if (follow(frame)) show(frame);
    if (frame.from_client || !frame.kind) return;
    answered = frame.opcode === 'continuation' ? answered + frame.length : frame.length;
    if (!inside) say('status.answered', { n: bytes(answered) });
  },
  closed({ code, reason }) {
    say(reason ? 'status.closed.reason' : 'status.closed', { code, reason });
  },
  granted(message) {
    granted[message.do]?.();
    delete granted[message.do];
  },
  refused({ why }) {
    if (why === 'full') return banner.because('banner.full');
    say(`refused.${why}`);
  },
  down(wait) {
    banner.show(wait);
  },
});

// ---- What the reader does

const unsent = () => say('status.unsent');

// message is what was typed, as a string or as bytes; undefined if it is neither.
function message() {
  const typed = $('message').value;
  const wrong = mode() === 'hex' && !isHex(typed);
  $('message').setAttribute('aria-invalid', wrong);
  $('mistake').textContent = wrong ? t('composer.mistake') : '';
  if (wrong) {
    $('message').focus();
    return undefined;
  }
  return mode() === 'hex' ? hexBytes(typed.replace(/\s/g, '')) : typed;
}

const mode = () => $('composer').elements.as.value;
const isHex = (text) => /^(\s*[0-9a-f]{2})*\s*$/i.test(text);

$('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const typed = message();
  if (typed !== undefined) wire.send(typed).catch(unsent);
});

for (const radio of $('composer').elements.as) {
  radio.addEventListener('change', () => {
    const input = $('message');
    input.value = mode() === 'hex'
      ? [...new TextEncoder().encode(input.value)].map(hex).join(' ')
      : isHex(input.value) ? new TextDecoder().decode(hexBytes(input.value.replace(/\s/g, ''))) : '';
    input.removeAttribute('aria-invalid');
    $('mistake').textContent = '';
  });
}

for (const n of [126, 65_536]) {
  $(`send-${n}`).addEventListener('click', () => wire.send('0123456789'.repeat(n / 10 + 1).slice(0, n)).catch(unsent));
}

$('fragments').addEventListener('click', () => {
  const typed = message();
  if (typed === undefined) return;
  granted.fragments = () => wire.send(typed).catch(unsent);
  wire.wish({ do: 'fragments', parts: 3 }).catch(unsent);
});

$('ping').addEventListener('click', () => wire.wish({ do: 'ping', text: 'are you there?' }).catch(unsent));

$('compress').addEventListener('click', () => {
  const on = $('compress').getAttribute('aria-pressed') !== 'true';
  $('compress').setAttribute('aria-pressed', on);
  wire.renew(on).catch(unsent);
});

$('close').addEventListener('click', () => {
  const open = $('closing').hidden;
  $('closing').hidden = !open;
  $('close').setAttribute('aria-expanded', open);
  if (open) $('code').focus();
});

$('closing').addEventListener('submit', (event) => {
  event.preventDefault();
  const code = Number($('code').value);
  const reason = $('reason').value;
  if (new TextEncoder().encode(reason).length > 123) return say('refused.reason');
  if ((event.submitter?.value ?? 'client') === 'server') {
    wire.wish({ do: 'close', code: Number.isInteger(code) && code >= 0 && code < 65_536 ? code : 0, reason }).catch(unsent);
    return undefined;
  }
  if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code <= 4999)) return say('refused.browser');
  wire.close(code, reason).catch(unsent);
  return undefined;
});

$('retry').addEventListener('click', () => wire.open());
