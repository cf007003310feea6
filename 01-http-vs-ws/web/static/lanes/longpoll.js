// Long polling: ask, and the server answers when there is something to say.
// Then ask again at once.

export async function follow({ base, after, signal, asking, got }) {
  for (;;) {
    asking();
    const response = await fetch(`${base}/long-poll?after=${after}`, { signal });
    for (const event of await response.json()) {
      got(event);
      after = event.n;
    }
  }
}
