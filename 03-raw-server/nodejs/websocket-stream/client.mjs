// Says hello with websocket-stream, then 60,000 bytes, and tells what comes
// back.
//
//   node websocket-stream/client.mjs [URL]
import websocket from 'websocket-stream';

const url = process.argv[2] ?? 'ws://127.0.0.1:9103';

const stream = websocket(url);
stream.write('hello');
stream.once('data', (data) => {
  console.log('data:', String(data));
  let bytes = 0; // in how many pieces, a stream does not say
  stream.on('data', (piece) => {
    bytes += piece.length;
    if (bytes === 60_000) {
      console.log('data:', bytes);
      stream.end();
    }
  });
  stream.write(Buffer.alloc(60_000));
});
stream.socket.addEventListener('close', ({ code, reason }) => {
  console.log('closed', code, reason);
});
stream.on('error', (err) => console.log('error:', err.message));
