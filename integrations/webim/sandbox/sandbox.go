// Package sandbox imitates Webim: the script and the window of the chat, the link to it, the mobile
// SDK's first call, the operator's console, and the webhooks, with state and strict about signatures.
// What the vendor documents and what is our decision is said on its page of limits, /_sandbox/limits.
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

	"kabinet/integrations/catalogue"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	"kabinet/integrations/webim/claims"
)

//go:embed catalogue/*.json
var texts embed.FS

// Texts are the sandbox's own, in a folder catalogue: the sentences of the claims are among them.
func Texts() fs.FS { return texts }

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
	*sandbox.Kernel
	config   Config
	state    *state
	settings sandbox.Switches[settings] // in the state
	mux      *http.ServeMux
}

// New returns a sandbox in its first state. It returns an error when the account's settings are impossible.
func New(c Config) (*Sandbox, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	k := sandbox.NewKernel(sandbox.Config{
		Vendor: "Webim", Operations: operationNames, Texts: texts, Claims: claims.Book(claims.Account{}).Claims,
		Face: "assets/webim.css", Assets: assets, Portals: c.Portals, Now: c.Now, Log: c.Log,
	})
	if c.Retries == nil {
		c.Retries = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}
	}
	scheme, err := c.Scheme.Complete()
	if err != nil {
		return nil, err
	}
	set := settings{key: c.Key, previous: c.PreviousKey, scheme: scheme, handlers: c.Handlers, webhooks: 4}
	if _, err := set.verifier(); err != nil {
		return nil, err
	}
	s := &Sandbox{
		Kernel: k, config: c, state: newState(k.Now, c.Now, set), mux: http.NewServeMux(),
	}
	s.settings = sandbox.Switches[settings]{Lock: &s.state.mu, Of: &s.state.settings}
	s.offerScenarios()
	s.registerDesk()
	s.registerWidget()
	s.registerChat()
	s.registerOperator()
	s.mux.HandleFunc("GET /l/v/m/init", s.Faults().Handler("mobile-init", s.mobileInit))
	s.mux.Handle("GET /{$}", http.RedirectHandler("/_sandbox/", http.StatusSeeOther))
	desk := func(t *catalogue.Texts) templ.Component { return desk(t, s.state.told()) }
	err = k.Serve(s.state.reset, desk, s.connect(), s.choices(), sandbox.Site{Mux: s.mux, Header: s.header})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// header lets the portals frame the chat's own window, and nobody anything else.
func (s *Sandbox) header(h http.Header, r *http.Request) {
	if r.URL.Path == "/webim/client.php" && len(s.config.Portals) > 0 {
		h.Set("Content-Security-Policy", strings.Replace(sandbox.OwnPages, "frame-ancestors 'none'",
			"frame-ancestors "+strings.Join(s.config.Portals, " "), 1))
	}
}

// EndStreams ends everybody's stream of events. Whoever is still there connects again.
func (s *Sandbox) EndStreams() {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.end()
}
