// The probe of deploy/probe, for Node: it does on demand whatever a function can
// do, well or badly. What each route does stands in probe.go's doc comment.
import { setTimeout as sleep } from "node:timers/promises";

// The SDK is read when it is needed, for each worker that starts would wait for it.
const connections = () => import("./connections.mjs");

const accepted = { statusCode: 200 };
const late = 10_000; // longer than the function's timeout

export async function handler(event) {
  const { eventType, authorizer } = event.requestContext;
  if (eventType === "MESSAGE") return act(event);
  if (authorizer?.watcher) {
    const { post } = await connections();
    await post(authorizer.watcher, JSON.stringify(event));
  }
  return eventType === "CONNECT" ? connect(event) : accepted;
}

async function connect(event) {
  const query = event.queryStringParameters ?? {};
  const answer = { statusCode: 200, headers: { "X-Probe": "connect" } };
  if ("subprotocol" in query) answer.headers["Sec-WebSocket-Protocol"] = query.subprotocol;
  if ("status" in query) {
    answer.statusCode = Number(query.status);
    answer.body = "the probe says " + query.status;
  }
  if ("post" in query) {
    const { post } = await connections();
    const { status } = await post(event.requestContext.connectionId, "posted in $connect");
    answer.statusCode = status;
  }
  switch (query.fail) {
    case "error":
      throw new Error("the probe fails, as it was told to");
    case "panic":
      process.exit(1);
    case "malformed":
      return "text in place of a status";
    case "null":
      return null;
    case "timeout":
      await sleep(late);
  }
  return answer;
}

async function act(event) {
  const { routeKey, connectionId } = event.requestContext;
  const message = read(event.body);
  const action = routeKey === "$default" || routeKey === "chat/join" ? "event" : message.action;
  const to = message.to || connectionId;
  switch (action) {
    case "answer":
    case "oneway":
      return message.return ?? null;
    case "error":
      throw new Error("the probe fails, as it was told to");
    case "crash":
      process.exit(1); // what a panic comes to
    case "slow":
      await sleep(message.ms);
      break;
    case "late":
      await sleep(late);
      break;
    case "event":
      return { statusCode: 200, body: JSON.stringify(event) };
    case "post": {
      const { post } = await connections();
      const outcome = await post(to, message.size > 0 ? "x".repeat(message.size) : message.text);
      if (message.to) await post(connectionId, JSON.stringify(outcome));
      break;
    }
    case "get":
    case "delete": {
      const outcome = await (await connections())[action](to);
      return { statusCode: 200, body: JSON.stringify(outcome) };
    }
  }
  return { statusCode: 200, body: event.body };
}

// What is no JSON object is a message too: for $default.
function read(body) {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}
