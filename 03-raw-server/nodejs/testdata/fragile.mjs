// The servers of websocket and of sockjs as their READMEs have them: nobody
// listens for the errors of a socket.
import { createServer } from 'node:http';
import sockjs from 'sockjs';
import websocket from 'websocket';

const server = createServer();
if (process.argv[2] === 'sockjs') {
  sockjs.createServer({ log: () => {} }).installHandlers(server, { prefix: '/echo' });
} else {
  new websocket.server({ httpServer: server })
    .on('request', (request) => request.accept(null, request.origin));
}
server.listen(0, '127.0.0.1', () => console.log(`at http://127.0.0.1:${server.address().port}`));
