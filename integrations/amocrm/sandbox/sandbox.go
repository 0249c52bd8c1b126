// Package sandbox imitates what of amoCRM a widget for the client cabinet meets: the account's settings,
// the upload and check of widget.zip, the cabinet with its sign-in by SMS, its SDK and its modules, and the
// tokens. What the vendor documents and what is our decision is said on its page of limits, /_sandbox/limits.
// It imports its vendor's types and the frame of all sandboxes, never the portal.
package sandbox

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kabinet/integrations/amocrm/claims"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

//go:embed catalogue/*.json
var texts embed.FS

// Texts are the sandbox's own, in a folder catalogue: the sentences of the claims are among them.
func Texts() fs.FS { return texts }

// The integration of a sandbox that is given none. It is the same everywhere, and no secret.
const (
	DefaultClientID     = "5c0f3a7e-91d2-4b68-a3f4-6e1d2c7b8a90"
	DefaultClientSecret = "Zk3vQx81mTn5LrYw0aHb7GdCe4UfJs9PoIi2XtNqVyRzMl6KhEuBgWcDp1SjFa8O"
	DefaultAccountID    = 30050010
)

// Config is what New needs.
type Config struct {
	AccountURL   string // the origin of the account's side, which bears its subdomain
	CabinetURL   string // the origin of the client cabinet
	Portal       string // the origin of the integration's redirect_uri
	ClientID     string
	ClientSecret secret.Text
	AccountID    int64
	// Archive builds what the desk's button uploads; nil for no button.
	Archive func() ([]byte, error)
	Now     func() time.Time
	Log     *slog.Logger
}

// operationNames are what faults are set on.
var operationNames = []string{"sign-in", "deal", "widget-script"}

// Sandbox is amoCRM's sandbox, an http.Handler.
type Sandbox struct {
	*sandbox.Kernel
	config   Config
	state    *state
	switches sandbox.Switches[switches] // in the state
	account  *http.ServeMux
	cabinet  *http.ServeMux
	// npm has the files that npm brings; tests take them away.
	npm fs.FS
}

// New returns a sandbox in its first state.
func New(c Config) (*Sandbox, error) {
	k := sandbox.NewKernel(sandbox.Config{
		Vendor: "amoCRM", Operations: operationNames, Texts: texts, Claims: claims.Book(claims.Account{}).Claims,
		Face: "assets/amocrm.css", Assets: assets, Portals: []string{c.Portal}, Now: c.Now, Log: c.Log,
	})
	c.Now = k.Now
	s := &Sandbox{
		Kernel: k, config: c, state: newState(c), account: http.NewServeMux(), cabinet: http.NewServeMux(),
		npm: assets,
	}
	s.switches = sandbox.Switches[switches]{Lock: &s.state.mu, Of: &s.state.switches}
	s.offerScenarios()
	s.registerDesk()
	s.registerAccount()
	s.registerCabinet()
	s.registerScripts()
	desk := func(t *catalogue.Texts) templ.Component { return desk(t, s.deskView()) }
	if err := k.Serve(s.state.reset, desk, s.connect(), s.choices(),
		sandbox.Site{Mux: s.cabinet, Host: sandbox.HostOf(c.CabinetURL), Header: s.header},
		sandbox.Site{Mux: s.account}); err != nil {
		return nil, err
	}
	return s, nil
}

// local are the addresses that a widget under development may be at: this machine's.
const local = "http://localhost:* http://*.localhost:* http://127.0.0.1:*"

// header is the client cabinet's: a widget talks to its own backend, and one that is being developed comes from
// elsewhere.
func (s *Sandbox) header(h http.Header, _ *http.Request) {
	policy := strings.Replace(sandbox.OwnPages, "img-src 'self' data:",
		"img-src 'self' data: "+local+" "+s.config.Portal, 1)
	h.Set("Content-Security-Policy", policy+"; script-src 'self' "+local+"; connect-src 'self' "+local+" "+
		s.config.Portal+"; style-src 'self' 'unsafe-inline' "+local)
}
