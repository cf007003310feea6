// Waits with ws until the connection ends.
import { WebSocket } from 'ws';

const socket = new WebSocket(process.argv[2]);
socket.on('open', () => console.log('open'));
socket.on('close', (code) => console.log('closed', code));
