// Package sandbox imitates SailPlay: unified authorization with its pages, the exchange of codes, and the
// HTTP API, with state and strict as OAuth servers should be. What the vendor documents and what is our
// decision is said on its page of limits, /_sandbox/limits. It imports its vendor's types and the
// frame of all sandboxes, never the portal.
package sandbox

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

//go:embed catalogue/*.json
var texts embed.FS

//go:embed assets
var assets embed.FS

// The partner of a sandbox that is given none. They are the same everywhere, and no secret.
const (
	DefaultPartnerID     = "7301"
	DefaultDepartmentID  = "9104"
	DefaultSecret        = "0a1b2c3d4e5f60718293a4b5c6d7e8"
	DefaultDepartmentKey = "portal-department-key"
	DefaultPinCode       = "4711"
)

// DemoPassword is the password of the members that there are at first.
const DemoPassword = "sailplay-demo"

// Config is what New needs.
type Config struct {
	URL     string  // the origin that browsers know SailPlay by; the shop is at ShopOrigin of it
	Partner Partner // the portal
	Now     func() time.Time
	Log     *slog.Logger
}

// Partner is a company whose customers join their accounts.
type Partner struct {
	ID, DepartmentID               string
	Name                           string // as customers read it
	Secret, DepartmentKey, PinCode secret.Text
	// Returns are the addresses below which customers may be led back: an origin and the beginning of a path.
	Returns []string
}

// operationNames are what faults are set on.
var operationNames = []string{"authorize", "get-auth-hash", "login", "users/info", "users/add", "points/add",
	"purchases/new"}

// Sandbox is SailPlay's sandbox, an http.Handler.
type Sandbox struct {
	requests sandbox.Requests
	config   Config
	state    *state
	faults   *sandbox.Faults
	frame    *sandbox.Frame
	mux      *http.ServeMux
	shop     *http.ServeMux
	// origins are those that the redirects of forms lead to: SailPlay's own and the partners'.
	origins string
}

// New returns a sandbox in its first state.
func New(c Config) (*Sandbox, error) {
	faults := sandbox.NewFaults(operationNames...)
	c.Now = faults.Clock(c.Now)
	s := &Sandbox{
		config: c, state: newState(c.Now, c.Partner, shopPartner(c.URL)), faults: faults,
		mux: http.NewServeMux(), shop: http.NewServeMux(),
	}
	s.offerScenarios()
	own, err := fs.Sub(texts, "catalogue")
	if err != nil {
		return nil, err
	}
	all, err := catalogue.Load(sandbox.Texts(), own)
	if err != nil {
		return nil, err
	}
	var portals []string
	for _, r := range c.Partner.Returns {
		if origin := originOf(r); origin != "" {
			portals = append(portals, origin)
		}
	}
	s.frame = &sandbox.Frame{
		Vendor: "SailPlay", Catalogue: all, Limits: limits, Face: "assets/sailplay.css", Assets: assets,
		Reset: s.Reset, Faults: s.faults, Portals: portals, Log: c.Log,
		Desk:    func(t *catalogue.Texts) templ.Component { return desk(t, s.state.view(ShopOrigin(c.URL))) },
		Connect: s.connect(),
	}
	if err := s.frame.Register(s.mux); err != nil {
		return nil, err
	}
	s.origins = strings.Join(append(portals, c.URL, ShopOrigin(c.URL)), " ")
	if err := s.registerShop(); err != nil {
		return nil, err
	}
	s.registerAuthorize()
	s.registerAPI()
	s.registerHub()
	s.registerDesk()
	s.registerAuthPage()
	s.mux.Handle("GET /{$}", http.RedirectHandler("/_sandbox/", http.StatusSeeOther))
	return s, nil
}

// ServeHTTP answers for SailPlay's host and the shop's. Nothing of it may be framed: a page that asks for consent must
// not lie under another.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Note(r)
	s.faults.Date(w)
	h := w.Header()
	// The redirect that ends the consent's form leads to the partner, and the shop's to SailPlay.
	h.Set("Content-Security-Policy",
		"default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "+
			"form-action 'self' "+s.origins)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // redirect_url may carry what is the partner's alone
	if s.isShop(r) {
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; script-src 'self' "+s.config.URL)
		s.shop.ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// Faults are for tests and demonstrations. The operations: authorize, get-auth-hash, login, users/info,
// users/add, points/add, purchases/new.
func (s *Sandbox) Faults() *sandbox.Faults { return s.faults }

// Requests are those that the sandbox was asked, for tests.
func (s *Sandbox) Requests() []sandbox.Request { return s.requests.All() }

// Reset brings the first state back and clears all faults.
func (s *Sandbox) Reset() {
	s.faults.Clear()
	s.requests.Clear()
	s.state.reset()
}
