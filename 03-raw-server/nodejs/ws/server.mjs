// An echo server with ws, the library below most of the others.
//
//   node ws/server.mjs          PORT=9201 uses another port
//                               COMPRESS=1 accepts permessage-deflate
import { WebSocketServer } from 'ws';

const { PORT = 9101, COMPRESS } = process.env;

// snippet: server
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: PORT,
  perMessageDeflate: Boolean(COMPRESS),
});
server.on('connection', (socket) => {
  socket.on('error', console.error);
  socket.on('message', (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
});
// end snippet: server

server.on('listening', () => {
  console.log(`echo at ws://127.0.0.1:${server.address().port}`);
});
