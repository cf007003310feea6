// Package deflate is RFC 7692, permessage-deflate: the messages of a
// WebSocket connection, compressed. It does no I/O: bytes go in, bytes come
// out, and whoever owns the connection decides which messages are worth it.
//
// The agreement:
//
//	params.go      what the two sides agree on
//	offer.go       the client asks, and judges the answer
//	negotiate.go   the server chooses
//
// Compressing, which is RFC 1951 from the front:
//
//	compress.go    a message becomes smaller
//	match.go       first, what was there before is found; match_best.go looks longer
//	block.go       then a block is written in the cheapest of three ways
//	huffman.go     with short codes for what is frequent
//	header.go      and in front of it, what the codes are
//	bits.go        bit after bit, as they lie in bytes
//
// And from the back:
//
//	decompress.go  a message is itself again, within a limit
//	inflate.go     block after block
//	codes.go       symbol after symbol: the loop that has to be fast
//	decoder.go     which bits are which symbol
//	window.go      what earlier messages were
//
// A Compressor and a Decompressor belong to one connection, and each to one
// goroutine at a time. Neither keeps what it is given, nor gives away what it
// keeps.
//
// The codec is our own because there is none in Go that keeps a window of any
// size at full speed. It knows the whole message and where the result goes, so
// it needs neither a reader, a writer, nor a copy; and a connection with context
// takeover costs 80 KiB to compress instead of 800. How decompressing is done
// plainly, bit by bit, is in plain_test.go: the two are fuzzed against each
// other, and against the standard library.
package deflate
