package management

import (
	"context"
	"errors"
	"net/http"
)

// ErrTooLong says that a payload has more than MaxPayload bytes.
var ErrTooLong = errors.New("at most 128 KiB can be posted")

// Post is the call of a function that runs in this process: what becomes of it
// is as over HTTP, and told in the same way, but nothing is encoded, signed,
// sent and decoded.
func (a *API) Post(ctx context.Context, connection string, data []byte) error {
	err := ErrTooLong
	if len(data) <= MaxPayload {
		err = a.Registry.Post(ctx, connection, data)
	}
	if a.Told != nil {
		status, why := http.StatusOK, ""
		if err != nil {
			status, _, _ = failure(err)
			why = err.Error()
		}
		a.Told(http.MethodPost, connection, data, status, why)
	}
	return err
}
