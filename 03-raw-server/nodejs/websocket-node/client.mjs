// Says hello with websocket, then 60,000 bytes, and tells what comes back.
//
//   node websocket-node/client.mjs [URL]
import websocket from 'websocket';

const url = process.argv[2] ?? 'ws://127.0.0.1:9104';

const client = new websocket.client();
client.on('connect', (connection) => {
  connection.once('message', ({ utf8Data, binaryData }) => {
    console.log(utf8Data ? 'text:' : 'bytes:', String(utf8Data ?? binaryData));
    connection.sendBytes(Buffer.alloc(60_000));
    connection.once('message', ({ utf8Data, binaryData }) => {
      console.log(utf8Data ? 'text:' : 'bytes:', (utf8Data ?? binaryData).length);
      connection.close(4001, 'done');
    });
  });
  connection.on('close', (code, reason) => {
    console.log('closed', code, reason);
  });
  connection.sendUTF('hello');
});
client.on('connectFailed', (err) => {
  console.log('error:', err.message.split('\n')[0]); // the answer's header follows
});
client.connect(url);
