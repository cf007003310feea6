// Runs an example client against one URL after the other, each when the one
// before has nothing left to do:
//
//   node visit.mjs CLIENT URL...
//
// An import with another query runs the module again.
const [client, ...urls] = process.argv.slice(2);
let visit = 0;

process.on('beforeExit', async () => {
  if (visit === urls.length) return;
  process.argv[2] = urls[visit];
  console.log('visit', visit++);
  await import(`${client}?${visit}`);
});
