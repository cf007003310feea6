// A frame, drawn and explained.

import { hexBytes } from '../bits.js';
import { bytes, number, t } from '../i18n.js';
import { drawBytes } from './bytes.js';
import { Diagram } from './diagram.js';

export class Panel {
  #root;
  #diagram;
  #$ = (selector) => this.#root.querySelector(selector);

  constructor(root, sample) {
    this.#root = root;
    root.append(document.getElementById('frame').content.cloneNode(true));
    this.#$('.diagram').setAttribute('aria-label', t('diagram.label'));
    this.#diagram = new Diagram(this.#$('.diagram'), this.#$('.explain'));
    this.#diagram.draw(sample, true);
    root.classList.add('blank');
  }

  show(frame) {
    this.#root.classList.remove('blank');
    this.#root.dataset.opcode = frame.opcode;
    const header = frame.header.length / 2;
    this.#$('.facts').textContent = t('panel.facts', {
      opcode: frame.opcode, header: bytes(header), payload: bytes(frame.length),
      total: bytes(header + frame.length), at: number(frame.at_ms / 1000, 3),
    });
    this.#$('.broken').hidden = !frame.broken;
    this.#$('.broken').textContent = frame.broken
      ? `${t('section', { rfc: '6455', n: frame.broken.section })}: ${frame.broken.reason} (${frame.broken.code})` : '';
    this.#diagram.draw(frame);
    drawBytes(this.#$('.bytes'), frame);
    this.#$('.reading').replaceChildren(...reading(frame));
  }
}

// reading is what the frame says, in words.
function reading(frame) {
  const parts = [];
  const say = (key, values, className = '') => {
    const p = document.createElement('p');
    p.className = className;
    p.textContent = t(key, values);
    parts.push(p);
  };
  const quote = (text, className) => {
    const p = document.createElement('p');
    p.className = `said ${className}`;
    p.textContent = text;
    parts.push(p);
  };
  if (frame.close) {
    if (frame.close.code === 1005) say('reading.nocode');
    else {
      say('reading.close');
      quote(`${frame.close.code} ${frame.close.reason}`.trim(), 'text');
    }
  } else if (frame.compressed) {
    const whole = frame.inflated;
    if (!whole) say('reading.deflated.more');
    else if (whole.lost) say('reading.deflated.lost');
    else {
      say('reading.deflated', { from: bytes(frame.length), to: bytes(whole.length) });
      quote(...content(whole.payload, whole.length, frame.kind));
    }
  } else if (frame.length) {
    say(frame.kind === 'binary' ? 'reading.binary' : 'reading.text');
    quote(...content(frame.payload, frame.length, frame.kind));
  } else say('reading.nothing');
  if (frame.key && frame.length) say('reading.mask', {}, 'formula');
  if (frame.from_client) say('reading.client', {}, 'small');
  else say('reading.server', {}, 'small');
  return parts;
}

// content is a payload as text or in hexadecimal, shortened.
function content(payload, length, kind) {
  const raw = hexBytes(payload);
  if (kind === 'binary') {
    const start = [...raw.slice(0, 48)].map((b) => b.toString(16).padStart(2, '0')).join(' ');
    return [start + (length > 48 ? ' …' : ''), 'hex'];
  }
  const text = new TextDecoder().decode(raw);
  return [[...text].slice(0, 140).join('') + (length > raw.length || [...text].length > 140 ? ' …' : ''), 'text'];
}
