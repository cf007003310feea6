// The echo server of ws's README, with bufferutil as it recommends: it is found by itself.
// Compression is set to level 1 and to every size, like that of the other servers.
//
// Prints its port's address, gives memory back on "free", ends with its standard input.
const { WebSocketServer } = require('ws');

const deflate = process.argv[2] || 'off';
const alone = deflate === 'no-takeover';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  maxPayload: 32 << 20,
  perMessageDeflate: deflate !== 'off' && {
    zlibDeflateOptions: { level: 1 },
    threshold: 0,
    serverNoContextTakeover: alone,
    clientNoContextTakeover: alone,
  },
});

server.on('connection', (socket) => {
  socket.on('error', () => {}); // 'close' follows
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

server.on('listening', () => {
  const { address, port } = server.address();
  console.log(`${address}:${port}`);
});

process.stdin.on('data', (lines) => {
  for (const line of String(lines).split('\n')) {
    if (line === 'free') {
      global.gc?.(); // there with --expose-gc
      console.log('freed');
    }
  }
});
process.stdin.on('end', () => process.exit(0));
