package app

import (
	"context"
	"io/fs"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/webim"
	"kabinet/integrations/webim/claims"
	webimsandbox "kabinet/integrations/webim/sandbox"
)

// try loads the chat's script, and signs a visitor that it shows to nobody.
func (w webimAccount) try(ctx context.Context, t *probe) {
	if !t.reach(ctx, w.config.Account.Origin(), either("WEBIM_ACCOUNT", "WEBIM_DOMAIN", "WEBIM_HTTPS")) {
		return
	}
	w.loadButton(ctx, t)
	signer, err := webim.NewSigner(w.key, w.scheme)
	if err == nil {
		_, err = signer.Sign(webim.Fields{"id": "check", "display_name": "Check"}, t.now().Add(w.config.Life))
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
	did := say("webim.check.button", "Address", w.config.Account.Button())
	answer, err := claims.Account{Account: w.config.Account, Asker: t.asker()}.Button(ctx)
	if err != nil {
		t.failed(did, quote(err.Error()), causeOf(err), either("WEBIM_ACCOUNT", "WEBIM_DOMAIN"))
		return
	}
	if !claims.IsScript(answer) {
		t.failed(did, say("webim.check.button_is", "Status", answer.Status, "Kind", answer.Kind()),
			say("webim.check.no_account"), quote("WEBIM_ACCOUNT"))
		return
	}
	t.ok(did, say("webim.check.button_ok"))
}

// book are the claims about Webim. The key was validated, so that there is a signer.
func (w webimAccount) book(c *comparing) (claim.Book, fs.FS) {
	signer, _ := webim.NewSigner(w.key, w.scheme)
	a := claims.Account{Account: w.config.Account, Signer: signer, Now: c.Now, Asker: c.asker}
	if a.Now == nil {
		a.Now = time.Now
	}
	return claims.Book(a), webimsandbox.Texts()
}
