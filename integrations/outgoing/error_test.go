package outgoing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
)

func TestAnErrorSaysWhyInWordsOfOurOwn(t *testing.T) {
	t.Parallel()
	const secret = "VERYSECRET"
	for want, cause := range map[string]error{
		"the caller gave up":                     fmt.Errorf("x %s: %w", secret, context.Canceled),
		"no answer in time":                      fmt.Errorf("x %s: %w", secret, context.DeadlineExceeded),
		"the connection ended without an answer": fmt.Errorf("x %s: %w", secret, io.ErrUnexpectedEOF),
		"the host does not resolve: nowhere.test": &net.OpError{Op: "dial",
			Err: &net.DNSError{Name: "nowhere.test", Err: secret}},
		"the certificate is for another host": &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: secret}},
		"the certificate is not trusted":      &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
		"dial tcp: connect: connection refused": &net.OpError{Op: "dial", Net: "tcp",
			Err: os.NewSyscallError("connect", errors.New("connection refused"))},
		"the answer is not understood as HTTP": errors.New("malformed MIME header: " + secret),
	} {
		err := &Error{cause: cause}
		if err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}
