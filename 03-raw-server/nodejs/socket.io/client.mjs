// Says hello with socket.io: as an event, as a question with an answer, and
// in bytes.
//
//   node socket.io/client.mjs [URL]         TRANSPORTS=websocket skips polling
import { io } from 'socket.io-client';

const url = process.argv[2] ?? 'ws://127.0.0.1:9102';
const { TRANSPORTS = 'polling,websocket', TIMEOUT = 20_000 } = process.env;

const socket = io(url, {
  transports: TRANSPORTS.split(','),
  timeout: Number(TIMEOUT),
  reconnection: false, // reconnect.mjs shows it
});

// snippet: client
socket.on('connect', () => socket.emit('echo', 'hello'));
socket.once('echo', async (data) => {
  console.log('event:', data);
  console.log('answer:', await socket.emitWithAck('ask', 'hello'));

  socket.emit('echo', Buffer.alloc(60_000));
  socket.once('echo', (bytes) => {
    console.log('event:', bytes.length);
    console.log('over', socket.io.engine.transport.name);
    socket.disconnect();
  });
});
socket.on('disconnect', (reason) => console.log('closed', reason));
// end snippet: client
socket.on('connect_error', (err) => {
  const why = err.description?.message ?? err.description?.status ?? err.description ?? '';
  console.log('error:', err.message, why);
});
