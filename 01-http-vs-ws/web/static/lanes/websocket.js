// WebSocket: ask once, and from then on both sides may send at any time.
// Nothing asks again by itself: that is the program's business (keep.js).

export function follow({ base, after, signal, asking, got }) {
  return new Promise((_, fail) => {
    asking();
    const socket = new WebSocket(`${base.replace('http', 'ws')}/websocket?after=${after}`);
    socket.onmessage = (message) => got(JSON.parse(message.data));
    socket.onclose = () => fail(new Error('the connection was closed'));
    signal.addEventListener('abort', () => socket.close());
  });
}
