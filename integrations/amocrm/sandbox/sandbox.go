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
	"net/url"
	"time"

	"github.com/a-h/templ"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

//go:embed catalogue/*.json
var texts embed.FS

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
	// Archive is what the desk's button uploads; nil for no button.
	Archive []byte
	Now     func() time.Time
	Log     *slog.Logger
}

// operationNames are what faults are set on.
var operationNames = []string{"sign-in", "deal", "widget-script"}

// Sandbox is amoCRM's sandbox, an http.Handler.
type Sandbox struct {
	requests sandbox.Requests
	config   Config
	state    *state
	faults   *sandbox.Faults
	frame    *sandbox.Frame
	account  *http.ServeMux
	cabinet  *http.ServeMux
	// npm has the files that npm brings; tests take them away.
	npm  fs.FS
	http *http.Client
}

// New returns a sandbox in its first state.
func New(c Config) (*Sandbox, error) {
	faults := sandbox.NewFaults(operationNames...)
	c.Now = faults.Clock(c.Now)
	s := &Sandbox{
		config: c, state: newState(c), faults: faults, account: http.NewServeMux(), cabinet: http.NewServeMux(),
		npm:  assets,
		http: outgoing.NewPlainClient(5 * time.Second),
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
	s.frame = &sandbox.Frame{
		Vendor: "amoCRM", Catalogue: all, Limits: limits, Face: "assets/amocrm.css", Assets: assets, Reset: s.Reset,
		Faults: s.faults, Portals: []string{c.Portal}, Log: c.Log,
		Desk:    func(t *catalogue.Texts) templ.Component { return desk(t, s.deskView()) },
		Connect: s.connect(),
	}
	for _, mux := range []*http.ServeMux{s.account, s.cabinet} {
		if err := s.frame.Register(mux); err != nil {
			return nil, err
		}
	}
	s.registerDesk()
	s.registerAccount()
	s.registerCabinet()
	s.registerScripts()
	return s, nil
}

// local are the addresses that a widget under development may be at: this machine's.
const local = "http://localhost:* http://*.localhost:* http://127.0.0.1:*"

// ServeHTTP answers for the account's host and the cabinet's. Neither may be framed.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Note(r)
	s.faults.Date(w)
	h := w.Header()
	policy := "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"
	mux := s.account
	images := "; img-src 'self' data:"
	if s.isCabinet(r) {
		mux = s.cabinet
		// A widget talks to its own backend, and one that is being developed comes from elsewhere.
		policy += "; script-src 'self' " + local + "; connect-src 'self' " + local + " " + s.config.Portal +
			"; style-src 'self' 'unsafe-inline' " + local
		images += " " + local + " " + s.config.Portal
	}
	h.Set("Content-Security-Policy", policy+images)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	mux.ServeHTTP(w, r)
}

func (s *Sandbox) isCabinet(r *http.Request) bool {
	u, err := url.Parse(s.config.CabinetURL)
	return err == nil && outgoing.Hostname(r.Host) == u.Hostname()
}

// Faults are for tests and demonstrations. The operations: sign-in, deal, widget-script.
func (s *Sandbox) Faults() *sandbox.Faults { return s.faults }

// Requests are those that the sandbox was asked, for tests.
func (s *Sandbox) Requests() []sandbox.Request { return s.requests.All() }

// Reset brings the first state back and clears all faults.
func (s *Sandbox) Reset() {
	s.faults.Clear()
	s.requests.Clear()
	s.state.reset()
}
