package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"websocket.example/05-apigw-lambda/gateway/management"
	"websocket.example/05-apigw-lambda/gateway/sigv4"
)

// Signatures, where they are checked: on the handshake if $connect asks for
// AWS_IAM, on every call of the @connections API.

func (g *Gateway) verifyHandshake(c *client) (sigv4.Identity, *sigv4.Error) {
	request := &c.Handshake.Request
	u, err := request.URL()
	if err != nil {
		return sigv4.Identity{}, &sigv4.Error{Status: http.StatusForbidden, Type: "ForbiddenException", Message: "Forbidden"}
	}
	r := &http.Request{
		Method: request.Method, URL: u, RequestURI: request.Target, Host: request.Host(), Header: request.Header.HTTP(),
	}
	return g.o.Verifier.Verify(r, []byte{})
}

// verifyCall reads the body, which is signed as well, and puts it back.
func (g *Gateway) verifyCall(w http.ResponseWriter, r *http.Request) *sigv4.Error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, management.MaxPayload+1))
	r.Body = io.NopCloser(bytes.NewReader(body))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil // the API says so, and does nothing
	case err != nil:
		return &sigv4.Error{Status: http.StatusBadRequest, Type: "BadRequestException", Message: "the body did not come whole"}
	}
	_, refused := g.o.Verifier.Verify(r, body)
	return refused
}
