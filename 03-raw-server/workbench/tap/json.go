package tap

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
)

// JSON is a sink that writes one object on a line for each event.
type JSON struct {
	Out io.Writer
	Max int // how much of a payload; 0 is all that is kept
}

// See writes an event.
func (j *JSON) See(e Event) {
	if e.Kind == Part {
		return // its frame is told as well
	}
	line, err := json.Marshal(NewObject(e, j.Max))
	if err == nil {
		_, _ = j.Out.Write(append(line, '\n')) // when nobody reads, there is nobody to tell
	}
}

// An Object is an event as it is written in JSON. Its names stay as they are.
type Object struct {
	Kind Kind    `json:"kind"`
	At   float64 `json:"at_ms"`
	Conn int     `json:"conn"`
	From string  `json:"from,omitempty"` // client or server
	Note string  `json:"note,omitempty"` // Event.Text

	Opcode     string   `json:"opcode,omitempty"`
	Fin        *bool    `json:"fin,omitempty"`
	RSV        []int    `json:"rsv,omitempty"` // those that are set, such as [1]
	Mask       string   `json:"mask,omitempty"`
	Header     string   `json:"header,omitempty"` // in hexadecimal, as on the wire
	Length     *uint64  `json:"length,omitempty"` // on the wire
	Came       *uint64  `json:"came,omitempty"`   // if that is less
	Text       *string  `json:"text,omitempty"`   // the payload, if it is text
	Hex        string   `json:"hex,omitempty"`    // the payload, if it is not
	Shortened  bool     `json:"shortened,omitempty"`
	Inflated   *content `json:"inflated,omitempty"` // the message, when its last frame has come
	Close      *closing `json:"close,omitempty"`
	Broken     *rule    `json:"broken,omitempty"`
	Compressed bool     `json:"compressed,omitempty"`

	Accepted    *bool    `json:"accepted,omitempty"`
	Subprotocol string   `json:"subprotocol,omitempty"`
	Extensions  string   `json:"extensions,omitempty"`
	Faults      []string `json:"faults,omitempty"` // rules of the handshake that are broken
}

type content struct {
	Length    int     `json:"length"`
	Text      *string `json:"text,omitempty"`
	Hex       string  `json:"hex,omitempty"`
	Shortened bool    `json:"shortened,omitempty"`
	Lost      string  `json:"lost,omitempty"`
}

type closing struct {
	Code   frame.CloseCode `json:"code"` // 1005 is none
	Reason string          `json:"reason"`
}

type rule struct {
	Section string          `json:"section"` // of RFC 6455
	Reason  string          `json:"reason"`
	Code    frame.CloseCode `json:"code"` // to close with
}

// NewObject makes the object of an event. At most most bytes of a payload are
// in it, or all that is kept if that is 0.
func NewObject(e Event, most int) Object {
	o := Object{Kind: e.Kind, At: float64(e.At.Microseconds()) / 1000, Conn: e.Conn, Note: e.Text}
	switch e.Kind {
	case Opened, Closed:
	case Shaken:
		h := e.Handshake
		o.Accepted, o.Subprotocol = &h.Accepted, h.Subprotocol
		o.Extensions = h.Response.Header.Get("Sec-WebSocket-Extensions")
		for _, broken := range h.Broken {
			o.Faults = append(o.Faults, broken.Error())
		}
		fallthrough
	default:
		o.From = map[bool]string{true: "client", false: "server"}[e.FromClient]
	}
	switch e.Kind {
	case Request, Response:
		o.say(e.Raw, uint64(len(e.Raw)), true, 0)
	case Body:
		o.say(e.Data, uint64(len(e.Data)), true, most)
	case Bytes:
		o.say(e.Raw, uint64(len(e.Raw)), false, most)
	case Framed:
		o.frame(e, most)
	}
	return o
}

func (o *Object) frame(e Event, most int) {
	f := e.Frame
	h := f.Header
	o.Opcode, o.Fin, o.Compressed = h.Opcode.String(), &h.Fin, f.Compressed
	for i, bit := range []byte{frame.RSV1, frame.RSV2, frame.RSV3} {
		if h.RSV&bit != 0 {
			o.RSV = append(o.RSV, i+1)
		}
	}
	if h.Masked {
		o.Mask = hex.EncodeToString(h.Key[:])
	}
	o.Header = hex.EncodeToString(frame.Append(nil, h))
	isText := !f.Compressed && (f.Kind == frame.Text || h.Opcode == frame.Ping || h.Opcode == frame.Pong)
	o.say(f.Payload, h.Length, isText, most)
	if f.CutOff() {
		o.Came = &f.Came
	}
	if m := f.Message; m != nil {
		o.Inflated = &content{Lost: m.Lost}
		if m.Lost == "" {
			var inner Object
			inner.say(m.Bytes, uint64(m.Length), f.Kind == frame.Text, most)
			*o.Inflated = content{Length: m.Length, Text: inner.Text, Hex: inner.Hex, Shortened: inner.Shortened}
		}
	}
	if f.Broken != nil {
		o.Broken = &rule{f.Broken.Section, f.Broken.Reason, f.Broken.Code}
	} else if h.Opcode == frame.Close && !f.CutOff() {
		code, reason, _ := frame.ParseClose(f.Payload)
		o.Close = &closing{code, string(reason)}
	}
}

// say writes the start of b, which itself may be the start of more, as text
// if that is what it is.
func (o *Object) say(b []byte, length uint64, isText bool, most int) {
	o.Length = &length
	if most > 0 && len(b) > most {
		b = b[:most]
	}
	o.Shortened = uint64(len(b)) < length
	if isText && o.Shortened {
		b = wholeRunes(b)
	}
	if isText && utf8.Valid(b) {
		text := string(b)
		o.Text = &text
		return
	}
	o.Hex = hex.EncodeToString(b)
}
