// Two people of one room. Where the deck is open twice, there are two more.

const { lang } = document.documentElement;
const { room } = document.body.dataset;

// held is given as long as this page lives, to one page at a time.
const hold = (name) => new Promise((held) => {
  navigator.locks.request(`chat ${name}`, { ifAvailable: true }, (lock) => {
    held(lock !== null);
    return lock && new Promise(() => {});
  });
});

for (const frame of document.querySelectorAll('iframe')) {
  let name = frame.dataset.name;
  for (let n = 2; navigator.locks && !await hold(name); n++) name = `${frame.dataset.name} ${n}`;
  frame.src = `room/?${new URLSearchParams({ lang, room, name })}`;
}
