package claims

import (
	"slices"

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

const (
	unified = "Единая авторизация"
	fifteen = "15web/sailplay-php"
	hub     = "sailplay-hub"
)

// Book returns the claims. Nothing is asked before a probe is run.
func Book(a Account) claim.Book {
	v := &vendor{Account: a}
	documented := claim.Documented.All([]claim.Claim{
		{ID: "authorize", Source: unified, Probe: v.authorize, Foresees: "a page"},
		{ID: "at_once", Source: unified, Probe: v.consent, Foresees: Consents[0], Writes: true},
		{ID: "exchange", Source: unified, Probe: v.exchanges, Foresees: "all, and no status", Writes: true},
		{ID: "www", Source: unified, Probe: v.www, Foresees: WWW[0]},
		{ID: "login", Source: "SailPlay API: login", Probe: v.login, Foresees: "all"},
		{ID: "token_life", Source: "SailPlay API: login", Obstacle: claim.Waits},
		{ID: "users_add", Source: "SailPlay API: users/add", Obstacle: claim.Stays},
		{ID: "purchases", Source: "SailPlay API: purchases/new", Obstacle: claim.Stays},
	})
	observed := claim.Observed.All([]claim.Claim{
		{ID: "info", Source: fifteen, Probe: v.info, Foresees: "all", Writes: true},
		{ID: "identification", Source: "SailPlay API: users/info", Probe: v.identification, Foresees: "refused -4000"},
		{ID: "points_add", Source: "nebolsin/sailplay", Obstacle: claim.Stays},
		{ID: "codes", Source: fifteen, Probe: v.codes, Foresees: "refused -4000, refused -7"},
		{ID: "envelope", Source: "dog-face/sailplay_api", Probe: v.envelope,
			Foresees: "200 with message, status, status_code"},
		{ID: "hub_calls", Source: hub, Probe: v.hubCalls, Foresees: "all"},
		{ID: "auth_page", Source: hub, Probe: v.authPage, Foresees: "a page"},
	})
	ours := claim.Ours.All([]claim.Claim{
		{ID: "strict", Probe: v.strict, Foresees: "refused", Writes: true},
		{ID: "returns", Probe: v.returns, Foresees: "refused"},
		{ID: "errors", Probe: v.errors, Foresees: Errors[0]},
		{ID: "consent", Obstacle: claim.Person},
		{ID: "appended", Probe: v.appended, Foresees: Appended[0], Writes: true},
		{ID: "lives", Obstacle: claim.Waits},
		{ID: "members", Obstacle: claim.Person},
		{ID: "known_members", Obstacle: claim.Stays},
		{ID: "points", Obstacle: claim.Stays},
		{ID: "shop", Obstacle: claim.Own},
		{ID: "sdk", Probe: v.sdk, Foresees: "a script"},
		{ID: "widget", Obstacle: claim.Own},
		{ID: "logout_cookie", Obstacle: claim.Browser},
	})
	claims := slices.Concat(documented, observed, ours, claim.Lacking("hub", "hash_life", "api_rest"))
	return claim.Book{Claims: claims, Leaves: []string{"claim.leaves"}}
}
