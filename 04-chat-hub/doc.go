// The chat hub: rooms on gorilla/websocket, history and scale-out on NATS
// JetStream.
package chathub
