package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/webim"
)

// try loads the chat's script, and signs a visitor that it shows to nobody.
func (w webimAccount) try(ctx context.Context, t *trial) {
	const account = "WEBIM_ACCOUNT, WEBIM_DOMAIN or WEBIM_HTTPS"
	if !t.reach(ctx, w.account.Origin(), account) {
		return
	}
	w.loadButton(ctx, t)
	signer, err := webim.NewSigner(w.key, w.scheme)
	if err == nil {
		_, err = signer.Sign(webim.Fields{"id": "check", "display_name": "Check"}, t.now().Add(w.life))
	}
	if err != nil {
		t.failed("signing a visitor", err.Error(), "the key or the scheme is not possible", "WEBIM_PRIVATE_KEY, WEBIM_VERSION, WEBIM_ALGORITHM or WEBIM_CHARSET")
		return
	}
	t.ok("signing a visitor", fmt.Sprintf("version %s by %s", signer.Scheme().Version, signer.Scheme().Algorithm))
	t.unknown("whether key, version and algorithm are the account's", "open the chat as a customer: the operator sees whether the visitor is authorized")
	t.unknown("whether events reach the portal", "enter the addresses of /admin/webim in the account, and look there whether a chat leaves a line")
}

func (w webimAccount) loadButton(ctx context.Context, t *trial) {
	did := "loading " + w.account.Button()
	client := outgoing.NewPlainClient(5 * time.Second)
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.account.Button(), nil)
	if err != nil {
		t.failed(did, "it is no address", "the account is mistyped", "WEBIM_ACCOUNT")
		return
	}
	response, err := client.Do(r)
	if err != nil {
		t.failed(did, outgoing.InOurWords(err).Error(), causeOf(err), "WEBIM_ACCOUNT or WEBIM_DOMAIN")
		return
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // only its kind matters
	kind := response.Header.Get("Content-Type")
	if response.StatusCode != http.StatusOK || !strings.Contains(kind, "javascript") {
		t.failed(did, fmt.Sprintf("status %d, %s", response.StatusCode, kind), "there is no such account at Webim, or it is off", "WEBIM_ACCOUNT")
		return
	}
	t.ok(did, "the script")
}
