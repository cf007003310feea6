// Says hello with ws, then 60,000 bytes, and tells what comes back.
//
//   node ws/client.mjs [URL]
import { WebSocket } from 'ws';

const url = process.argv[2] ?? 'ws://127.0.0.1:9101';

// snippet: client
const socket = new WebSocket(url);
socket.on('open', () => socket.send('hello'));
socket.once('message', (data, isBinary) => {
  console.log(isBinary ? 'bytes:' : 'text:', String(data));
  socket.send(Buffer.alloc(60_000));
  socket.once('message', (data, isBinary) => {
    console.log(isBinary ? 'bytes:' : 'text:', data.length);
    socket.close(4001, 'done');
  });
});
socket.on('close', (code, reason) => {
  console.log('closed', code, String(reason));
});
socket.on('error', (err) => console.log('error:', err.message));
// end snippet: client
