// Package sandbox imitates Webim: the script and the window of the chat, the link to it, the mobile
// SDK's first call, the operator's console, and the webhooks, with state and strict about signatures.
// What the vendor documents and what is our decision is said on its page of limits, /_sandbox/limits.
// It imports its vendor's types and the frame of all sandboxes, never the portal.
package sandbox

import (
	"cmp"
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

//go:embed catalogue/*.json
var texts embed.FS

//go:embed assets
var assets embed.FS

// The account of a sandbox that is given none. They are the same everywhere, and no secret.
const (
	DefaultAccount = "demo"
	DefaultKey     = "5a1c0ffee0b57ac1e0ddba11cafe50da"
)

// Config is what New needs.
type Config struct {
	Account     webim.Account
	Key         secret.Text
	PreviousKey secret.Text // believed too; may be empty
	Scheme      webim.Scheme
	// Portals are the origins whose pages may show the chat.
	Portals []string
	// Handlers are the addresses that are told of events, by the events' names.
	Handlers map[string]string
	Now      func() time.Time // time.Now when nil
	// Retries are how long to wait after each attempt at a webhook that failed.
	Retries []time.Duration
	Log     *slog.Logger
}

// operationNames are what faults are set on.
var operationNames = []string{"button.js", "client.php", "button.php", "online-status", "init", "mobile-init",
	"messages", "events", "operator"}

// Sandbox is Webim's sandbox, an http.Handler.
type Sandbox struct {
	requests sandbox.Requests
	config   Config
	state    *state
	faults   *sandbox.Faults
	frame    *sandbox.Frame
	mux      *http.ServeMux
	hooks    *http.Client
	pending  chan struct{} // a webhook may be due
}

// New returns a sandbox in its first state. It returns an error when the account's settings are impossible.
func New(c Config) (*Sandbox, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	unmoved, faults := c.Now, sandbox.NewFaults(operationNames...)
	c.Now = faults.Clock(unmoved)
	if c.Retries == nil {
		c.Retries = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}
	}
	set := settings{
		key: c.Key, previous: c.PreviousKey, scheme: c.Scheme, handlers: c.Handlers, webhooks: 4,
	}
	if err := set.complete(); err != nil {
		return nil, err
	}
	s := &Sandbox{
		config: c, state: newState(c.Now, set), faults: faults, mux: http.NewServeMux(),
		hooks: outgoing.NewPlainClient(5 * time.Second), pending: make(chan struct{}, 1),
	}
	s.state.unmoved = unmoved
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
		Vendor: "Webim", Catalogue: all, Limits: limits, Face: "assets/webim.css", Assets: assets, Reset: s.Reset,
		Faults: s.faults, Portals: c.Portals, Log: c.Log,
		Desk:    func(t *catalogue.Texts) templ.Component { return desk(t, s.deskModel()) },
		Connect: s.connect(),
	}
	if err := s.frame.Register(s.mux); err != nil {
		return nil, err
	}
	s.registerDesk()
	s.registerWidget()
	s.registerChat()
	s.registerMobile()
	s.registerOperator()
	s.mux.Handle("GET /{$}", http.RedirectHandler("/_sandbox/", http.StatusSeeOther))
	return s, nil
}

// ServeHTTP answers for the account's host. Only the chat's own window may be framed, and only by the portals.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Note(r)
	s.faults.Date(w)
	ancestors := "'none'"
	if r.URL.Path == "/webim/client.php" {
		ancestors = cmp.Or(strings.Join(s.config.Portals, " "), "'none'")
	}
	h := w.Header()
	h.Set("Content-Security-Policy",
		"default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; form-action 'self'; "+
			"frame-ancestors "+ancestors)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // an address of client.php may carry a visitor
	s.mux.ServeHTTP(w, r)
}

// Faults are for tests and demonstrations. The operations: button.js, client.php, button.php,
// online-status, init (identifying anew too), mobile-init, messages, events (both sides'), operator.
func (s *Sandbox) Faults() *sandbox.Faults { return s.faults }

// Requests are those that the sandbox was asked, for tests.
func (s *Sandbox) Requests() []sandbox.Request { return s.requests.All() }

// Reset brings the first state back and clears all faults.
func (s *Sandbox) Reset() {
	s.faults.Clear()
	s.requests.Clear()
	s.state.reset()
}

// Work sends webhooks until the context ends.
func (s *Sandbox) Work(ctx context.Context) { s.deliver(ctx) }

// EndStreams ends everybody's stream of events. Whoever is still there connects again.
func (s *Sandbox) EndStreams() { s.state.endStreams() }
