// Connects as socket.io-client does by itself, and leaves after its upgrade.
import { io } from 'socket.io-client';

const socket = io(process.argv[2]);
socket.io.on('open', () => {
  const { engine } = socket.io;
  console.log('from', engine.transport.name);
  engine.once('upgrade', () => {
    console.log('to', engine.transport.name);
    if (socket.connected) socket.disconnect();
    else socket.on('connect', () => socket.disconnect());
  });
});
