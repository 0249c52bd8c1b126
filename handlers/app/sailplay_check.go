package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/sailplay"
)

// try signs the department in by asking for a member that nobody is, and opens the page that customers are sent to.
func (p sailPlay) try(ctx context.Context, t *trial) {
	if !t.reach(ctx, p.config.URL, "SAILPLAY_URL") {
		return
	}
	client, err := p.client(new(outgoing.Recorder), t.now, quiet())
	if err != nil {
		t.failed("making a client", err.Error(), "such settings are not possible", "SAILPLAY_…")
		return
	}
	const did = "signing the department in and asking for a member that nobody is"
	_, err = client.UserInfo(ctx, strings.Repeat("0", 32), sailplay.Want{})
	switch {
	case errors.Is(err, sailplay.CodeNoUser), err == nil:
		t.ok(did, "the department is let in")
	case errors.Is(err, sailplay.ErrSignIn):
		t.failed(did, err.Error(), "there is no such department, or its key or pin code is another", "SAILPLAY_DEPARTMENT_ID, SAILPLAY_DEPARTMENT_KEY or SAILPLAY_PIN_CODE")
	case errors.Is(err, sailplay.ErrUnexpected):
		t.failed(did, err.Error(), "somebody else than SailPlay answers there, or its answers have changed", "SAILPLAY_URL")
	default:
		t.failed(did, err.Error(), "SailPlay is down or slow, or refuses the call", "nothing; try again later")
	}
	p.openAuthorize(ctx, t, client)
	t.unknown("whether SAILPLAY_SECRET is right", "it is only used with the code of somebody who has just consented: link an account in the portal")
}

func (p sailPlay) openAuthorize(ctx context.Context, t *trial, client *sailplay.Client) {
	returnTo := cmp.Or(p.redirectBase, t.portal.String()) + "/sailplay/callback/check"
	did := "opening the page that customers are sent to, with redirect_url " + returnTo
	plain := outgoing.NewPlainClient(5 * time.Second)
	defer plain.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, client.AuthorizeURL(returnTo), nil)
	if err != nil {
		t.failed(did, "it is no address", "a setting has a strange character", "SAILPLAY_PARTNER_ID or SAILPLAY_DEPARTMENT_ID")
		return
	}
	response, err := plain.Do(r)
	if err != nil {
		t.failed(did, outgoing.InOurWords(err).Error(), causeOf(err), "SAILPLAY_URL")
		return
	}
	response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		t.failed(did, fmt.Sprintf("status %d", response.StatusCode), "the partner or the department is unknown, or that redirect_url is not registered at SailPlay", "SAILPLAY_PARTNER_ID, SAILPLAY_DEPARTMENT_ID, SAILPLAY_REDIRECT_BASE or KABINET_BASE_URL")
		return
	}
	t.ok(did, fmt.Sprintf("status %d", response.StatusCode))
}
