package claims

import (
	"slices"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/webim"
)

// Account is a company's at Webim, as the portal is configured for it.
type Account struct {
	Account webim.Account
	Signer  *webim.Signer
	Now     func() time.Time
	Asker   *claim.Asker
}

// FarEnds are the ways in which a visitor with an end a year away is taken.
var FarEnds = []string{"refused", believed}

const (
	version1 = "Идентификация авторизованных клиентов, 1.0"
	version2 = "Идентификация авторизованных клиентов, 2.0"
	webhooks = "Webim: вебхуки"
	ios      = "webim/webim-client-sdk-ios"
)

// Book returns the claims. Nothing is asked before a probe is run.
func Book(a Account) claim.Book {
	v := &vendor{a}
	documented := claim.Documented.All([]claim.Claim{
		{ID: "visitor", Source: version1, Probe: v.tenFields, Foresees: believed, Writes: true},
		{ID: "signature", Source: version2, Probe: v.signature, Foresees: believed, Writes: true},
		{ID: "vector", Source: version2, Obstacle: claim.Computed},
		{ID: "link", Source: version1, Probe: v.link, Foresees: "a page, a page", Writes: true},
		{ID: "webhooks", Source: webhooks, Obstacle: claim.Person},
		{ID: "members", Source: webhooks, Obstacle: claim.Person},
		{ID: "webhook_key", Source: webhooks, Obstacle: claim.Person},
		{ID: "history", Source: "API сервиса Webim", Obstacle: claim.Person},
	})
	observed := claim.Observed.All([]claim.Claim{
		{ID: "lines", Source: "webim/webim-android-sdk-demo", Probe: v.lines, Foresees: believed, Writes: true},
		{ID: "no_end", Source: ios, Probe: v.noEnd, Foresees: believed, Writes: true},
		{ID: "ids", Source: ios, Probe: v.ids, Foresees: "32 hexadecimal digits, name", Writes: true},
		{ID: "page", Source: "button.js", Probe: v.page, Foresees: "a script, a picture"},
		{ID: "location", Source: "button.js", Probe: v.location, Foresees: "a page", Writes: true},
		{ID: "mobile", Source: ios, Probe: v.mobile,
			Foresees: "200 wrong-provided-visitor-hash-value, 200 provided-visitor-expired", Writes: true},
	})
	ours := claim.Ours.All([]claim.Claim{
		{ID: "bad_signature", Obstacle: claim.Browser},
		{ID: "expired", Obstacle: claim.Browser},
		{ID: "far_end", Probe: v.farEnd, Foresees: FarEnds[0], Writes: true},
		{ID: "hmac", Obstacle: claim.Refused},
		{ID: "lengths", Obstacle: claim.Refused},
		{ID: "history_anonymous", Obstacle: claim.Browser},
		{ID: "handlers_api", Obstacle: claim.Browser},
		{ID: "window", Obstacle: claim.Browser},
		{ID: "chat_life", Obstacle: claim.Person},
		{ID: "webhook_form", Obstacle: claim.Person},
		{ID: "online_status", Probe: v.onlineStatus, Foresees: "200 application/json, image/svg+xml"},
		{ID: "two_keys", Obstacle: claim.Person},
	})
	lacking := claim.Lacking("missing_pages", "tokens", "mobile_rest", "files", "operators")
	claims := slices.Concat(documented, observed, ours, lacking)
	return claim.Book{Claims: claims, Leaves: []string{"claim.leaves"}}
}
