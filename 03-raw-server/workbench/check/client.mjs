// A client that check can grade: it connects again and again, echoes every
// message, and stops at 410 Gone.
//
//	go run ./03-raw-server check -full -listen 127.0.0.1:9003
//	npm install ws && node client.mjs ws://127.0.0.1:9003/
import WebSocket from "ws";

const url = process.argv[2] ?? "ws://127.0.0.1:9003/";

// snippet: client
function connect() {
  const socket = new WebSocket(url);
  let gone = false;
  socket.on("message", (data, binary) =>
    socket.send(data, { binary }),
  );
  socket.on("unexpected-response", (_request, response) => {
    gone = response.statusCode === 410;
    socket.terminate();
  });
  socket.on("error", () => {}); // a wrong frame is a case, too
  socket.on("close", () => gone || connect());
}
// end snippet: client

connect();
