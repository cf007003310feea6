package sigv4

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A signature is what a request says of how it was signed.
type signature struct {
	accessKey                        string
	day, region, service, terminator string   // the scope
	headers                          []string // lower case, as they were listed
	signature                        string   // in hexadecimal
	token                            string

	date    string // as it was sent
	at      time.Time
	expires time.Duration // of a presigned request; 0 is not said

	presigned bool
}

// read finds the signature of a request.
func read(r *http.Request) (*signature, *Error) {
	if header := r.Header.Get("Authorization"); header != "" {
		return readHeader(r, header)
	}
	q := parseQuery(rawQuery(r))
	if q.has("X-Amz-Algorithm") || q.has("X-Amz-Signature") || q.has("X-Amz-Credential") {
		return readQuery(q)
	}
	return nil, missing()
}

// readHeader reads
//
//	AWS4-HMAC-SHA256 Credential=K/D/R/S/aws4_request, SignedHeaders=a;b, Signature=...
func readHeader(r *http.Request, header string) (*signature, *Error) {
	used, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	fields := map[string]string{}
	for part := range strings.FieldsFuncSeq(rest, func(c rune) bool { return c == ',' || c == ' ' }) {
		name, value, found := strings.Cut(part, "=")
		if !found {
			return nil, incomplete("'%s' not a valid key=value pair (missing equal-sign) in Authorization header: '%s'.", part, header)
		}
		fields[name] = value
	}
	date := r.Header.Get("X-Amz-Date")
	if date == "" {
		date = r.Header.Get("Date")
	}
	var lacks []string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if fields[name] == "" {
			lacks = append(lacks, "Authorization header requires '"+name+"' parameter. ")
		}
	}
	if date == "" {
		lacks = append(lacks, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if lacks != nil {
		return nil, incomplete("%sAuthorization=%s", strings.Join(lacks, ""), header)
	}
	if used != algorithm {
		return nil, incomplete("Unsupported AWS 'algorithm': '%s'.", used)
	}
	s := &signature{signature: fields["Signature"], token: r.Header.Get("X-Amz-Security-Token")}
	return s, s.complete(fields["Credential"], fields["SignedHeaders"], date)
}

// readQuery reads the same from a presigned URL.
func readQuery(q query) (*signature, *Error) {
	var lacks []string
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if q.get(name) == "" {
			lacks = append(lacks, "'"+name+"'")
		}
	}
	if lacks != nil {
		return nil, incomplete("AWS query-string parameters must include %s. Re-examine the query-string parameters.", strings.Join(lacks, ", "))
	}
	if used := q.get("X-Amz-Algorithm"); used != algorithm {
		return nil, incomplete("Unsupported AWS 'algorithm': '%s'.", used)
	}
	s := &signature{signature: q.get("X-Amz-Signature"), token: q.get("X-Amz-Security-Token"), presigned: true}
	if text := q.get("X-Amz-Expires"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 1 || seconds > 7*24*60*60 { // IAM User Guide: at most a week
			return nil, incomplete("'X-Amz-Expires' must be a number of seconds from 1 to 604800. Got '%s'.", text)
		}
		s.expires = time.Duration(seconds) * time.Second
	}
	return s, s.complete(q.get("X-Amz-Credential"), q.get("X-Amz-SignedHeaders"), q.get("X-Amz-Date"))
}

// complete takes apart what both forms have.
func (s *signature) complete(credential, headers, date string) *Error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'.", credential)
	}
	s.accessKey, s.day, s.region, s.service, s.terminator = parts[0], parts[1], parts[2], parts[3], parts[4]
	s.headers = strings.Split(strings.ToLower(headers), ";")
	at, err := time.Parse(basic, date)
	if err == nil && len(date) != len(basic) {
		err = strconv.ErrSyntax // time.Parse takes fractions of a second, too
	}
	if err != nil && !s.presigned { // a Date header has the date of HTTP
		if at, err = http.ParseTime(date); err == nil {
			date = at.UTC().Format(basic)
		}
	}
	if err != nil {
		return incomplete("Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601.", date)
	}
	s.at, s.date = at.UTC(), date
	return nil
}
