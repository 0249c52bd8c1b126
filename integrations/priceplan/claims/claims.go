package claims

import (
	"crypto/rand"
	"slices"
	"strings"

	"kabinet/integrations/claim"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/secret"
)

// Account is a company's at PricePlan, as the portal is configured for it.
type Account struct {
	Hosts    priceplan.Hosts
	User     string      // a manager, or empty
	APIKey   secret.Text // or the key that is used instead
	Password secret.Text
	Portal   string             // an origin that «Доступные домены» has
	Client   priceplan.ClientID // whose rows are read; 0 for the first of the list
	Asker    *claim.Asker
}

// The ways a choice of the sandbox can go, as the probes see them. The first is what is foreseen.
var (
	Refusals = []string{"200 with success, errors", "400 with success, errors", "404 with success, errors"}
	Sessions = []string{"401", "403", "302"}
	Lives    = []string{"5 minutes", "1 minute", "10 minutes", "15 minutes", "30 minutes", "60 minutes",
		"1440 minutes"}
	Uses    = []string{"once", "again and again"}
	Cookies = []string{"SameSite=None; Secure; Partitioned", "SameSite=None; Secure"}
	Starts  = []string{"leads to url_auth", "not there"}
)

// HostRefused is the vendor's own text for a visitor from a site that is not among «Доступные домены».
const HostRefused = "Your host is not included in available domains. Please, check your account settings."

// Book returns the claims. Nothing is asked before a probe is run.
func Book(a Account) claim.Book {
	v := &vendor{Account: a, external: "kabinet-compare-" + strings.ToLower(rand.Text()[:8])}
	claims := slices.Concat(v.documented(), v.observed(), v.ours(), claim.Lacking("missing_calls", "missing_values"))
	return claim.Book{Claims: claims, Leaves: []string{"claim.leaves"}, CleanUp: v.cleanUp}
}

// What the vendor documents, and what is read in the vendor's own clients.
const (
	guide   = "PricePlan/lk-integration"
	history = "Интеграция личного кабинета, 2018–2019"
	example = "PricePlan/customer-cabinet-example"
	for1C   = "1С PricePlan"
	chelout = "chelout/priceplan"
	node    = "IvanMMM/node-priceplan"
)

func (v *vendor) documented() []claim.Claim {
	return claim.Documented.All([]claim.Claim{
		{ID: "login", Source: guide, Probe: v.login, Foresees: "a cookie"},
		{ID: "key", Source: guide, Probe: v.key, Foresees: "all, and the link leads to the key", Writes: true},
		{ID: "domains", Source: guide, Probe: v.domains, Foresees: "the vendor's text", Writes: true},
		{ID: "scripts", Source: history, Probe: v.scripts, Foresees: "both"},
		{ID: "cabinet", Source: history, Obstacle: claim.Person},
		{ID: "basic", Source: "docs.priceplan.ru", Probe: v.basic, Foresees: "answered"},
		{ID: "reset_token", Source: example, Probe: v.resetToken, Foresees: "a token", Writes: true},
		{ID: "settings", Source: guide, Obstacle: claim.Person},
		{ID: "off", Source: history, Obstacle: claim.Person},
		{ID: "frame_origin", Source: example, Obstacle: claim.Person},
		{ID: "any_domain", Source: guide, Obstacle: claim.Person},
		{ID: "frame_id", Source: history, Obstacle: claim.Browser},
		{ID: "css", Source: guide, Obstacle: claim.Person},
		{ID: "ready_once", Source: history, Obstacle: claim.Browser},
		{ID: "document_names", Source: for1C, Probe: v.documentNames, Foresees: "all"},
		{ID: "dates", Source: for1C, Probe: v.dates, Foresees: "filtered"},
	})
}

func (v *vendor) observed() []claim.Claim {
	return claim.Observed.All([]claim.Claim{
		{ID: "client_names", Source: chelout, Probe: v.clientNames, Foresees: "all"},
		{ID: "logic", Source: for1C, Probe: v.logic, Foresees: "filtered"},
		{ID: "delete_refused", Source: node, Probe: v.deleteRefused, Foresees: "refused 28", Writes: true},
		{ID: "envelope", Source: node, Probe: v.envelope, Foresees: Refusals[0]},
		{ID: "content_type", Source: guide, Probe: v.contentType, Foresees: "a cookie"},
		{ID: "read_key", Source: chelout, Probe: v.readKey, Foresees: "all"},
		{ID: "hosts", Source: chelout, Probe: v.hosts, Foresees: "both answer"},
		{ID: "list", Source: "Kendo UI grid", Probe: v.list, Foresees: "client__id, client__name; a count; filtered"},
		{ID: "calls", Source: chelout, Probe: v.calls, Foresees: "all answer"},
		{ID: "create", Source: chelout, Probe: v.create, Foresees: "an id", Writes: true},
	})
}

func (v *vendor) ours() []claim.Claim {
	return claim.Ours.All([]claim.Claim{
		{ID: "list_order", Probe: v.strictness, Foresees: "refused 26, refused 25, refused 3, refused 3"},
		{ID: "key_life", Probe: v.keyLife, Foresees: Lives[0], Writes: true},
		{ID: "key_once", Probe: v.keyOnce, Foresees: Uses[0], Writes: true},
		{ID: "referrer", Probe: v.referrer, Foresees: "refused, and the key is kept", Writes: true},
		{ID: "session", Probe: v.session, Foresees: Sessions[0]},
		{ID: "cabinet_cookie", Probe: v.cabinetCookie, Foresees: Cookies[0], Writes: true},
		{ID: "widget", Probe: v.widget, Foresees: Starts[0]},
		{ID: "frames", Probe: v.frames, Foresees: "frame-ancestors"},
		{ID: "messages", Obstacle: claim.Browser},
		{ID: "client_fields", Probe: v.clientFields, Foresees: "all"},
		{ID: "vat", Obstacle: claim.Person},
		{ID: "create_twice", Probe: v.createTwice, Foresees: "an id", Writes: true},
		{ID: "client_delete", Probe: v.clientDelete, Foresees: "listed as deleted, and refused 6", Writes: true},
		{ID: "increase", Probe: v.increase, Foresees: "all, refused 31, refused 10", Writes: true},
		{ID: "rows", Probe: v.rows, Foresees: "all"},
		{ID: "documents_filter", Probe: v.documentsFilter, Foresees: "only the client's"},
		{ID: "period", Obstacle: claim.Money},
		{ID: "topup", Obstacle: claim.Money},
		{ID: "calendar", Obstacle: claim.Own},
		{ID: "not_done", Probe: v.nothingThere, Foresees: "404 refused 7, 404 refused 6"},
		{ID: "pdf", Obstacle: claim.Person},
		{ID: "switched_off", Obstacle: claim.Person},
		{ID: "css_file", Obstacle: claim.Person},
		{ID: "refusal_silent", Obstacle: claim.Browser},
	})
}
