package claims

import (
	"kabinet/integrations/claim"
	"kabinet/integrations/sailplay"
	"kabinet/integrations/secret"
)

// Account is a partner's at SailPlay, as the portal is configured for it.
type Account struct {
	Config sailplay.Config
	// Return is the address below which the portal is led back to, with its path.
	Return string
	// Cookie is the header Cookie of a browser whose member is signed in at SailPlay; empty for none.
	Cookie secret.Text
	Asker  *claim.Asker
}

// The ways a choice of the sandbox can go, as the probes see them. The first is what is foreseen.
var (
	WWW      = []string{"taken", "refused"}
	Consents = []string{"led back at once", "asked"}
	Appended = []string{"joined by &", "behind a second ?", "in place of the query"}
	Errors   = []string{"200 with message, status", "200 with message, status, status_code"}
)

// Book returns the claims. Nothing is asked before a probe is run.
func Book(a Account) claim.Book {
	v := &vendor{Account: a}
	claims := append(v.documented(), v.observed()...)
	return claim.Book{Claims: append(claims, v.ours()...), Leaves: []string{"claim.leaves"}}
}

const (
	unified = "Единая авторизация"
	fifteen = "15web/sailplay-php"
	hub     = "sailplay-hub"
)

func (v *vendor) documented() []claim.Claim {
	const d = claim.Documented
	return []claim.Claim{
		{ID: "authorize", Standing: d, Source: unified, Probe: v.authorize, Foresees: "a page"},
		{ID: "at_once", Standing: d, Source: unified, Probe: v.consent, Foresees: Consents[0], Writes: true},
		{ID: "exchange", Standing: d, Source: unified, Probe: v.exchanges, Foresees: "all, and no status",
			Writes: true},
		{ID: "www", Standing: d, Source: unified, Probe: v.www, Foresees: WWW[0]},
		{ID: "login", Standing: d, Source: "SailPlay API: login", Probe: v.login, Foresees: "all"},
		{ID: "token_life", Standing: d, Source: "SailPlay API: login", Obstacle: claim.Waits},
		{ID: "users_add", Standing: d, Source: "SailPlay API: users/add", Obstacle: claim.Stays},
		{ID: "purchases", Standing: d, Source: "SailPlay API: purchases/new", Obstacle: claim.Stays},
	}
}

func (v *vendor) observed() []claim.Claim {
	const o = claim.Observed
	return []claim.Claim{
		{ID: "info", Standing: o, Source: fifteen, Probe: v.info, Foresees: "all", Writes: true},
		{ID: "identification", Standing: o, Source: "SailPlay API: users/info", Probe: v.identification,
			Foresees: "refused -4000"},
		{ID: "points_add", Standing: o, Source: "nebolsin/sailplay", Obstacle: claim.Stays},
		{ID: "codes", Standing: o, Source: fifteen, Probe: v.codes, Foresees: "refused -4000, refused -7"},
		{ID: "envelope", Standing: o, Source: "dog-face/sailplay_api", Probe: v.envelope,
			Foresees: "200 with message, status, status_code"},
		{ID: "hub_calls", Standing: o, Source: hub, Probe: v.hubCalls, Foresees: "all"},
		{ID: "auth_page", Standing: o, Source: hub, Probe: v.authPage, Foresees: "a page"},
	}
}

func (v *vendor) ours() []claim.Claim {
	const o = claim.Ours
	return []claim.Claim{
		{ID: "strict", Standing: o, Probe: v.strict, Foresees: "refused", Writes: true},
		{ID: "returns", Standing: o, Probe: v.returns, Foresees: "refused"},
		{ID: "errors", Standing: o, Probe: v.errors, Foresees: Errors[0]},
		{ID: "consent", Standing: o, Obstacle: claim.Person},
		{ID: "appended", Standing: o, Probe: v.appended, Foresees: Appended[0], Writes: true},
		{ID: "lives", Standing: o, Obstacle: claim.Waits},
		{ID: "members", Standing: o, Obstacle: claim.Person},
		{ID: "known_members", Standing: o, Obstacle: claim.Stays},
		{ID: "points", Standing: o, Obstacle: claim.Stays},
		{ID: "shop", Standing: o, Obstacle: claim.Own},
		{ID: "sdk", Standing: o, Probe: v.sdk, Foresees: "a script"},
		{ID: "widget", Standing: o, Obstacle: claim.Own},
		{ID: "logout_cookie", Standing: o, Obstacle: claim.Browser},
		{ID: "hub", Standing: claim.Missing, Obstacle: claim.Lacks},
		{ID: "hash_life", Standing: claim.Missing, Obstacle: claim.Lacks},
		{ID: "api_rest", Standing: claim.Missing, Obstacle: claim.Lacks},
	}
}
