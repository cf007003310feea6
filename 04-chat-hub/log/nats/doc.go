// Package nats is the log on NATS JetStream: embedded in this process, which
// then owns a data folder and opens no port, or on an external server or
// cluster. Both have the same client code; only embed.go knows the server.
//
// Two streams carry everything:
//
//	CHAT      subjects chat.log.EPOCH.ROOM    the history
//	CHAT_DIR  subjects chat.name.ROOM.NAME    who is where, and
//	                   chat.hub.ID            which hubs live
//
// What happens now is plain NATS, chat.live.ROOM.KIND: the server itself
// republishes a message there once it is stored, with its number and that of
// the room's message before it. No consumer exists: history is read by
// direct get, which any replica answers, also while a leader is elected.
//
// The epoch stands in the subject. A hub that still knows an old one can
// neither write to a new history nor mistake it for its own.
//
// To do harm to a cluster of three for an hour, and count what is lost:
//
//	go test -run Cluster -v -timeout 0 -chaos 1h ./04-chat-hub/log/nats
package nats
