package chat

// A Code is the kind of an error, for programs.
type Code string

// All there are.
const (
	BadJSON       Code = "bad_json"       // not one JSON object in UTF-8
	BadRequest    Code = "bad_request"    // a field is missing, of the wrong type or not allowed
	UnknownAction Code = "unknown_action" // a word that no server of this chat knows
	NotInRoom     Code = "not_in_room"    // join before sending
	NameTaken     Code = "name_taken"     // somebody in the room has it
	TooLarge      Code = "too_large"      // more than MaxMessage, or a text of more than MaxText
	RateLimited   Code = "rate_limited"   // too many in too short a time
	Internal      Code = "internal"       // the server could not, and it is not the client's fault
)

// An Error is the answer to a request that failed. The connection stays.
type Error struct {
	Code    Code
	Message string // for people: what is wrong and how to mend it
	ID      string // of the send that failed, if it had one
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }
