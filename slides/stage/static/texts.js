// Texts in the page's language, which the server has chosen.

export const language = document.documentElement.lang === 'pt-BR' ? 'pt-BR' : 'en';

const texts = await (await fetch(new URL(`i18n/${language}.json`, import.meta.url))).json();

// t returns the text of a key, with {name} replaced by values.name.
export function t(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// count returns the text for so many: that of key.one, or that of key.many.
export function count(key, n, values = {}) {
  return t(`${key}.${n === 1 ? 'one' : 'many'}`, { n, ...values });
}
