// Texts, numbers and dates in the reader's language, which the server chose.

export const language = document.documentElement.lang;

const texts = await (await fetch(new URL(`i18n/${language}.json`, import.meta.url))).json();

// t is the text of a key, with {name} replaced by values.name.
export const t = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

// has says whether there is such a text.
export const has = (key) => Object.hasOwn(texts, key);

// fill writes the texts that a part of the document asks for.
export function fill(root) {
  for (const e of root.querySelectorAll('[data-text]')) e.textContent = t(e.dataset.text);
  for (const e of root.querySelectorAll('[data-label]')) e.setAttribute('aria-label', t(e.dataset.label));
  for (const e of root.querySelectorAll('[data-hint]')) e.placeholder = t(e.dataset.hint);
}

// count is a text that differs for one: "1 message", "2 messages".
export const count = (key, n) => t(n === 1 ? `${key}.one` : `${key}.many`, { n: n.toLocaleString(language) });

const clock = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
const long = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'medium' });
const date = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' });
const dateAndYear = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric' });

export const time = (at) => clock.format(at);
export const moment = (at) => long.format(at);

// day names the day of a moment, as one does today.
export function day(at) {
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (at.toDateString() === today.toDateString()) return t('day.today');
  if (at.toDateString() === yesterday.toDateString()) return t('day.yesterday');
  return (at.getFullYear() === today.getFullYear() ? date : dateAndYear).format(at);
}
