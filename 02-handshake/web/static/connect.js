// One handshake, from the browser's side: it says very little about it.

// snippet: connect

// connect opens a WebSocket and tells every event as it comes.
export function connect(address, subprotocols, told) {
  const socket = new WebSocket(address, subprotocols);
  socket.onopen = () => told('open', {
    protocol: socket.protocol, extensions: socket.extensions,
  });
  socket.onerror = () => told('error', {});
  socket.onclose = (e) => told('close', {
    code: e.code, reason: e.reason, clean: e.wasClean,
  });
  return socket;
}

// end snippet: connect

// What a visitor may try: what is asked of the server, and which
// subprotocols are offered.
export const tries = [
  { name: 'plain', query: '', subprotocols: [] },
  { name: 'chat', query: '', subprotocols: ['soap', 'chat'] },
  { name: 'soap', query: '', subprotocols: ['soap'] },
  { name: '401', query: '401', subprotocols: [] },
  { name: '403', query: '403', subprotocols: [] },
  { name: '302', query: '302', subprotocols: [] },
  { name: 'proof', query: 'proof', subprotocols: [] },
];

// addressOf is the address beside this page, with an id under which the
// server remembers what it saw.
export function addressOf(attempt, id) {
  const url = new URL('chat', document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  url.search = new URLSearchParams(attempt.query ? { id, try: attempt.query } : { id });
  return url.href;
}

// newID cannot be guessed.
export function newID() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}
