// A client of the chat that is not ours: Node's ws, and nothing else.
// node chat.mjs URL NAME: joins the room "go", says what it reads from its
// standard input, one line each, and prints what it hears as JSON.
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const [url, name] = process.argv.slice(2);
const socket = new WebSocket(url); // it offers permessage-deflate
const say = (request) => socket.send(JSON.stringify(request));
let id = 0;

socket.on('open', () => say({ action: 'join', room: 'go', name }));
socket.on('message', (data, isBinary) => console.log(isBinary ? '"binary"' : data.toString()));
socket.on('error', (error) => console.log(JSON.stringify({ type: 'broken', message: error.message })));
socket.on('close', (code, reason) => {
  console.log(JSON.stringify({ type: 'closed', code, reason: reason.toString() }));
  process.exit();
});
createInterface({ input: process.stdin })
  .on('line', (text) => say({ action: 'send', room: 'go', id: `${++id}`, text }))
  .on('close', () => socket.close(1000, 'bye'));
