package app

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"

	"kabinet/integrations/claim"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sailplay"
	"kabinet/integrations/sailplay/claims"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
)

// try signs the department in by asking for a member that nobody is, and opens the page that customers are sent to.
func (p sailPlay) try(ctx context.Context, t *probe) {
	if !t.reach(ctx, p.config.URL, quote("SAILPLAY_URL")) {
		return
	}
	client, err := p.client(new(outgoing.Recorder), 0, t.now, quiet())
	if err != nil {
		t.failed(say("check.client"), quote(err.Error()), say("check.settings_impossible"), quote("SAILPLAY_…"))
		return
	}
	did := say("sailplay.check.member")
	_, err = client.UserInfo(ctx, strings.Repeat("0", 32), sailplay.Want{})
	switch {
	case errors.Is(err, sailplay.CodeNoUser), err == nil:
		t.ok(did, say("sailplay.check.member_ok"))
	case errors.Is(err, sailplay.ErrSignIn):
		t.failed(did, quote(err.Error()), say("sailplay.check.cause.department"),
			either("SAILPLAY_DEPARTMENT_ID", "SAILPLAY_DEPARTMENT_KEY", "SAILPLAY_PIN_CODE"))
	case errors.Is(err, sailplay.ErrUnexpected):
		t.failed(did, quote(err.Error()), say("sailplay.check.cause.another"), quote("SAILPLAY_URL"))
	default:
		t.failed(did, quote(err.Error()), say("sailplay.check.cause.down"), say("check.later"))
	}
	p.openAuthorize(ctx, t)
	t.unknown(say("sailplay.check.secret"), say("sailplay.check.secret_why"))
}

func (p sailPlay) openAuthorize(ctx context.Context, t *probe) {
	a := p.account(t.asker(), t.portal.String())
	did := say("sailplay.check.authorize", "Return", a.Return)
	answer, err := a.Authorize(ctx, a.Return, "")
	if err != nil {
		t.failed(did, quote(err.Error()), causeOf(err), quote("SAILPLAY_URL"))
		return
	}
	if answer.Status >= http.StatusBadRequest {
		t.failed(did, status(answer.Status), say("sailplay.check.cause.partner"),
			either("SAILPLAY_PARTNER_ID", "SAILPLAY_DEPARTMENT_ID", "SAILPLAY_REDIRECT_BASE", "KABINET_BASE_URL"))
		return
	}
	t.ok(did, status(answer.Status))
}

// book are the claims about SailPlay.
func (p sailPlay) book(c *comparing) (claim.Book, fs.FS) {
	a := p.account(c.asker, c.portal.String())
	a.Cookie = c.SailPlayCookie
	return claims.Book(a), sailplaysandbox.Texts()
}

func (p sailPlay) account(asker *claim.Asker, portal string) claims.Account {
	return claims.Account{
		Config: p.config, Return: cmp.Or(p.redirectBase, portal) + "/sailplay/callback/check", Asker: asker,
	}
}
