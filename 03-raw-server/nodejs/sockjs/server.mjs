// An echo server with sockjs-node, for clients whose network lets no
// WebSocket through.
//
//   node sockjs/server.mjs                  PORT=9205 uses another port
//                                           PING=1000 asks every second who is there
import { createServer } from 'node:http';
import sockjs from 'sockjs';

const { PORT = 9105, PING = 25_000 } = process.env;

// snippet: server
const echo = sockjs.createServer({
  heartbeat_delay: Number(PING),
  log: () => {},
});
echo.on('connection', (connection) => {
  connection.on('data', (text) => {
    if (text === 'bye') connection.close(4002, 'bye');
    else connection.write(text);
  });
});

const server = createServer((request, response) => {
  response.writeHead(404).end('sockjs is at /echo\n');
});
echo.installHandlers(server, { prefix: '/echo' });
// end snippet: server

// A client that hangs up in the middle of a handshake would end this process:
// sockjs leaves the socket's errors to nobody.
server.on('connection', (socket) => socket.on('error', () => {}));
server.listen(PORT, '127.0.0.1', () => {
  console.log(`sockjs at http://127.0.0.1:${server.address().port}/echo`);
});
