// The notice that there is no server, and when the page tries again.

import { number, t } from '../i18n.js';

const $ = (id) => document.getElementById(id);
let reason = 'banner.down';

// because gives the reason why the connection is about to be refused.
export const because = (key) => { reason = key; };

export function show(ms) {
  const text = t(reason);
  if ($('banner-text').textContent !== text) $('banner-text').textContent = text; // said once, not at every try
  $('banner-wait').textContent = t('banner.wait', { seconds: number(ms / 1000, 1) });
  $('banner').hidden = false;
  reason = 'banner.down';
}

export const hide = () => { $('banner').hidden = true; };
