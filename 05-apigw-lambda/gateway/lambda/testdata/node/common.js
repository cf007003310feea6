// Handlers in every style that Lambda knows.
exports.echo = async (event) => {
  console.log('got', event);
  return event;
};
exports.nested = { handler: () => Promise.resolve('nested') };
exports.nothing = async () => {};
exports.callback = (event, context, callback) => {
  setTimeout(() => console.log('the loop was not empty'), 20);
  callback(null, event);
};
exports.impatient = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => {}, 60000);
  callback(null, 'at once');
};
exports.callbackError = (event, context, callback) => callback(new TypeError('no'));
exports.silent = () => {};
exports.never = () => new Promise(() => {});
exports.succeed = (event, context) => context.succeed('done');
exports.throws = () => {
  const err = new Error('no');
  err.name = 'Custom';
  throw err;
};
exports.rejects = async () => {
  throw 'just text';
};
exports.uncaught = () =>
  new Promise(() => {
    setTimeout(() => {
      throw new Error('from a timer');
    }, 1);
  });
exports.unhandled = () =>
  new Promise(() => {
    Promise.reject(new Error('nobody caught it'));
  });
exports.context = async (event, c) => [
  c.functionName,
  c.functionVersion,
  c.invokedFunctionArn,
  c.memoryLimitInMB,
  c.logGroupName,
  c.getRemainingTimeInMillis() > 1000 && c.getRemainingTimeInMillis() <= 20000,
  c.awsRequestId.length === 36,
  c.callbackWaitsForEmptyEventLoop,
  process.env.AWS_EXECUTION_ENV,
];
