// The function that bench measures on serverless-offline: it posts back what
// it is sent. The client is kept between invocations, and its connection too.
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";

const client = new ApiGatewayManagementApiClient({
  endpoint: process.env.CONNECTIONS_ENDPOINT,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

export async function echo(event) {
  const { eventType, connectionId } = event.requestContext;
  if (eventType === "MESSAGE") {
    const { text } = JSON.parse(event.body);
    await client.send(
      new PostToConnectionCommand({ ConnectionId: connectionId, Data: text }),
    );
  }
  return { statusCode: 200 };
}
