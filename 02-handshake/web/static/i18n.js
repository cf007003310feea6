// Texts in the reader's language: ?lang= decides, else the browser.

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
}
