package web

import (
	"encoding/hex"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/narrate"
)

// What a page is told, each with its type first.
type (
	hello struct {
		Type     string `json:"type"`
		ID       string `json:"id"` // names the page to the echo
		Compress bool   `json:"compress"`
	}
	opened struct {
		Type   string `json:"type"`
		Conn   int    `json:"conn"`
		Agreed string `json:"agreed"` // the extensions
	}
	ended struct {
		Type string `json:"type"`
		Conn int    `json:"conn"`
	}
	granted struct {
		Type string `json:"type"`
		Do   string `json:"do"`
	}
	refusal struct {
		Type string `json:"type"`
		Why  string `json:"why"` // full, closed, code, reason, unknown
	}
)

// seen is a frame as a page is told of it. Bytes are in hexadecimal.
type seen struct {
	Type       string    `json:"type"` // frame
	Conn       int       `json:"conn"`
	At         float64   `json:"at_ms"`
	FromClient bool      `json:"from_client"`
	Opcode     string    `json:"opcode"`
	Header     string    `json:"header"`
	Key        string    `json:"key,omitempty"`
	Length     uint64    `json:"length"`
	Payload    string    `json:"payload"` // the first bytes, unmasked
	Kind       string    `json:"kind,omitempty"`
	Compressed bool      `json:"compressed,omitempty"`
	Inflated   *inflated `json:"inflated,omitempty"`
	Close      *closing  `json:"close,omitempty"`
	Broken     *broken   `json:"broken,omitempty"`
}

type inflated struct {
	Payload string `json:"payload"`
	Length  int    `json:"length"`
	Lost    bool   `json:"lost,omitempty"`
}

type closing struct {
	Code   frame.CloseCode `json:"code"` // 1005 is none
	Reason string          `json:"reason"`
}

type broken struct {
	Section string          `json:"section"`
	Reason  string          `json:"reason"`
	Code    frame.CloseCode `json:"code"`
}

func tellFrame(f narrate.Frame) seen {
	header, _ := f.Wire()
	s := seen{
		Type: "frame", Conn: f.Conn, At: float64(f.At.Microseconds()) / 1000, FromClient: f.FromClient,
		Opcode: f.Header.Opcode.String(), Header: hex.EncodeToString(header),
		Length: f.Header.Length, Payload: hex.EncodeToString(f.Payload), Compressed: f.Compressed,
	}
	if f.Header.Masked {
		s.Key = hex.EncodeToString(f.Header.Key[:])
	}
	if !f.Header.Opcode.IsControl() {
		s.Kind = f.Kind.String()
	}
	if m := f.Message; m != nil {
		s.Inflated = &inflated{hex.EncodeToString(m.Bytes), m.Length, m.Lost != ""}
	}
	if f.Broken != nil {
		s.Broken = &broken{f.Broken.Section, f.Broken.Reason, f.Broken.Code}
	} else if f.Header.Opcode == frame.Close {
		code, reason, _ := frame.ParseClose(f.Payload)
		s.Close = &closing{code, string(reason)}
	}
	return s
}
