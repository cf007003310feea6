// Texts and numbers in the reader's language: ?lang= decides, else the browser.

const wanted = new URLSearchParams(location.search).get('lang');
const languages = wanted ? [wanted] : navigator.languages;

export const language = languages.find((l) => /^(pt|en)/i.test(l))?.toLowerCase().startsWith('pt')
  ? 'pt-BR' : 'en';

const texts = await (await fetch(new URL(`i18n/${language}.json`, import.meta.url))).json();

// t returns the text of a key, with {name} replaced by values.name.
export function t(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// fill writes the texts that the document asks for by their keys.
export function fill(root) {
  for (const element of root.querySelectorAll('[data-text]')) {
    element.textContent = t(element.dataset.text);
  }
  for (const element of root.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', t(element.dataset.label));
  }
}

// number writes a number with a fixed count of decimals.
export function number(x, decimals = 0) {
  return x.toLocaleString(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

// ms writes milliseconds, without the unit: two digits that say something.
export const ms = (x) => number(x, x < 9.95 ? 1 : 0);

// time writes a time with its unit, which does not go to another line.
export const time = (x) => (x < 1000 ? `${number(x)}\u00a0ms` : `${number(x / 1000, x % 1000 ? (x % 100 ? 2 : 1) : 0)}\u00a0s`);

// bytes writes an amount with its unit.
export function bytes(x) {
  for (const unit of ['B', 'kB', 'MB']) {
    if (x < 999.5) return `${number(x, unit === 'B' || x >= 99.5 ? 0 : 1)}\u00a0${unit}`;
    x /= 1000;
  }
  return `${number(x, 1)}\u00a0GB`;
}
