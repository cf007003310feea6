// Writes three times before websocket-stream is connected.
import websocket from 'websocket-stream';

const stream = websocket(process.argv[2]);
stream.write('one');
stream.write('two');
stream.write('three');
let text = '';
stream.on('data', (data) => {
  text += data;
  console.log('data:', String(data));
  if (text === 'onetwothree') stream.end();
});
