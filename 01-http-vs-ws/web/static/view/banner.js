// The notice that there is no server, and when the page tries again.

import { number, t } from '../i18n.js';

const banner = document.querySelector('#banner');
const text = document.querySelector('#banner-text');
const wait = document.querySelector('#banner-wait');

let reason = 'banner.down';

// because says why the connection is about to be refused.
export function because(key) {
  reason = key;
}

export function show(ms) {
  // Said once, not at every try: a screen reader would repeat it.
  if (text.dataset.reason !== reason) text.textContent = t(reason);
  text.dataset.reason = reason;
  wait.textContent = t('banner.wait', { seconds: number(ms / 1000, 1) });
  banner.hidden = false;
  reason = 'banner.down';
}

export function hide() {
  banner.hidden = true;
}
