// @connections, called once each and never again: what became of it, as the SDK
// has decoded it, is the probe's outcome.
import {
  ApiGatewayManagementApiClient as Client,
  DeleteConnectionCommand as Delete,
  GetConnectionCommand as Get,
  PostToConnectionCommand as Post,
} from "@aws-sdk/client-apigatewaymanagementapi";

const client = new Client({
  endpoint: process.env.CONNECTIONS_ENDPOINT,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  maxAttempts: 1,
});

export const post = (id, text) => outcome("post", new Post({ ConnectionId: id, Data: text }));
const remove = (id) => outcome("delete", new Delete({ ConnectionId: id }));
export { remove as delete };
export const get = (id) =>
  outcome("get", new Get({ ConnectionId: id }), ({ ConnectedAt, LastActiveAt, Identity }) => ({
    connectedAt: ConnectedAt,
    lastActiveAt: LastActiveAt,
    sourceIp: Identity?.SourceIp,
    userAgent: Identity?.UserAgent,
  }));

async function outcome(call, command, more = () => ({})) {
  try {
    const answer = await client.send(command);
    return { call, status: answer.$metadata.httpStatusCode, ...more(answer) };
  } catch (error) {
    return { call, status: error.$metadata?.httpStatusCode ?? 504, error: error.name, text: error.message };
  }
}
