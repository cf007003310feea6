package intercept

import (
	"bytes"
	"fmt"
	"os"
	"slices"
)

// systemRoots are where systems keep the certificates they trust, as one
// file: Debian and Alpine, Fedora, SUSE, macOS and the BSDs.
var systemRoots = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
	"/usr/local/etc/ssl/cert.pem",
}

// writeBundle writes our certificate and those that programs trusted so far.
// SSL_CERT_FILE and AWS_CA_BUNDLE name what replaces the system's: without
// these, calls to the real AWS would fail.
func writeBundle(path string, own []byte) (from []string, err error) {
	bundle := bytes.Clone(own)
	add := func(file string) bool {
		if file == "" || file == path || slices.Contains(from, file) {
			return false
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return false
		}
		from = append(from, file)
		bundle = append(append(bundle, b...), '\n')
		return true
	}
	add(os.Getenv("AWS_CA_BUNDLE"))
	for _, file := range append([]string{os.Getenv("SSL_CERT_FILE")}, systemRoots...) {
		if add(file) {
			break
		}
	}
	if err := os.WriteFile(path, bundle, 0o644); err != nil {
		return nil, fmt.Errorf("intercept: the bundle of certificates: %w", err)
	}
	return from, nil
}
