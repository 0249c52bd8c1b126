package outgoing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// Error says why no answer came. Its text never quotes what the vendor sent, as the texts of
// net/http do for a broken header: that may be a credential.
type Error struct{ cause error }

// Unwrap returns the cause, for errors.Is and errors.As; its text is not for logs.
func (e *Error) Unwrap() error { return e.cause }

// InOurWords returns an error whose text is of our own words, for errors that come from above the
// transport, such as that of an answer's body.
func InOurWords(err error) error {
	if _, ok := errors.AsType[*Error](err); ok || err == nil {
		return err
	}
	return &Error{cause: err}
}

// NoAnswer says of a call that got no answer which of the two kinds of failure it is, and its cause in our own words.
// The address is left out of them: it is known from the call, and may carry credentials.
func NoAnswer(err, unavailable, timeout error) (kind, cause error) {
	kind = unavailable
	if late, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && late.Timeout() {
		kind = timeout
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return kind, InOurWords(err)
}

// gaveUp is what an exchange says whose caller did not wait.
const gaveUp = "the caller gave up"

func (e *Error) Error() string {
	switch err := e.cause; {
	case errors.Is(err, circuitbreaker.ErrOpen):
		return "nobody was asked: it has failed several times in a row"
	case errors.Is(err, context.Canceled):
		return gaveUp
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection ended without an answer"
	}
	if err, ok := errors.AsType[*net.DNSError](e.cause); ok {
		return "the host does not resolve: " + err.Name
	}
	if err, ok := errors.AsType[*tls.CertificateVerificationError](e.cause); ok {
		if _, ok := errors.AsType[x509.HostnameError](err); ok {
			return "the certificate is for another host"
		}
		return "the certificate is not trusted"
	}
	if err, ok := errors.AsType[*net.OpError](e.cause); ok {
		return err.Error()
	}
	if err, ok := errors.AsType[net.Error](e.cause); ok && err.Timeout() {
		return "no answer in time"
	}
	return "the answer is not understood as HTTP"
}
