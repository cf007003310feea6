// Package log is what a chat's hubs share: the history of every room, what
// happens in it now, and who is there. Hubs keep no state that another hub
// needs; they meet here.
//
// Read the interface [Store] first, then its plain implementation in
// log/memory, then [Follower], which joins history and live messages without
// a gap. log/nats is the same on NATS JetStream: durable, and shared by many
// processes.
package log
