// A client of the Lambda Runtime API for Node.js handlers: what AWS's own does
// for `file.export`, in the parts that a function can tell apart. Written for
// this workshop.
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import http from 'node:http';

const env = process.env;
const [host, port] = env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let requestId; // of the invocation under way

// call sends one request to the Runtime API.
function call(method, path, body, headers = {}) {
  return new Promise((done, fail) => {
    if (body !== undefined) headers['Content-Length'] = Buffer.byteLength(body);
    const req = http.request({ host, port, agent, method, path: '/2018-06-01/runtime' + path, headers }, (res) => {
      const parts = [];
      res.on('data', (part) => parts.push(part));
      res.on('error', fail);
      res.on('end', () => done({ status: res.statusCode, headers: res.headers, text: Buffer.concat(parts).toString() }));
    });
    req.on('error', fail);
    req.end(body);
  });
}

// shape is how Lambda tells an error of Node's.
function shape(err) {
  if (err instanceof Error) {
    return { errorType: err.name, errorMessage: err.message, trace: (err.stack ?? '').split('\n') };
  }
  return { errorType: typeof err, errorMessage: String(err), trace: [] };
}

class RuntimeError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

// The console writes the time, the request and a level before each line.
for (const [method, level] of Object.entries({ log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', debug: 'DEBUG', trace: 'TRACE' })) {
  console[method] = (...args) => {
    const stream = level === 'ERROR' || level === 'TRACE' ? process.stderr : process.stdout;
    stream.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${format(...args)}\n`);
  };
}

// isModule says whether a .js file is an ES module, as the package.json above it says.
function isModule(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const meta = join(folder, 'package.json');
    if (existsSync(meta)) return JSON.parse(readFileSync(meta, 'utf8')).type === 'module';
    if (dirname(folder) === folder) return false;
  }
}

async function load(file) {
  if (file.endsWith('.mjs') || (file.endsWith('.js') && isModule(file))) return import(pathToFileURL(file));
  try {
    return createRequire(file)(file);
  } catch (err) {
    if (err.code !== 'ERR_REQUIRE_ESM') throw err;
    return import(pathToFileURL(file));
  }
}

// find returns the function that `folder/file.export.name` means.
async function find(root, handler) {
  const slash = handler.lastIndexOf('/') + 1;
  const parts = handler.slice(slash).split('.');
  if (parts.length < 2 || parts.includes('')) throw new RuntimeError('Runtime.MalformedHandlerName', 'Bad handler');
  const base = resolve(root, handler.slice(0, slash), parts[0]);
  const file = ['.js', '.mjs', '.cjs'].map((ext) => base + ext).find(existsSync);
  if (!file) throw new RuntimeError('Runtime.ImportModuleError', `Error: Cannot find module '${parts[0]}'`);
  let found;
  try {
    found = await load(file);
  } catch (err) {
    if (err instanceof SyntaxError) throw new RuntimeError('Runtime.UserCodeSyntaxError', String(err));
    if (/MODULE_NOT_FOUND$/.test(err?.code)) throw new RuntimeError('Runtime.ImportModuleError', String(err));
    throw err;
  }
  const member = (from) => parts.slice(1).reduce((value, name) => value?.[name], from);
  const fn = member(found) ?? member(found.default);
  if (typeof fn !== 'function') throw new RuntimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  return fn;
}

// contextOf is the handler's second argument.
function contextOf(headers, done) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const json = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: requestId,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: json('lambda-runtime-client-context'),
    identity: json('lambda-runtime-cognito-identity'),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done,
    succeed: (value) => done(null, value),
    fail: (err) => done(err ?? 'handled'),
  };
}

// An empty event loop is when a callback's value is sent, if it waits for
// that, and when a handler that never answers has returned nothing.
let emptied;
process.on('beforeExit', () => emptied?.());

// run calls the handler. A promise counts, if it returns one; else the callback.
function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    let answered;
    const finish = () => answered();
    const callback = (err, value) => {
      if (answered) return;
      answered = () => (err ? reject(err) : resolve(value));
      if (err || !context.callbackWaitsForEmptyEventLoop) finish();
    };
    const context = contextOf(headers, callback);
    emptied = () => (answered ? finish() : resolve(undefined));
    const returned = handler(event, context, callback);
    if (typeof returned?.then === 'function') {
      emptied = () => resolve(undefined); // a promise that nothing is left to settle
      returned.then(resolve, reject);
    }
  });
}

async function report(path, type, err, status) {
  const told = shape(err);
  process.stderr.write(`${new Date().toISOString()}\t${requestId}\tERROR\t${type} \t${JSON.stringify({ ...told, trace: undefined, stack: told.trace })}\n`);
  await call('POST', path, JSON.stringify(told), {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Function-Error-Type': told.errorType,
  });
  if (status !== undefined) process.exit(status);
}

const fatal = (type, status) => (err) =>
  report(requestId ? `/invocation/${requestId}/error` : '/init/error', type, err, status);
process.on('uncaughtException', fatal('Uncaught Exception', 129));
process.on('unhandledRejection', (reason) => {
  const err = new RuntimeError('Runtime.UnhandledPromiseRejection', String(reason));
  if (reason?.stack) err.stack = reason.stack;
  return fatal('Unhandled Promise Rejection', 128)(err);
});

let handler;
try {
  handler = await find(env.LAMBDA_TASK_ROOT, env._HANDLER);
} catch (err) {
  await report('/init/error', 'Uncaught Exception', err, 1);
}
for (;;) {
  const { headers, text } = await call('GET', '/invocation/next');
  requestId = headers['lambda-runtime-aws-request-id'];
  env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
  const path = `/invocation/${requestId}/`;
  let answer;
  try {
    const value = await run(handler, JSON.parse(text), headers);
    answer = JSON.stringify(value === undefined ? null : value);
  } catch (err) {
    await report(path + 'error', 'Invoke Error', err);
    continue;
  }
  await call('POST', path + 'response', answer, { 'Content-Type': 'application/json' });
}
