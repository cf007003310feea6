// Package hub is the chat's server: it upgrades connections with
// gorilla/websocket, and joins them to rooms.
//
// # Who owns what
//
// A [Hub] owns its connections and its rooms. What hubs have in common, the
// history and the names, is in a log.Store; a hub can die at any moment and
// nothing is lost that was acknowledged.
//
// A connection (conn.go) has one goroutine that reads. Another one works on
// its requests, and a third stores its messages; these two live only while
// there is something to do, because a goroutine costs more than all else that
// an idle connection needs.
//
// A room (room.go) owns its members and its feed. One goroutine, a
// log.Follower's, tells it what happens, on this hub or on another. It puts
// each event into the feed, as one WebSocket frame, encoded once.
//
// # Who writes
//
// A feed (feed.go) is a list of frames that only grows at its end; each member
// has its own place in it. Writing to a member is to write all that is
// between its place and the end (write.go). Nothing is copied or queued for a
// member, and one that is behind catches up with one write. A room's passes
// go from member to member; a socket that is full is left to a goroutine that
// waits for it, so nobody else does.
//
// # What happens to the slow
//
// A member that is more than Options.Behind bytes behind, or whose socket
// took nothing for Options.WriteTimeout, is evicted: close code 1013, "try
// again later". It comes back with the cursor of the last message it has
// seen, and gets what it missed from the history. So the bound of each queue
// is a bound of memory, never a hole in a conversation.
//
// # How it ends
//
// Shutdown refuses new connections, sends everyone close code 1012, each with
// another delay after which to come back, and waits for them to go.
package hub
