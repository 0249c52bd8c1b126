package app

import (
	"context"
	"io/fs"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/amocrm/claims"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/claim"
)

// try looks whether the client cabinet is there, and whether amoCRM would take the widget's archive.
func (a amoCRM) try(ctx context.Context, t *probe) {
	for _, origin := range a.origins {
		t.reach(ctx, origin, quote("AMOCRM_CABINET_ORIGINS"))
	}
	did := say("amocrm.check.archive")
	archive, err := amocrm.WidgetArchive(canonical(t.portal.String()), "", "")
	if err != nil {
		t.failed(did, quote(err.Error()), say("amocrm.check.archive_cause"),
			either("KABINET_BASE_URL", "integrations/amocrm/widget"))
	} else {
		t.ok(did, say("amocrm.check.archive_ok", "Count", len(archive)))
	}
	t.unknown(say("amocrm.check.integration"), say("amocrm.check.integration_why"))
	t.unknown(say("amocrm.check.claim", "Claim", a.dealClaim), say("amocrm.check.claim_why"))
}

// book are the claims about amoCRM.
func (a amoCRM) book(c *comparing) (claim.Book, fs.FS) {
	return claims.Book(claims.Account{Secret: a.secret, Portal: canonical(c.portal.String()), Token: c.AmoCRMToken}),
		amocrmsandbox.Texts()
}
