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
	"kabinet/integrations/sailplay/claims"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

//go:embed catalogue/*.json
var texts embed.FS

// Texts are the sandbox's own, in a folder catalogue: the sentences of the claims are among them.
func Texts() fs.FS { return texts }

//go:embed assets
var assets embed.FS

// The partner of a sandbox that is given none. They are the same everywhere, and no secret.
const (
	DefaultPartnerID     = "7301"
	DefaultDepartmentID  = "9104"
	DefaultSecret        = "0a1b2c3d4e5f60718293a4b5c6d7e8"
	DefaultDepartmentKey = "73019104"
	DefaultPinCode       = "4711"
)

// DemoPassword is the password of the members that there are at first.
const DemoPassword = "sailplay-demo"

// Config is what New needs.
type Config struct {
	URL     string  // the origin that browsers know SailPlay by; the shop is at ShopOrigin of it
	Partner Partner // the portal
	WWWOnly bool    // whether redirect_url must begin with http://www. at first
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
	*sandbox.Kernel
	config   Config
	state    *state
	switches sandbox.Switches[switches] // in the state
	mux      *http.ServeMux
	shop     *http.ServeMux
	// origins are those that the redirects of forms lead to: SailPlay's own and the partners'.
	origins string
}

// New returns a sandbox in its first state.
func New(c Config) (*Sandbox, error) {
	portals := c.Partner.origins()
	k := sandbox.NewKernel(sandbox.Config{
		Vendor: "SailPlay", Operations: operationNames, Texts: texts, Claims: claims.Book(claims.Account{}).Claims,
		Face: "assets/sailplay.css", Assets: assets, Portals: portals, Now: c.Now, Log: c.Log,
	})
	s := &Sandbox{
		Kernel: k, config: c, state: newState(k.Now, c.WWWOnly, c.Partner, shopPartner(c.URL)),
		mux: http.NewServeMux(), shop: http.NewServeMux(),
	}
	s.switches = sandbox.Switches[switches]{Lock: &s.state.mu, Of: &s.state.switches}
	s.offerScenarios()
	s.origins = strings.Join(append(portals, c.URL, ShopOrigin(c.URL)), " ")
	s.registerShop()
	s.registerAuthorize()
	s.registerAPI()
	s.registerHub()
	s.registerDesk()
	s.registerAuthPage()
	s.registerAttack()
	s.mux.Handle("GET /{$}", http.RedirectHandler("/_sandbox/", http.StatusSeeOther))
	desk := func(t *catalogue.Texts) templ.Component { return desk(t, s.state.view(ShopOrigin(c.URL))) }
	if err := k.Serve(s.state.reset, desk, s.connect(), s.choices(),
		sandbox.Site{Mux: s.shop, Host: sandbox.HostOf(ShopOrigin(c.URL)), Header: s.shopHeader},
		sandbox.Site{Mux: s.mux, Header: s.header}); err != nil {
		return nil, err
	}
	return s, nil
}

// header lets the redirect that ends the consent's form lead to the partner, and the shop's to SailPlay.
func (s *Sandbox) header(h http.Header, _ *http.Request) {
	h.Set("Content-Security-Policy", sandbox.OwnPages+" "+s.origins) // form-action is its last
}

// shopHeader lets the shop load SailPlay's script as well.
func (s *Sandbox) shopHeader(h http.Header, r *http.Request) {
	s.header(h, r)
	h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; script-src 'self' "+s.config.URL)
}
