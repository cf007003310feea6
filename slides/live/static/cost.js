// Whoever changes a number sees at once what it costs: the server does the
// arithmetic, and its answer takes the place of what was there.

const form = document.getElementById('month');
let asking = new AbortController();

form.addEventListener('input', async () => {
  if (!form.checkValidity()) return;
  asking.abort();
  asking = new AbortController();
  const query = `?${new URLSearchParams(new FormData(form))}`;
  try {
    const answer = await fetch(query, { signal: asking.signal });
    if (!answer.ok) return;
    const there = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('result');
    const drawing = there.querySelector('img');
    await Object.assign(new Image(), { src: drawing.src }).decode(); // so that nothing flickers
    if (query !== `?${new URLSearchParams(new FormData(form))}`) return;
    document.getElementById('result').replaceWith(there);
    history.replaceState(null, '', query);
  } catch (error) {
    if (error.name !== 'AbortError') console.warn(error); // then the last answer stays
  }
});

form.addEventListener('submit', (event) => event.preventDefault());
