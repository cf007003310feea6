package intercept

import "strings"

// suffixes are the domains of AWS; the authority's certificate is good for
// names under these only.
var suffixes = []string{"amazonaws.com", "amazonaws.com.cn", "api.aws"}

// IsExecuteAPI says whether a host is an API of API Gateway:
// {api}.execute-api.{region}.amazonaws.com, or under one of AWS's other
// domains.
func IsExecuteAPI(host string) bool {
	host = strings.ToLower(host)
	for _, suffix := range suffixes {
		rest, is := strings.CutSuffix(host, "."+suffix)
		if !is {
			continue
		}
		parts := strings.Split(rest, ".")
		if len(parts) == 3 && isLabel(parts[0]) && parts[1] == "execute-api" && isLabel(parts[2]) {
			return true
		}
	}
	return false
}

// isLabel is strict: the name becomes that of a certificate.
func isLabel(s string) bool {
	other := func(c rune) bool { return !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') }
	return s != "" && len(s) <= 63 && !strings.ContainsFunc(s, other)
}
