package app

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"kabinet/integrations/catalogue"
	"kabinet/views"
)

// What cannot be brought about on this machine alone.
func TestTheCauseOfANameThatDoesNotResolveIsSaid(t *testing.T) {
	t.Parallel()
	texts, err := catalogue.Load(views.Texts())
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"mistyped":  &net.OpError{Op: "dial", Err: &net.DNSError{Name: "acme.example", IsNotFound: true}},
		"firewall":  context.DeadlineExceeded,
		"nobody li": &net.OpError{Op: "dial", Err: errors.New("connection refused")},
	} {
		if got := texts.In(catalogue.English).Of(causeOf(err)); !strings.Contains(got, want) {
			t.Errorf("%v: %q", err, got)
		}
	}
}
