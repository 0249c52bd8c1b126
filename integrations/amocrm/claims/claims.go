package claims

import (
	"kabinet/integrations/claim"
	"kabinet/integrations/secret"
)

// Account is an integration at amoCRM, as the portal is configured for it.
type Account struct {
	Secret secret.Text // the integration's client_secret
	Portal string      // the origin of its redirect_uri
	// Token is one that the client cabinet has given to the widget, at a deal; empty for none.
	Token secret.Text
}

// The ways a choice of the sandbox can go, as the probes see them. The first is what is foreseen.
var (
	DealClaims = []string{"data.entity_id, a number", "data.entity_id, a text", "lead_id, a number",
		"data.entity_id of contacts", "no deal"}
	Audiences = []string{"without the port", "with the port"}
	Users     = []string{"all", "without user_id"}
	Lives     = []string{"30 minutes", "15 minutes", "60 minutes", "1440 minutes"}
	Places    = []string{"made anew", "kept"}
)

// Book returns the claims. Nothing is looked at before a probe is run.
func Book(a Account) claim.Book {
	const (
		d, o    = claim.Documented, claim.Ours
		cabinet = "Кабинет клиента"
		widgets = "amoCRM: виджеты"
	)
	return claim.Book{Claims: []claim.Claim{
		{ID: "contract", Standing: d, Source: cabinet, Obstacle: claim.Browser},
		{ID: "sdk", Standing: d, Source: cabinet, Obstacle: claim.Browser},
		{ID: "init_order", Standing: d, Source: cabinet, Obstacle: claim.Browser},
		{ID: "modules", Standing: d, Source: cabinet, Obstacle: claim.Browser},
		{ID: "add_widget", Standing: d, Source: cabinet, Obstacle: claim.Browser},
		{ID: "account", Standing: d, Source: cabinet, Obstacle: claim.Person},
		{ID: "archive", Standing: d, Source: widgets, Obstacle: claim.Person},
		{ID: "catalogue", Standing: d, Source: widgets, Obstacle: claim.Person},
		{ID: "token", Standing: d, Source: widgets, Probe: a.members, Foresees: Users[0]},
		{ID: "life", Standing: d, Source: widgets, Probe: a.life, Foresees: Lives[0]},
		{ID: "jti", Standing: d, Source: widgets, Probe: a.jti, Foresees: "a UUID"},
		{ID: "audience", Standing: d, Source: "amocrm/amocrm-api-php", Probe: a.audience, Foresees: Audiences[0]},
		{ID: "sms", Standing: d, Source: widgets, Obstacle: claim.Person},
		{ID: "tour", Standing: claim.Observed, Source: "публичные виджеты / published widgets",
			Obstacle: claim.Person},
		{ID: "deal_claim", Standing: o, Probe: a.deal, Foresees: DealClaims[0]},
		{ID: "versions", Standing: o, Obstacle: claim.Browser},
		{ID: "order", Standing: o, Obstacle: claim.Browser},
		{ID: "loading", Standing: o, Obstacle: claim.Browser},
		{ID: "init_lead", Standing: o, Obstacle: claim.Browser},
		{ID: "accordion", Standing: o, Obstacle: claim.Browser},
		{ID: "integrations", Standing: o, Obstacle: claim.Person},
		{ID: "addresses", Standing: o, Obstacle: claim.Person},
		{ID: "values", Standing: o, Obstacle: claim.Browser},
		{ID: "checks", Standing: o, Obstacle: claim.Own},
		{ID: "sign_in", Standing: o, Obstacle: claim.Person},
		{ID: "sms_key", Standing: o, Obstacle: claim.Person},
		{ID: "scripts", Standing: o, Obstacle: claim.Browser},
		{ID: "language", Standing: o, Obstacle: claim.Person},
		{ID: "token_address", Standing: o, Obstacle: claim.Own},
		{ID: "loops", Standing: claim.Missing, Obstacle: claim.Lacks},
		{ID: "rest", Standing: claim.Missing, Obstacle: claim.Lacks},
	}}
}
