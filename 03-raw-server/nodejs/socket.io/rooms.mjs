// Three clients, two of them in a room.
//
//   node socket.io/rooms.mjs [URL]
import { once } from 'node:events';
import { io } from 'socket.io-client';

const url = process.argv[2] ?? 'ws://127.0.0.1:9102';

const clients = ['ana', 'bia', 'caio'].map((name) => {
  const socket = io(url, { transports: ['websocket'], forceNew: true });
  socket.on('said', (text) => console.log(name, 'hears', text));
  return socket;
});

// snippet: rooms
const [ana, bia, caio] = clients;
await ana.emitWithAck('join', 'sala');
await bia.emitWithAck('join', 'sala');

const heard = [once(ana, 'said'), once(bia, 'said')];
caio.emit('say', 'sala', 'oi'); // caio may speak, and hears nothing
await Promise.all(heard);

// Had he been sent it, it would have come before this answer.
await caio.emitWithAck('ask', 'anything?');
// end snippet: rooms

const late = caio.timeout(200).emitWithAck('silent');
console.log('without an answer:', await late.catch((err) => err.message));
clients.forEach((socket) => socket.disconnect());
