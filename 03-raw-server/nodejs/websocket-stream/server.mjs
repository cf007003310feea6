// An echo server with websocket-stream: a connection is a stream, and a
// stream is piped into itself.
//
//   node websocket-stream/server.mjs        PORT=9203 uses another port
import { createServer } from 'node:http';
import websocket from 'websocket-stream';

const { PORT = 9103 } = process.env;

// snippet: server
const server = createServer((request, response) => {
  response.writeHead(426).end('WebSocket only\n');
});
websocket.createServer({ server }, (stream) => {
  stream.on('error', (err) => console.error(err.message));
  stream.pipe(stream);
});
server.listen(PORT, '127.0.0.1', () => {
  console.log(`echo at ws://127.0.0.1:${server.address().port}`);
});
// end snippet: server
