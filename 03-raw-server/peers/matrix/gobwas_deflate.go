package matrix

import (
	"compress/flate"
	"io"

	"github.com/gobwas/ws/wsflate"
)

// gobwasCopy copies a message, through a decompressor and a compressor if it
// came compressed.
func gobwasCopy(to io.Writer, from io.Reader, packed bool) error {
	if !packed {
		_, err := io.Copy(to, from)
		return err
	}
	r := wsflate.NewReader(from, func(r io.Reader) wsflate.Decompressor { return flate.NewReader(r) })
	w := wsflate.NewWriter(to, func(w io.Writer) wsflate.Compressor {
		f, _ := flate.NewWriter(w, flate.BestSpeed) // only another level is an error
		return f
	})
	if _, err := io.Copy(w, r); err != nil {
		return err
	}
	return w.Close()
}
