// Package sandbox imitates PricePlan: the API, the sign-in by key and the customer's cabinet,
// with state and strict about requests. What the vendor documents and what is our decision is
// said on its page of limits, /_sandbox/limits. It imports its vendor's types and the frame
// of all sandboxes, never the portal.
package sandbox

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

//go:embed catalogue/*.json
var texts embed.FS

// The manager of a sandbox that is given none. They are the same everywhere, and no secret.
const (
	DefaultCustomer = "demo"
	DefaultUser     = "portal-manager"
	DefaultAPIKey   = "portal-api-key"
	DefaultPassword = "portal-manager-password"
)

// DemoClient is the client that the demo's first customer is linked to.
const DemoClient priceplan.ClientID = 1001

// Config is what New needs.
type Config struct {
	Hosts    priceplan.Hosts
	User     secret.Text // the manager's; secret because it may be somebody's real one
	APIKey   secret.Text // DefaultAPIKey when empty; its password is the manager's
	Password secret.Text
	// Portals are the origins of the portals that may show the cabinet: they make up
	// "Доступные домены" and the allowed origins of frames.
	Portals []string
	Now     func() time.Time
	Log     *slog.Logger
}

// operationNames are what faults are set on.
var operationNames = []string{
	"login", "auth-key", "clients", "create-client", "balance", "products", "subscribes", "documents",
	"redeem", "cabinet", "pp_widgets.js", "iframeResizer.js",
}

// Sandbox is PricePlan's sandbox, an http.Handler for both of its hosts.
type Sandbox struct {
	requests sandbox.Requests
	config   Config
	state    *state
	faults   *sandbox.Faults
	frame    *sandbox.Frame
	npm      fs.FS // what npm brought; a build may lack it
	cabinet  *http.ServeMux
	staff    *http.ServeMux
	origins  *http.CrossOriginProtection
}

// New returns a sandbox in its first state. It returns an error when a portal is not an origin.
func New(c Config) (*Sandbox, error) {
	if c.APIKey.IsEmpty() {
		c.APIKey = secret.New(DefaultAPIKey)
	}
	faults := sandbox.NewFaults(operationNames...)
	c.Now = faults.Clock(c.Now)
	s := &Sandbox{
		config:  c,
		state:   newState(c.Now, settingsFor(c.Portals)),
		faults:  faults,
		npm:     assets,
		cabinet: http.NewServeMux(),
		staff:   http.NewServeMux(),
		origins: http.NewCrossOriginProtection(),
	}
	s.offerScenarios()
	for _, origin := range c.Portals {
		u, err := url.Parse(origin)
		if err != nil || u.Hostname() == "" {
			return nil, fmt.Errorf("the portal %q is not an origin such as http://localhost:8080", origin)
		}
	}
	own, err := fs.Sub(texts, "catalogue")
	if err != nil {
		return nil, err
	}
	all, err := catalogue.Load(sandbox.Texts(), own)
	if err != nil {
		return nil, err
	}
	s.frame = &sandbox.Frame{
		Vendor: "PricePlan", Catalogue: all, Limits: limits, Face: "assets/priceplan.css", Assets: assets,
		Reset: s.Reset, Faults: s.faults, Portals: c.Portals, Log: c.Log,
		Desk:    func(t *catalogue.Texts) templ.Component { return desk(t, s.deskModel()) },
		Connect: s.connect(),
	}
	for _, mux := range []*http.ServeMux{s.cabinet, s.staff} {
		if err := s.frame.Register(mux); err != nil {
			return nil, err
		}
		s.registerDesk(mux)
		s.registerAPI(mux)
	}
	s.registerCabinet(s.cabinet)
	s.registerScripts(s.cabinet)
	s.staff.Handle("GET /{$}", http.RedirectHandler("/_sandbox/", http.StatusSeeOther))
	return s, nil
}

// ServeHTTP answers for both hosts: each serves the whole API; the cabinet and its scripts are
// on the cabinet's, which is also taken for any host that is not the staff's.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Note(r)
	s.faults.Date(w)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if strings.HasPrefix(r.URL.Path, "/_sandbox/") { // the cabinet says for itself who may frame it
		w.Header().Set("Content-Security-Policy", sandbox.OwnPages)
	}
	if outgoing.Hostname(r.Host) == s.config.Hosts.StaffHost() {
		s.staff.ServeHTTP(w, r)
		return
	}
	s.cabinet.ServeHTTP(w, r)
}

// Faults are for tests and demonstrations. The operations: login, auth-key, clients, create-client, balance,
// products, subscribes, documents, redeem (a key, in the browser), cabinet, pp_widgets.js, iframeResizer.js.
func (s *Sandbox) Faults() *sandbox.Faults { return s.faults }

// Requests are those that the sandbox was asked, for tests.
func (s *Sandbox) Requests() []sandbox.Request { return s.requests.All() }

// Reset brings the first state back and clears all faults.
func (s *Sandbox) Reset() {
	s.faults.Clear()
	s.requests.Clear()
	s.state.reset()
}

// ExpireManagers ends every manager's session, as time would.
func (s *Sandbox) ExpireManagers() { s.state.endManagers() }
