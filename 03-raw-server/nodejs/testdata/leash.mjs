// Loaded into every process that a test starts: when the test ends, however
// it ends, the process's standard input ends too, and the process with it.
process.stdin.on('end', () => process.exit());
process.stdin.resume();
process.stdin.unref();
