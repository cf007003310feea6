// Loses its connection, comes back, and sends what was said meanwhile.
// Break the connection while it runs: stop the server and start it again.
//
//   node socket.io/reconnect.mjs [URL]      DELAY=100 comes back sooner
import { io } from 'socket.io-client';

const url = process.argv[2] ?? 'ws://127.0.0.1:9102';
const { DELAY = 1000 } = process.env;

// snippet: reconnect
const socket = io(url, {
  transports: ['websocket'],
  reconnectionDelay: Number(DELAY), // doubles each time, up to 5 s
});
socket.on('connect', () => console.log('connected'));
socket.on('disconnect', (reason) => {
  console.log('lost:', reason);
  socket.emit('echo', 'said while away'); // kept until it is back
});
socket.on('echo', (data) => {
  console.log('event:', data);
  socket.disconnect();
});
// end snippet: reconnect
