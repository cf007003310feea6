// Where one writes: Enter sends, Shift and Enter begins a line.

import { language, t } from '../i18n.js';
import { $, write } from './dom.js';

const maxBytes = 8 << 10; // of a text, as the server counts
const warnAt = 512;

export class Composer {
  #text = $('text');

  // send gets what was written; typing is called at each key.
  constructor({ send, typing }) {
    this.#text.addEventListener('keydown', (event) => {
      // While a word is composed, as in Japanese, Enter chooses it.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      $('composer').requestSubmit();
    });
    this.#text.addEventListener('input', () => {
      this.#changed();
      if (this.#text.value.trim() !== '') typing();
    });
    $('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.#text.value.trim();
      this.focus();
      if (text === '' || this.#left() < 0) return;
      this.value = '';
      send(text);
    });
  }

  get value() { return this.#text.value; }
  set value(text) {
    this.#text.value = text;
    this.#changed();
  }

  set enabled(is) {
    this.#text.disabled = !is;
    $('composer').querySelector('button').disabled = !is;
  }

  focus() { this.#text.focus({ preventScroll: true }); }

  #left() { return maxBytes - new TextEncoder().encode(this.#text.value.trim()).length; }

  #changed() {
    const left = this.#left();
    write($('limit'), left > warnAt ? '' : t(left < 0 ? 'limit.over' : 'limit.left', { n: Math.abs(left).toLocaleString(language) }));
    $('limit').classList.toggle('mistake', left < 0);
    this.#text.setAttribute('aria-invalid', left < 0);
    this.#text.style.height = 'auto'; // as high as what is written
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }
}
