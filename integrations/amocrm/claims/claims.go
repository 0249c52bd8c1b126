package claims

import (
	"slices"

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
		cabinet = "Кабинет клиента"
		widgets = "amoCRM: виджеты"
	)
	documented := claim.Documented.All([]claim.Claim{
		{ID: "contract", Source: cabinet, Obstacle: claim.Browser},
		{ID: "sdk", Source: cabinet, Obstacle: claim.Browser},
		{ID: "init_order", Source: cabinet, Obstacle: claim.Browser},
		{ID: "modules", Source: cabinet, Obstacle: claim.Browser},
		{ID: "add_widget", Source: cabinet, Obstacle: claim.Browser},
		{ID: "account", Source: cabinet, Obstacle: claim.Person},
		{ID: "archive", Source: widgets, Obstacle: claim.Person},
		{ID: "catalogue", Source: widgets, Obstacle: claim.Person},
		{ID: "token", Source: widgets, Probe: a.members, Foresees: Users[0]},
		{ID: "life", Source: widgets, Probe: a.life, Foresees: Lives[0]},
		{ID: "jti", Source: widgets, Probe: a.jti, Foresees: "a UUID"},
		{ID: "audience", Source: "amocrm/amocrm-api-php", Probe: a.audience, Foresees: Audiences[0]},
		{ID: "sms", Source: widgets, Obstacle: claim.Person},
	})
	observed := []claim.Claim{{ID: "tour", Standing: claim.Observed, Source: "widgets on GitHub",
		Obstacle: claim.Person}}
	ours := claim.Ours.All([]claim.Claim{
		{ID: "deal_claim", Probe: a.deal, Foresees: DealClaims[0]},
		{ID: "versions", Obstacle: claim.Browser},
		{ID: "order", Obstacle: claim.Browser},
		{ID: "loading", Obstacle: claim.Browser},
		{ID: "init_lead", Obstacle: claim.Browser},
		{ID: "accordion", Obstacle: claim.Browser},
		{ID: "integrations", Obstacle: claim.Person},
		{ID: "addresses", Obstacle: claim.Person},
		{ID: "values", Obstacle: claim.Browser},
		{ID: "checks", Obstacle: claim.Own},
		{ID: "sign_in", Obstacle: claim.Person},
		{ID: "sms_key", Obstacle: claim.Person},
		{ID: "scripts", Obstacle: claim.Browser},
		{ID: "language", Obstacle: claim.Person},
		{ID: "token_address", Obstacle: claim.Own},
	})
	return claim.Book{Claims: slices.Concat(documented, observed, ours, claim.Lacking("loops", "rest"))}
}
