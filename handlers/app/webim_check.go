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
func (w webimAccount) try(ctx context.Context, t *probe) {
	if !t.reach(ctx, w.account.Origin(), either("WEBIM_ACCOUNT", "WEBIM_DOMAIN", "WEBIM_HTTPS")) {
		return
	}
	w.loadButton(ctx, t)
	signer, err := webim.NewSigner(w.key, w.scheme)
	if err == nil {
		_, err = signer.Sign(webim.Fields{"id": "check", "display_name": "Check"}, t.now().Add(w.life))
	}
	if err != nil {
		t.failed(say("webim.check.visitor"), quote(err.Error()), say("webim.check.visitor_cause"),
			either("WEBIM_PRIVATE_KEY", "WEBIM_VERSION", "WEBIM_ALGORITHM", "WEBIM_CHARSET"))
		return
	}
	t.ok(say("webim.check.visitor"), say("webim.check.visitor_ok", "Version", signer.Scheme().Version, "Algorithm",
		signer.Scheme().Algorithm))
	t.unknown(say("webim.check.account"), say("webim.check.account_why"))
	t.unknown(say("webim.check.require_expires"), say("webim.check.require_expires_why"))
	t.unknown(say("webim.check.events"), say("webim.check.events_why"))
}

func (w webimAccount) loadButton(ctx context.Context, t *probe) {
	did := say("webim.check.button", "Address", w.account.Button())
	client := outgoing.NewPlainClient(5 * time.Second)
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.account.Button(), nil)
	if err != nil {
		t.failed(did, say("check.no_address"), say("webim.check.mistyped"), quote("WEBIM_ACCOUNT"))
		return
	}
	response, err := client.Do(r)
	if err != nil {
		t.failed(did, quote(outgoing.InOurWords(err).Error()), causeOf(err), either("WEBIM_ACCOUNT", "WEBIM_DOMAIN"))
		return
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // only its kind matters
	kind := response.Header.Get("Content-Type")
	if response.StatusCode != http.StatusOK || !strings.Contains(kind, "javascript") {
		t.failed(did, say("webim.check.button_is", "Status", response.StatusCode, "Kind", fmt.Sprintf("%.60s", kind)),
			say("webim.check.no_account"), quote("WEBIM_ACCOUNT"))
		return
	}
	t.ok(did, say("webim.check.button_ok"))
}
