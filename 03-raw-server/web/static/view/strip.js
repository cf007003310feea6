// The conversation: a button for each frame, in the order on the wire.

import { bytes, number, t } from '../i18n.js';

const most = 40; // frames that are kept

export class Strip {
  #root;
  #chosen; // told which frame was chosen

  constructor(root, chosen) {
    this.#root = root;
    this.#chosen = chosen;
    const hint = document.createElement('li');
    hint.className = 'hint';
    hint.textContent = t('strip.empty');
    root.append(hint);
  }

  add(frame) {
    this.#root.querySelector('.hint')?.remove();
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.from = frame.from_client ? 'client' : 'server';
    button.dataset.opcode = frame.opcode;
    const arrow = document.createElement('span');
    arrow.className = 'arrow';
    arrow.textContent = frame.from_client ? '↑' : '↓';
    const fin = parseInt(frame.header.slice(0, 2), 16) & 0x80;
    const name = `${frame.opcode}${fin ? '' : ' …'}`;
    const size = document.createElement('small');
    size.textContent = number(frame.length);
    button.append(arrow, ` ${name} `, size);
    button.setAttribute('aria-label', t(frame.from_client ? 'strip.client' : 'strip.server', { opcode: name, length: bytes(frame.length) }));
    button.addEventListener('click', () => this.#chosen(frame));
    button.frame = frame;
    item.append(button);
    this.#root.append(item);
    while (this.#root.children.length > most) this.#root.firstChild.remove();
    this.#root.scrollLeft = this.#root.scrollWidth;
  }

  // opened marks the beginning of a connection.
  opened(conn, agreed) {
    const item = document.createElement('li');
    item.className = 'opened';
    item.textContent = agreed ? t('strip.compressed', { conn }) : t('strip.opened', { conn });
    item.title = agreed;
    this.#root.querySelector('.hint')?.remove();
    this.#root.append(item);
    this.#root.scrollLeft = this.#root.scrollWidth;
  }

  // mark shows which frames are drawn.
  mark(frames) {
    for (const button of this.#root.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', frames.includes(button.frame));
    }
  }
}
