// Package app is the chat itself, without AWS: what a request does to a room,
// and who is told. It knows two interfaces, a [Store] and a [Poster].
//
// In reading order: app.go takes a request; send.go stores a message;
// deliver.go tells it; join.go and leave.go; ping.go heals; signal.go,
// history.go and announce.go are the rest.
//
// # What makes it hard
//
// Functions run at the same time, share only the store, and die at any call.
// Posts of two functions to one connection overtake each other. And a client
// drops a message whose cursor is not later than the last one it has seen: if
// 5 comes before 4, then 4 is lost.
//
// # What is promised
//
// A message that was acknowledged is in the room once, whoever sent it again.
// Each member that stays, or comes back with its last cursor within a week and
// 500 messages, sees every message after that once, in the room's order; who
// was away longer is told so (recovered: false). If a function dies, a room is
// told the rest by the next message in it, or by any member's next ping after
// the dead one's turn is up: as long as pings are apart at most, and the sooner
// the more members there are.
//
// Not promised: that two messages of one client are stored in the order in
// which it sent them, unless it waits for the first ack, for API Gateway runs
// them at the same time; that a presence or a typing comes, or comes once.
//
// # Why it holds
//
// Numbers without gaps. A message takes the next number of its room by the
// very write that stores it, which fails if another one has it. A claim,
// written before, says from which number on the message may be; whoever sends
// it again looks at each number from there. (send.go)
//
// Everybody posts in order, from a place that is known. A room says up to
// which message all its members have been told, Delivered; a member that was
// told less is marked with what it lacks. A function posts to each member one
// message after the other, from that place on, without leaving any out. So
// whatever two functions do at once, a member's first copy of 5 comes after a
// copy of 4, and what comes twice is dropped. (deliver.go)
//
// Only then the place moves. Delivered moves when each member was told, marked
// or found to be gone. A mark goes when the member was told all that any
// function relies on the mark for. Members are read after the messages and
// after Delivered, so one who is not in the list has joined later, and found
// the message in the history. (join.go)
//
// Turns are for economy. The function whose turn it is delivers for all, and
// those that come meanwhile only note that there is more. If it dies, its turn
// ends after ten seconds. If it is only slow, two functions deliver, which
// costs posts and nothing else. An ack is sent after the room's state says
// that there is something to deliver: so whoever looks at it can heal it.
//
// This rests on one thing about API Gateway: of two posts to a connection, the
// second made after the first was answered, the first arrives first.
//
// # What a request costs
//
// Round trips to the store, one after the other, and calls in all, when
// nothing else happens in the room:
//
//	join      4 trips  8 calls   1 more for a new room, 2 more with since
//	send      5 trips  7 calls   the last one after the posts; 6 calls if it was sent before
//	leave     4 trips  4 calls
//	typing    1 trip   2 calls
//	who       1 trip   2 calls
//	history   2 trips  3 calls
//	ping      2 trips  1 call    and 2 for each room; its answer, the pong, comes after
//
// Posts: a message to each member, and an ack; nothing else. A pong is what the
// function returns: its route is two-way.
package app
