// The sliders and the buttons of the network.

import { t, time } from '../i18n.js';

// The stops of the poll slider, evenly spaced to the eye: about a third more each.
const stops = [50, 70, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000, 4000, 5000];
const pace = 80; // at most one message in so many milliseconds

export class Controls {
  #poll = document.querySelector('#poll');
  #rtt = document.querySelector('#rtt');
  #presets = document.querySelector('#presets');
  #stops = stops;
  #settings;
  #jitter = 0; // of the preset, which a slider keeps as far as it can
  #send;
  #waiting = null;

  constructor(send) {
    this.#send = send;
    this.#poll.addEventListener('input', () => {
      this.#change({ poll_ms: this.#stops[this.#poll.value] });
    });
    this.#rtt.addEventListener('input', () => {
      const rtt = Number(this.#rtt.value);
      this.#change({ rtt_ms: rtt, jitter_ms: Math.min(this.#jitter, rtt) });
    });
  }

  // begin takes the settings and the limits of a new session.
  begin({ settings, limits, presets }) {
    const within = stops.filter((ms) => ms > limits.poll_ms[0] && ms < limits.poll_ms[1]);
    this.#stops = [...new Set([...limits.poll_ms, settings.poll_ms, ...within])].sort((a, b) => a - b);
    this.#poll.max = this.#stops.length - 1;
    [this.#rtt.min, this.#rtt.max] = limits.rtt_ms;
    this.#presets.replaceChildren(...presets.map((preset) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = t(`net.${preset.name}`);
      button.dataset.preset = preset.name;
      button.addEventListener('click', () => {
        this.#change({ rtt_ms: preset.rtt_ms, jitter_ms: preset.jitter_ms });
        this.#jitter = preset.jitter_ms;
      });
      button.settings = preset;
      return button;
    }));
    this.#jitter = settings.jitter_ms;
    this.show(settings);
  }

  // show takes the settings that the server holds, unless newer ones are on
  // their way to it.
  show(settings) {
    if (this.#waiting) return;
    this.#settings = { ...settings };
    this.#write();
  }

  #write() {
    const { poll_ms: poll, rtt_ms: rtt, jitter_ms: jitter } = this.#settings;
    this.#poll.value = this.#stops.findIndex((ms) => ms >= poll);
    this.#rtt.value = rtt;
    this.#label(this.#poll, '#poll-value', time(poll));
    this.#label(this.#rtt, '#rtt-value', jitter ? t('controls.spread', { rtt: time(rtt), jitter: time(jitter) }) : time(rtt));
    for (const button of this.#presets.children) {
      const { rtt_ms, jitter_ms } = button.settings;
      button.setAttribute('aria-pressed', rtt_ms === rtt && jitter_ms === jitter);
    }
  }

  #label(slider, output, text) {
    document.querySelector(output).textContent = text;
    slider.setAttribute('aria-valuetext', text);
  }

  // change sends a change at once, and the last of many soon after.
  #change(change) {
    Object.assign(this.#settings, change);
    this.#write();
    if (this.#waiting) {
      Object.assign(this.#waiting, change);
      return;
    }
    this.#send({ type: 'set', ...change });
    this.#waiting = {};
    setTimeout(() => {
      const more = this.#waiting;
      this.#waiting = null;
      if (Object.keys(more).length) this.#change(more);
    }, pace);
  }
}
