package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
)

// ofCode is what a server says about all letters, by RFC 5321 and 4954.
func ofCode(code int) error {
	if code == 530 || code == 534 || code == 535 {
		return fmt.Errorf("%w: code %d", ErrSignIn, code)
	}
	return fmt.Errorf("%w: code %d", ErrUnavailable, code)
}

// whyNot says why a server could not be spoken to. The library's texts are left out: they may quote what was sent.
func whyNot(err error) error {
	if code, ok := errors.AsType[*textproto.Error](err); ok {
		return ofCode(code.Code)
	}
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it hangs up", ErrUnavailable)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("%w: %w", ErrUnavailable, dns)
	}
	if wrong, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%w: %w", ErrUnavailable, wrong)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		if op.Timeout() {
			return fmt.Errorf("%w: it does not answer in time", ErrUnavailable)
		}
		return fmt.Errorf("%w: %w", ErrUnavailable, op)
	}
	switch words := strings.ToUpper(err.Error()); { // for what the library has no kind of error
	case strings.Contains(words, "STARTTLS"):
		return fmt.Errorf("%w: it does not offer STARTTLS", ErrUnavailable)
	case strings.Contains(words, "SMTP AUTH"):
		return fmt.Errorf("%w: it offers no way to sign in that is known here", ErrSignIn)
	}
	return fmt.Errorf("%w: it does not speak as a mail server does", ErrUnavailable)
}
