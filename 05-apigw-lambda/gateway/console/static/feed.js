// What the gateway tells, as Server-Sent Events. The browser comes back by
// itself when the line breaks, and says which event it has seen last.

export function follow({ past, live, lost, up, down }) {
  let [run, seen] = ['', 0]; // of the gateway's program, and the number of the last event

  // once hands on an event unless it was seen: a line that was opened anew
  // begins with what was before.
  const once = (take) => (message) => {
    const [itsRun, number] = message.lastEventId.split('.');
    if (itsRun === run && Number(number) <= seen) return;
    [run, seen] = [itsRun, Number(number)];
    take(JSON.parse(message.data));
  };
  const open = () => {
    const source = new EventSource('events');
    source.addEventListener('open', up);
    source.addEventListener('past', once(past));
    source.addEventListener('message', once(live));
    source.addEventListener('lost', (message) => lost(Number(message.data)));
    source.addEventListener('error', () => {
      down();
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 3000); // an error was the answer: then the browser gives up
    });
  };
  open();
}
