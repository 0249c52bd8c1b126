package claims

import (
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

// Book returns the claims. Nothing is asked before a probe is run.
func Book(a Account) claim.Book {
	v := &vendor{a}
	claims := append(v.documented(), v.observed()...)
	return claim.Book{Claims: append(claims, v.ours()...), Leaves: []string{"claim.leaves"}}
}

const (
	version1 = "Идентификация авторизованных клиентов, 1.0"
	version2 = "Идентификация авторизованных клиентов, 2.0"
	webhooks = "Webim: вебхуки"
	ios      = "webim/webim-client-sdk-ios"
)

func (v *vendor) documented() []claim.Claim {
	const d = claim.Documented
	return []claim.Claim{
		{ID: "visitor", Standing: d, Source: version1, Probe: v.tenFields, Foresees: believed, Writes: true},
		{ID: "signature", Standing: d, Source: version2, Probe: v.signature, Foresees: believed, Writes: true},
		{ID: "vector", Standing: d, Source: version2, Obstacle: claim.Computed},
		{ID: "link", Standing: d, Source: version1, Probe: v.link, Foresees: "a page, a page", Writes: true},
		{ID: "webhooks", Standing: d, Source: webhooks, Obstacle: claim.Person},
		{ID: "members", Standing: d, Source: webhooks, Obstacle: claim.Person},
		{ID: "webhook_key", Standing: d, Source: webhooks, Obstacle: claim.Person},
		{ID: "history", Standing: d, Source: "API сервиса Webim", Obstacle: claim.Person},
	}
}

func (v *vendor) observed() []claim.Claim {
	const o = claim.Observed
	return []claim.Claim{
		{ID: "lines", Standing: o, Source: "webim/webim-android-sdk-demo", Probe: v.lines, Foresees: believed,
			Writes: true},
		{ID: "no_end", Standing: o, Source: ios, Probe: v.noEnd, Foresees: believed, Writes: true},
		{ID: "ids", Standing: o, Source: ios, Probe: v.ids, Foresees: "32 hexadecimal digits, name", Writes: true},
		{ID: "page", Standing: o, Source: "button.js", Probe: v.page, Foresees: "a script, a picture"},
		{ID: "location", Standing: o, Source: "button.js", Probe: v.location, Foresees: "a page", Writes: true},
		{ID: "mobile", Standing: o, Source: ios, Probe: v.mobile,
			Foresees: "200 wrong-provided-visitor-hash-value, 200 provided-visitor-expired", Writes: true},
	}
}

func (v *vendor) ours() []claim.Claim {
	const o = claim.Ours
	return []claim.Claim{
		{ID: "bad_signature", Standing: o, Obstacle: claim.Browser},
		{ID: "expired", Standing: o, Obstacle: claim.Browser},
		{ID: "far_end", Standing: o, Probe: v.farEnd, Foresees: FarEnds[0], Writes: true},
		{ID: "hmac", Standing: o, Obstacle: claim.Refused},
		{ID: "lengths", Standing: o, Obstacle: claim.Refused},
		{ID: "history_anonymous", Standing: o, Obstacle: claim.Browser},
		{ID: "handlers_api", Standing: o, Obstacle: claim.Browser},
		{ID: "window", Standing: o, Obstacle: claim.Browser},
		{ID: "chat_life", Standing: o, Obstacle: claim.Person},
		{ID: "webhook_form", Standing: o, Obstacle: claim.Person},
		{ID: "online_status", Standing: o, Probe: v.onlineStatus, Foresees: "200 application/json, image/svg+xml"},
		{ID: "two_keys", Standing: o, Obstacle: claim.Person},
		{ID: "missing_pages", Standing: claim.Missing, Obstacle: claim.Lacks},
		{ID: "tokens", Standing: claim.Missing, Obstacle: claim.Lacks},
		{ID: "mobile_rest", Standing: claim.Missing, Obstacle: claim.Lacks},
		{ID: "files", Standing: claim.Missing, Obstacle: claim.Lacks},
		{ID: "operators", Standing: claim.Missing, Obstacle: claim.Lacks},
	}
}
