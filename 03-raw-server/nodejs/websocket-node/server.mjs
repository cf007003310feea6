// An echo server with websocket, which its repository calls WebSocket-Node.
//
//   node websocket-node/server.mjs          PORT=9204 uses another port
import { createServer } from 'node:http';
import websocket from 'websocket';

const { PORT = 9104 } = process.env;

const httpServer = createServer((request, response) => {
  response.writeHead(426).end('WebSocket only\n');
});

// snippet: server
const server = new websocket.server({ httpServer });
server.on('request', (request) => {
  const connection = request.accept(null, request.origin);
  connection.socket.on('error', () => {}); // or it would end us all
  connection.on('message', (message) => {
    if (message.type === 'utf8') {
      connection.sendUTF(message.utf8Data);
    } else {
      connection.sendBytes(message.binaryData);
    }
  });
});
// end snippet: server

httpServer.listen(PORT, '127.0.0.1', () => {
  console.log(`echo at ws://127.0.0.1:${httpServer.address().port}`);
});
