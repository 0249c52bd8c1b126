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
	"kabinet/integrations/priceplan/claims"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

//go:embed catalogue/*.json
var texts embed.FS

// Texts are the sandbox's own, in a folder catalogue: the sentences of the claims are among them.
func Texts() fs.FS { return texts }

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
	// NewAccount is for an account in which nobody has switched the function on: see Prepare.
	NewAccount bool
	Now        func() time.Time
	Log        *slog.Logger
}

// operationNames are what faults are set on.
var operationNames = []string{
	"login", "auth-key", "clients", "create-client", "balance", "products", "subscribes", "documents",
	"redeem", "cabinet", "pp_widgets.js", "iframeResizer.js",
}

// Sandbox is PricePlan's sandbox, an http.Handler for both of its hosts.
type Sandbox struct {
	*sandbox.Kernel
	config   Config
	state    *state
	settings sandbox.Switches[settings] // in the state; reading them charges nothing
	npm      fs.FS                      // what npm brought; a build may lack it
	cabinet  *http.ServeMux
	staff    *http.ServeMux
	origins  *http.CrossOriginProtection
}

// New returns a sandbox in its first state. It returns an error when a portal is not an origin.
func New(c Config) (*Sandbox, error) {
	if c.APIKey.IsEmpty() {
		c.APIKey = secret.New(DefaultAPIKey)
	}
	for _, origin := range c.Portals {
		if u, err := url.Parse(origin); err != nil || u.Hostname() == "" {
			return nil, fmt.Errorf("the portal %q is not an origin such as http://localhost:8080", origin)
		}
	}
	k := sandbox.NewKernel(sandbox.Config{
		Vendor: "PricePlan", Operations: operationNames, Texts: texts, Claims: claims.Book(claims.Account{}).Claims,
		Face: "assets/priceplan.css", Assets: assets, Portals: c.Portals, Now: c.Now, Log: c.Log,
	})
	c.Now = k.Now
	first := settingsFor(c.Portals)
	if c.NewAccount {
		first = newAccount
	}
	s := &Sandbox{
		Kernel: k, config: c, state: &state{clock: c.Now, initial: first}, npm: assets,
		cabinet: http.NewServeMux(), staff: http.NewServeMux(), origins: http.NewCrossOriginProtection(),
	}
	s.settings = sandbox.Switches[settings]{Lock: &s.state.mu, Of: &s.state.settings}
	s.state.reset()
	s.offerScenarios()
	for _, mux := range []*http.ServeMux{s.cabinet, s.staff} {
		s.registerDesk(mux)
		s.registerAPI(mux)
	}
	s.registerCabinet(s.cabinet)
	s.registerScripts(s.cabinet)
	s.staff.Handle("GET /{$}", http.RedirectHandler("/_sandbox/", http.StatusSeeOther))
	desk := func(t *catalogue.Texts) templ.Component { return desk(t, s.deskModel()) }
	if err := k.Serve(s.state.reset, desk, s.connect(), s.choices(),
		sandbox.Site{Mux: s.staff, Host: c.Hosts.StaffHost(), Header: s.header},
		sandbox.Site{Mux: s.cabinet, Header: s.header}); err != nil {
		return nil, err
	}
	return s, nil
}

// Prepare switches everything on that the portals need, as an account's staff would.
func (s *Sandbox) Prepare() {
	s.settings.Change(func(now *settings) { *now = settingsFor(s.config.Portals) })
}

// isStaff reports whether a request is for the staff's host. Each host serves the whole API; the cabinet and its
// scripts are on the cabinet's, which is also taken for any other host.
func (s *Sandbox) isStaff(r *http.Request) bool {
	return outgoing.Hostname(r.Host) == s.config.Hosts.StaffHost()
}

// header leaves to the cabinet's pages who may frame them. PricePlan looks at where a visitor comes from, so that the
// frame of the widget, which begins at the cabinet, has to say so.
func (s *Sandbox) header(h http.Header, r *http.Request) {
	h.Del("Referrer-Policy")
	if !strings.HasPrefix(r.URL.Path, "/_sandbox/") {
		h.Del("Content-Security-Policy")
	}
}

// ExpireManagers ends every manager's session, as time would.
func (s *Sandbox) ExpireManagers() {
	defer s.state.lock()()
	clear(s.state.managers)
}
