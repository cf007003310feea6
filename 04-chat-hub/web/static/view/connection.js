// The state of the connection: a dot, a banner that counts down, and a
// sentence for screen readers, which do not hear it count.

import { t } from '../i18n.js';
import { $, write } from './dom.js';

const because = { 1008: 'banner.limit', 1012: 'banner.restart', 1013: 'banner.slow' };
const grace = 400; // a connection that comes back so soon is not worth a banner

export class Connection {
  #state = { state: 'closed' };
  #text = ''; // of the banner while the connection is gone
  #timer; // counts down
  #late; // shows the banner
  #room = null; // what is wrong with the current room
  #said = false; // that it is gone

  // retry opens a connection, again joins the current room.
  constructor({ retry, again }) {
    $('retry').addEventListener('click', () => (this.#state.state === 'open' ? again() : retry()));
  }

  // set is told every state of the client.
  set(state) {
    this.#state = state;
    clearInterval(this.#timer);
    if (state.state === 'waiting') this.#text = t(because[state.code] ?? 'banner.lost');
    if (state.state === 'replaced') this.#text = t('banner.replaced');
    if (state.state === 'open') {
      clearTimeout(this.#late);
      this.#late = undefined;
      this.#text = '';
      if (this.#said) write($('status'), t('banner.back'));
      this.#said = false;
    } else if (state.state === 'connecting' && this.#text === '') {
      this.#text = t('banner.connecting');
    }
    write($('state'), t(`state.${state.state}`));
    $('dot').dataset.state = state.state;
    if (state.state === 'waiting') this.#timer = setInterval(() => this.#draw(), 250);
    if (state.state !== 'open' && this.#late === undefined) {
      this.#late = setTimeout(() => {
        this.#late = null; // it has come
        this.#draw();
      }, grace);
    }
    this.#draw();
  }

  // room is told what the current room's state is.
  room(state, why) {
    this.#room = state === 'taken' ? { text: t('banner.taken') } : state === 'refused' ? { text: t('rooms.refused', { why }), again: true } : null;
    this.#draw();
  }

  #draw() {
    const { state, until } = this.#state;
    if (state === 'open') {
      this.#show(this.#room?.text ?? '', '', this.#room?.again ? t('rooms.again') : '');
      return;
    }
    if (this.#late !== null) { // not yet
      this.#show('', '', '');
      return;
    }
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    this.#show(this.#text,
      state === 'waiting' ? t('banner.wait', { seconds }) : state === 'connecting' && this.#text !== t('banner.connecting') ? t('banner.connecting') : '',
      state === 'replaced' ? t('banner.here') : state === 'waiting' ? t('banner.retry') : '');
    if (this.#text !== t('banner.connecting')) {
      write($('status'), this.#text);
      this.#said = true;
    }
  }

  #show(text, wait, button) {
    $('banner').hidden = text === '';
    write($('banner-text'), text);
    write($('banner-wait'), wait);
    write($('retry'), button);
    $('retry').hidden = button === '';
  }
}
