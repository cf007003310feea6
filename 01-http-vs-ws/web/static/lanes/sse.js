// Server-Sent Events: ask once, and the answer never ends. When it breaks,
// the browser asks again by itself, and says which event it had last.

export function follow({ base, after, signal, asking, got }) {
  return new Promise((_, fail) => {
    asking();
    const source = new EventSource(`${base}/sse?after=${after}`);
    source.onmessage = (message) => got(JSON.parse(message.data));
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) fail(new Error('the server refuses'));
    };
    signal.addEventListener('abort', () => {
      source.close();
      fail(signal.reason);
    });
  });
}
