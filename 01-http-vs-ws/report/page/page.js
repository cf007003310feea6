// The page is whole without this: the buttons switch the language by CSS.
// The script only picks the language of the browser, or ?lang=pt-BR.
const buttons = Array.from(document.querySelectorAll("input[name=lang]"));
const wanted = new URLSearchParams(location.search).get("lang") ?? navigator.language;
const show = (button) => {
  button.checked = true;
  document.documentElement.lang = button.value;
  document.title = document.querySelector(`main[lang="${button.value}"]`).dataset.title;
};
const main = (tag) => tag.toLowerCase().split("-")[0];
show(buttons.find((button) => main(button.value) === main(wanted)) ?? buttons[0]);
for (const button of buttons) button.addEventListener("change", () => show(button));
