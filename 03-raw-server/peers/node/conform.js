// The echo server and the echo client of ws's README, to be graded. Compression is on with
// all its defaults, but for short messages as well.
//
//   node conform.js serve      prints its address
//   node conform.js visit URL N  connects again and again, N at a time, until it is answered 410
//
// Ends with its standard input.
const { WebSocket, WebSocketServer } = require('ws');

const [role, url, sideBySide] = process.argv.slice(2);
const options = { perMessageDeflate: { threshold: 0 }, maxPayload: 32 << 20 };

function echo(socket) {
  socket.on('error', () => {}); // 'close' follows
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
}

function serve() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  server.on('connection', echo);
  server.on('listening', () => {
    const { address, port } = server.address();
    console.log(`${address}:${port}`);
  });
}

function visit() {
  let gone = false;
  const socket = new WebSocket(url, options);
  echo(socket);
  socket.on('unexpected-response', (request, response) => {
    gone = response.statusCode === 410;
    request.destroy(); // which ends the socket: 'close' follows
  });
  socket.on('close', () => {
    if (!gone) {
      visit();
    }
  });
}

if (role === 'serve') {
  serve();
} else {
  for (let i = 0; i < Number(sideBySide); i++) {
    visit();
  }
}

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
