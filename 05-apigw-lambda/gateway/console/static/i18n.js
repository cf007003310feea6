// Texts, numbers and times in the reader's language, which the server chose.

export const language = document.documentElement.lang;

const texts = await (await fetch(new URL(`i18n/${language}.json`, import.meta.url))).json();

// t is the text of a key, with {name} replaced by values.name.
export const t = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

// fill writes the texts that a part of the document asks for.
export function fill(root) {
  for (const e of root.querySelectorAll('[data-text]')) e.textContent = t(e.dataset.text);
  for (const e of root.querySelectorAll('[data-label]')) e.setAttribute('aria-label', t(e.dataset.label));
}

const plain = new Intl.NumberFormat(language);
const few = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 });
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });

export const number = (n) => plain.format(n);
export const bytes = (n) => (n === 1 ? t('bytes.one') : t('bytes.many', { n: number(n) }));

// duration of microseconds: "0.41 ms", "37 ms", "1,204 ms".
export const duration = (micros) => `${(micros < 100_000 ? few : whole).format(micros / 1000)} ms`;

const two = (n) => String(n).padStart(2, '0');

// clock is a time of the day, to the millisecond: the same in both languages.
export const clock = (at) => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
