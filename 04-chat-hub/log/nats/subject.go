package nats

import (
	"encoding/base64"
	"strconv"

	"websocket.example/04-chat-hub/chat"
)

const (
	logStream = "CHAT"
	dirStream = "CHAT_DIR"
	root      = "chat."
)

// token makes one token of a subject out of any string: rooms and names may
// have dots, spaces and stars in them.
func token(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func epochToken(epoch uint64) string { return strconv.FormatUint(epoch, 36) }

// logSubject is where a room's messages are stored.
func logSubject(epoch uint64, room string) string {
	return root + "log." + epochToken(epoch) + "." + token(room)
}

// allSubjects are those of all rooms.
func allSubjects(epoch uint64) string { return root + "log." + epochToken(epoch) + ".*" }

// liveSubject is where something of a kind is told about a room. The kind of
// a message is its epoch.
func liveSubject(room, kind string) string { return root + "live." + token(room) + "." + kind }

const (
	kindPresence = "presence"
	kindTyping   = "typing"
)

// elsewhereSubject is where a hub says that it leaves a server.
const elsewhereSubject = root + "elsewhere"

func nameSubject(room, name string) string {
	return root + "name." + token(room) + "." + token(chat.NameKey(name))
}

func hubSubject(id string) string { return root + "hub." + id }
