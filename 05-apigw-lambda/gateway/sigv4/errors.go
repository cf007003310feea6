package sigv4

import (
	"fmt"
	"net/http"
	"time"
)

// An Error is a refusal, as API Gateway answers it.
type Error struct {
	Status  int    // of HTTP, always 403
	Type    string // the header x-amzn-ErrorType
	Message string // the member "message" of the body
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

func refusal(kind, format string, args ...any) *Error {
	return &Error{http.StatusForbidden, kind, fmt.Sprintf(format, args...)}
}

func missing() *Error {
	return refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
}

func incomplete(format string, args ...any) *Error {
	return refusal("IncompleteSignatureException", format, args...)
}

func unrecognized() *Error {
	return refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
}

func invalid(format string, args ...any) *Error {
	return refusal("InvalidSignatureException", format, args...)
}

// mismatch tells what should have been signed: whoever writes a signer
// compares that line by line with what they did sign. It reveals nothing that
// was not in the request.
func mismatch(canonical, toSign string) *Error {
	return invalid("The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."+
		"\n\nThe Canonical String for this request should have been\n'%s'\n\nThe String-to-Sign should have been\n'%s'\n", canonical, toSign)
}

func minutes(d time.Duration) string {
	if d%time.Minute != 0 {
		return fmt.Sprintf("%d sec.", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min.", int(d.Minutes()))
}
