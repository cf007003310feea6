// The connection to the stage. It comes back whenever it is lost: soon at
// first, then less and less often, and at once when somebody looks at the page
// again or the network is back.

const soonest = 250; // ms
const latest = 8_000;
const patience = 45_000; // the server says something every 20 s, or is gone

// link keeps a connection. told is called with each position, state with
// whether there is a connection; where returns the slide that this page can
// swear to, for a server that has just been started and knows nothing.
export function link({ query = '', told, state, where }) {
  const url = new URL(`../ws${query}`, import.meta.url);
  url.protocol = url.protocol.replace('http', 'ws');
  let socket, timer, heard, tries = 0;
  let greeted; // the first position has come
  let sent; // steps on this connection
  let waiting; // the last step that there was no connection for

  function open() {
    clearTimeout(timer);
    const mine = socket = new WebSocket(url);
    greeted = false;
    sent = 0;
    heard = Date.now();
    mine.onmessage = ({ data }) => mine === socket && receive(JSON.parse(data));
    mine.onclose = () => mine === socket && lost();
  }

  function lost() {
    const closing = socket;
    socket = null;
    closing?.close();
    state(false);
    // Not all at the same moment: a server that starts has enough to do.
    timer = setTimeout(open, Math.min(latest, soonest * 2 ** tries++) * (0.5 + Math.random() / 2));
  }

  function receive(position) {
    heard = Date.now();
    if (!greeted) {
      greeted = true;
      tries = 0;
      state(true);
      const step = waiting ?? (position.slide ? null : where());
      waiting = null;
      if (step && position.role === 'driver') go(step);
    }
    // The answer to an older step than this page's last one is no news.
    told(position.ack < sent ? { ...position, slide: '' } : position);
  }

  // go takes a step; without a connection it is taken as soon as there is one.
  function go(slide) {
    if (greeted && socket?.readyState === WebSocket.OPEN) {
      sent++;
      socket.send(JSON.stringify({ type: 'go', slide }));
    } else {
      waiting = slide;
    }
  }

  // A phone that was asleep does not know that its connection has died.
  function awake() {
    if (document.hidden) return;
    if (!socket || Date.now() - heard > patience / 2) {
      tries = 0;
      again();
    }
  }
  function again() {
    const old = socket;
    socket = null;
    old?.close();
    open();
  }
  document.addEventListener('visibilitychange', awake);
  addEventListener('pageshow', awake);
  addEventListener('online', () => { tries = 0; again(); });
  setInterval(() => socket && Date.now() - heard > patience && lost(), 5_000);

  open();
  return { go };
}
