// Package functions is the chat as three Lambda functions: what API Gateway
// and others send them, turned into calls of package app.
//
//   - chat.go: every route of the WebSocket API
//   - authorizer.go and token.go: who may connect, and under which name
//   - announce.go: what another event has to say to everybody
//   - post.go: posts to connections through the @connections API
//   - open.go: what a function needs, from its environment
//   - local.go: the three in this process, for a gateway that runs them there
//
// The mains beside it, chat, authorizer and announce, are what is deployed.
//
// Environment of the functions:
//
//	TABLE_NAME             the DynamoDB table, see package store/dynamo
//	TOKEN_SECRET           of the authorizer: without it nobody gets in
//	CONNECTIONS_ENDPOINT   https://{api}.execute-api.{region}.amazonaws.com/{stage}: announce
//	                       needs it; chat takes it from its events if it is not set, and
//	                       must be given it where a custom domain stands before the API
//	AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI, AWS_ENDPOINT_URL_DYNAMODB
//	                       of the SDK: other servers, such as local ones, before all else
package functions
