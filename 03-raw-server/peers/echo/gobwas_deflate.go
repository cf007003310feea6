package echo

import (
	"bytes"
	"compress/flate"
	"io"
	"sync"

	"github.com/gobwas/ws/wsflate"
)

// The helpers of wsflate make a new compressor for each message; a Writer and
// a Reader that are reset do not. It brings no codec of its own: this is the
// standard library's, as in its documentation. Context takeover it has none.

var gobwasWriters = sync.Pool{New: func() any {
	return wsflate.NewWriter(nil, func(w io.Writer) wsflate.Compressor {
		f, _ := flate.NewWriter(w, 1) // only another level is an error
		return f
	})
}}

var gobwasReaders = sync.Pool{New: func() any {
	return wsflate.NewReader(bytes.NewReader(nil), func(r io.Reader) wsflate.Decompressor {
		return gobwasInflater{flate.NewReader(r)}
	})
}}

// gobwasInflater is a flate reader with the Reset that wsflate looks for.
type gobwasInflater struct{ io.ReadCloser }

func (f gobwasInflater) Reset(r io.Reader) {
	_ = f.ReadCloser.(flate.Resetter).Reset(r, nil) // it never fails
}

// gobwasRepack takes a compressed message, and writes it compressed anew.
func gobwasRepack(to *bytes.Buffer, packed []byte) error {
	w := gobwasWriters.Get().(*wsflate.Writer)
	defer gobwasWriters.Put(w)
	w.Reset(to)
	r := gobwasReaders.Get().(*wsflate.Reader)
	defer gobwasReaders.Put(r)
	r.Reset(bytes.NewReader(packed))
	plain := gobwasPlain.Get().(*bytes.Buffer)
	defer gobwasPlain.Put(plain)
	plain.Reset()
	if _, err := plain.ReadFrom(io.LimitReader(r, MaxMessage)); err != nil {
		return err
	}
	if _, err := w.Write(plain.Bytes()); err != nil {
		return err
	}
	return w.Flush()
}

var gobwasPlain = sync.Pool{New: func() any { return new(bytes.Buffer) }}
