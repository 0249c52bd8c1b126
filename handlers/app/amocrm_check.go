package app

import (
	"context"
	"fmt"

	"kabinet/integrations/amocrm"
)

// try looks whether the client cabinet is there, and whether amoCRM would take the widget's archive.
func (a amoCRM) try(ctx context.Context, t *trial) {
	for _, origin := range a.origins {
		t.reach(ctx, origin, "AMOCRM_CABINET_ORIGINS")
	}
	const did = "building the widget's archive and checking it by amoCRM's rules"
	archive, err := amocrm.WidgetArchive(canonical(t.portal.String()), "")
	if err != nil {
		t.failed(did, err.Error(), "the portal's address does not fit, or a fork has changed the widget", "KABINET_BASE_URL, or integrations/amocrm/widget")
	} else {
		t.ok(did, fmt.Sprintf("%d bytes, nothing against it", len(archive)))
	}
	t.unknown("whether AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET and AMOCRM_ACCOUNT_ID are right", "tokens come from the client cabinet only: open a deal there; the portal's log says why a token is refused")
	t.unknown("whether tokens name the deal at "+a.dealClaim, "amoCRM does not document it: the log says no_deal where it is elsewhere, and AMOCRM_DEAL_CLAIM says where")
}
