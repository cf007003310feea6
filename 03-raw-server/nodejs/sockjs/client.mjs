// Says hello with sockjs-client, then 60,000 letters, and tells what comes
// back, and how.
//
//   node sockjs/client.mjs [URL]
import SockJS from 'sockjs-client';

const url = process.argv[2] ?? 'http://127.0.0.1:9105/echo';

// snippet: client
const socket = new SockJS(url);
socket.onopen = () => socket.send('hello');
socket.onmessage = ({ data }) => {
  if (data === 'hello') {
    console.log('text:', data);
    socket.send('a'.repeat(60_000)); // there is only text
    return;
  }
  console.log('text:', data.length);
  console.log('over', socket.transport);
  socket.close(4001, 'done');
};
socket.onclose = ({ code, reason }) => {
  console.log('closed', code, reason);
};
// end snippet: client
