package intercept

// Environment is what a function must be started with, besides what it has
// anyhow; these come last.
//
// Both spellings of HTTPS_PROXY are set, for those who read one. Plain HTTP
// is not sent here, and loopback neither. What the user's NO_PROXY excepts is
// not excepted: it may name amazonaws.com, and the rest passes through.
func (p *Proxy) Environment() []string {
	proxy, direct := "http://"+p.addr.String(), "localhost,127.0.0.1,::1"
	return []string{
		"HTTPS_PROXY=" + proxy, "https_proxy=" + proxy,
		"NO_PROXY=" + direct, "no_proxy=" + direct,
		"AWS_CA_BUNDLE=" + p.o.Bundle, // the SDKs for Go and Python, and the aws command
		"SSL_CERT_FILE=" + p.o.Bundle, // Go on Linux, OpenSSL
		"NODE_EXTRA_CA_CERTS=" + p.o.Bundle,
		"NODE_USE_ENV_PROXY=1", // Node asks for a proxy only so, and only from 22.21 or 24.5 on
	}
}
