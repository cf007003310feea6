module websocket.example/03-raw-server/peers

go 1.26.0

require (
	github.com/coder/websocket v1.8.15
	github.com/gobwas/httphead v0.1.0
	github.com/gobwas/ws v1.5.0
	github.com/gorilla/websocket v1.5.3
	github.com/lesismal/nbio v1.6.7
	github.com/lxzan/gws v1.8.9
	golang.org/x/net v0.62.0
	golang.org/x/term v0.47.0
	websocket.example/02-handshake v0.0.0
	websocket.example/03-raw-server v0.0.0
)

require (
	github.com/dolthub/maphash v0.1.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/lesismal/llib v1.2.2 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace (
	websocket.example/02-handshake => ../../02-handshake
	websocket.example/03-raw-server => ..
)
