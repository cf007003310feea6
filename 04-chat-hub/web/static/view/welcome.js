// Who are you, and where to? On a first visit, and when a name is taken.

import { t } from '../i18n.js';
import { $, write } from './dom.js';

export class Welcome {
  #dialog = $('welcome');
  #enter;
  #waits = false; // for what comes of it

  constructor() {
    $('enter').addEventListener('submit', (event) => {
      event.preventDefault();
      write($('welcome-error'), '');
      this.#waits = true;
      this.#enter({ name: $('name').value.trim(), room: $('room').value.trim() });
    });
    $('welcome-cancel').addEventListener('click', () => this.close());
    this.#dialog.addEventListener('cancel', (event) => { if (this.#dialog.dataset.kind === 'first') event.preventDefault(); });
  }

  get open() { return this.#dialog.open; }

  // first asks for a name and a room.
  first({ name, room }, enter) {
    this.#show('first', t('welcome.title'), t('welcome.lead'), t('welcome.enter'), enter);
    $('name').value = name;
    $('room').value = room;
  }

  // rename asks for another name.
  rename(name, enter) {
    this.#show('rename', t('rename.title'), t('rename.lead'), t('rename.enter'), enter);
    $('name').value = name;
    $('name').select();
  }

  // error says why it did not work.
  error(text) {
    this.#waits = false;
    write($('welcome-error'), text);
    $('name').focus();
    $('name').select();
  }

  // done closes it, if somebody waits for that.
  done() { if (this.#waits) this.close(); }

  close() { this.#dialog.close(); }

  #show(kind, title, lead, button, enter) {
    this.#enter = enter;
    this.#waits = false;
    this.#dialog.dataset.kind = kind;
    const first = kind === 'first';
    write($('welcome-title'), title);
    write($('welcome-lead'), lead);
    write($('welcome-error'), '');
    write($('enter-button'), button);
    $('welcome-room').hidden = !first;
    $('room').required = first;
    $('welcome-cancel').hidden = first;
    $('welcome-language').hidden = !first;
    if (!this.#dialog.open) this.#dialog.showModal();
    $('name').focus();
  }
}
