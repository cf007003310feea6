// Texts and numbers in the reader's language: ?lang= decides, else the browser.

const wanted = new URLSearchParams(location.search).get('lang');
const known = (wanted ? [wanted] : navigator.languages).find((l) => /^(pt|en)/i.test(l)) ?? 'en';

export const language = /^pt/i.test(known) ? 'pt-BR' : 'en';

const texts = await (await fetch(new URL(`i18n/${language}.json`, import.meta.url))).json();

// t is the text of a key, with {name} replaced by values.name.
export const t = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

// fill writes the texts that a part of the document asks for.
export function fill(root) {
  for (const e of root.querySelectorAll('[data-text]')) e.textContent = t(e.dataset.text);
  for (const e of root.querySelectorAll('[data-label]')) e.setAttribute('aria-label', t(e.dataset.label));
  for (const e of root.querySelectorAll('[data-hint]')) e.setAttribute('placeholder', t(e.dataset.hint));
}

const plain = new Intl.NumberFormat(language);

export const number = (x) => plain.format(x);

// bytes is an amount: "1 byte", "65,536 bytes".
export const bytes = (n) => (n === 1 ? t('bytes.one') : t('bytes.many', { n: number(n) }));
