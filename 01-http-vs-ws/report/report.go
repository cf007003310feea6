// Package report puts what was measured into words, tables and drawings: for
// a terminal (Text), for a browser (HTML), and for a program (JSON).
//
// Every word that a person reads stands in i18n/, in English and in
// Brazilian Portuguese. Tables are made once (tables.go) and shown twice.
package report

import (
	"math"

	"websocket.example/01-http-vs-ws/measure"
)

// known says whether a latency of a row is one, and not the zero of a
// transport by which nothing came.
func known(r measure.Row) bool { return r.Events > 0 }

// off is how far a row's mean is from its model, NaN where that can't be said.
func off(r measure.Row) float64 {
	if !known(r) {
		return math.NaN()
	}
	return r.Off()
}
