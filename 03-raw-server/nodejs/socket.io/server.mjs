// Events, acknowledgements, rooms and a namespace with socket.io.
//
//   node socket.io/server.mjs               PORT=9202 uses another port
//                                           PING=1000 asks every second who is there
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const { PORT = 9102, PING = 25_000 } = process.env;

const server = createServer((request, response) => {
  response.writeHead(404).end('socket.io is at /socket.io/\n');
});
const io = new Server(server, {
  pingInterval: Number(PING),
  pingTimeout: Math.min(4 * PING, 20_000),
});

// snippet: server
io.on('connection', (socket) => {
  socket.on('echo', (data) => socket.emit('echo', data));
  socket.on('ask', (data, answer) => answer(data));
  socket.on('silent', () => {}); // never acknowledges

  socket.on('join', (room, joined) => {
    socket.join(room);
    joined();
  });
  socket.on('say', (room, text) => io.to(room).emit('said', text));
});
io.of('/admin').on('connection', (socket) => {
  socket.emit('welcome', 'admin');
});
// end snippet: server

server.listen(PORT, '127.0.0.1', () => {
  console.log(`socket.io at ws://127.0.0.1:${server.address().port}`);
});
