package grade

import "net/http"

// Stage 1, $connect: the function decides before there is a WebSocket.

func open(s *scene) { s.enter("Ana") }

// wantRefused wants 403.
func (s *scene) wantRefused(query string) {
	status, _ := s.knock("Ana", query)
	switch status {
	case http.StatusForbidden:
	case http.StatusSwitchingProtocols:
		s.fail("let-in", "Ana: HTTP 403")
	default:
		s.refused(status, "403")
	}
}

func noName(s *scene)    { s.wantRefused("") }
func emptyName(s *scene) { s.wantRefused("name=") }

// refused is fail for a handshake with a status that nobody wanted.
func (s *scene) refused(status int, wanted string) {
	switch status {
	case http.StatusNotImplemented:
		s.fail("not-yet", "HTTP "+wanted)
	case http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusInternalServerError:
		s.diagnose("bad-gateway", "HTTP "+wanted, nil)
	}
	s.fail("status", "HTTP "+wanted)
}
