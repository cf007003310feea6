// What the scenes are played with.

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// until waits for what a function finds.
async function until(find) {
  for (;;) {
    let found;
    try {
      found = find();
    } catch {
      // Then it has not come yet.
    }
    if (found) return found;
    await sleep(50);
  }
}

const page = await until(() => {
  const d = document.querySelector('iframe').contentDocument;
  return d.readyState === 'complete' && d.body.childElementCount > 0 && d.URL !== 'about:blank' && d;
});
const inside = (d, selector) => until(() => d.querySelector(selector));
const $ = (selector) => inside(page, selector);

// say writes in a chat, and sends it.
async function say(d, text) {
  const field = await inside(d, '#text');
  await until(() => d.querySelectorAll('#members li').length > 0);
  field.value = text;
  field.dispatchEvent(new field.ownerDocument.defaultView.Event('input', { bubbles: true }));
  d.querySelector('#composer').requestSubmit();
  await until(() => d.querySelector('#messages').innerText.includes(text));
  await sleep(300);
}
