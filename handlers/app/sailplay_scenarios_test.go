package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

// linksSailPlay is the whole way to SailPlay and back, over HTTP, and returns the portal's last answer.
func linksSailPlay(anna *apptest.Client) *http.Response {
	return comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
}

func TestASessionAtSailPlayThatEndsIsNotTheCustomersMatter(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	linksSailPlay(anna)
	before := signIns(p, "sailplay")
	meets(t, sailPlaySandbox(p).Faults(), "users/info", "expired-token", 1)
	if to := anna.Post("/loyalty/refresh", url.Values{}).Header.Get("Location"); strings.Contains(to, "down") ||
		signIns(p, "sailplay") != before+1 {
		t.Errorf("the points: to %q after %d sign-ins", to, signIns(p, "sailplay")-before)
	}
}

func TestACodeOfSailPlaysThatWasUsedLinksNothing(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	meets(t, sailPlaySandbox(p).Faults(), "get-auth-hash", "used-code", 1)
	to := linksSailPlay(anna).Header.Get("Location")
	if !strings.HasPrefix(to, "/loyalty?problem=") ||
		apptest.PageOf(t, anna.Get(to)).Find("[role=alert], .note").Text() == "" {
		t.Errorf("the code: to %q", to)
	}
	if _, err := p.DB.SailPlayLink(t.Context(), 1); err == nil {
		t.Error("a code of somebody else's is linked")
	}
	apptest.Redirected(t, linksSailPlay(anna), "/loyalty?linked")
}
