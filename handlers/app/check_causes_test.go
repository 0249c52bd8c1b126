package app

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
)

// What cannot be brought about on this machine alone.
func TestTheCauseOfANameThatDoesNotResolveIsSaid(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"mistyped":  &net.OpError{Op: "dial", Err: &net.DNSError{Name: "acme-lk.priceplan.pro", IsNotFound: true}},
		"firewall":  context.DeadlineExceeded,
		"nobody li": &net.OpError{Op: "dial", Err: errors.New("connection refused")},
	} {
		if got := causeOf(err); !strings.Contains(got, want) {
			t.Errorf("%v: %q", err, got)
		}
	}
}
