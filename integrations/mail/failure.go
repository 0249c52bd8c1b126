package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
)

// whyNot says why a server could not be spoken to. The library's texts are left out: they may quote what was sent.
func whyNot(err error) error {
	if code, ok := errors.AsType[*textproto.Error](err); ok {
		if code.Code == 535 || code.Code == 534 || code.Code == 530 {
			return fmt.Errorf("%w: code %d", ErrSignIn, code.Code)
		}
		return fmt.Errorf("%w: code %d", ErrUnavailable, code.Code)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("%w: %w", ErrUnavailable, dns)
	}
	if wrong, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%w: %w", ErrUnavailable, wrong)
	}
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Errorf("%w: %w", ErrUnavailable, unknown)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		if op.Timeout() {
			return fmt.Errorf("%w: it does not answer in time", ErrUnavailable)
		}
		return fmt.Errorf("%w: %w", ErrUnavailable, op)
	}
	if strings.Contains(strings.ToUpper(err.Error()), "STARTTLS") {
		return fmt.Errorf("%w: it does not offer STARTTLS", ErrUnavailable)
	}
	return fmt.Errorf("%w: it does not speak as a mail server does", ErrUnavailable)
}
