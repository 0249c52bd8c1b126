package web

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

// Config is what New needs.
type Config struct {
	DB             *store.DB
	BaseURL        *url.URL // the origin that browsers know the portal by
	Secret         secret.Text
	OldSecrets     []secret.Text  // under which passwords may still be hashed
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	BcryptCost     int            // password.DefaultCost when 0
	PhoneRegion    string         // of telephone numbers without a country code, such as RU
	Brand          *views.Brand   // what the portal is called and looks like
	Log            *slog.Logger

	// Patience is how long the portal's calls wait for vendors, and PagePatience how long its pages do.
	Patience, PagePatience outgoing.Patience
	// Recorder is what the vendors' clients record in; one of its own when nil.
	Recorder *outgoing.Recorder
	// Surround completes what stands around every page, with what web does not know of; nil for nothing.
	Surround func(*Request, *views.Page)
	// AskAgain asks whoever is signed in to prove again who they are, and goes on to what they have asked for once
	// they have: see Route.Again.
	AskAgain func(r *Request, route Route, next func(*Request) error) error
	// Answered is told of each answer: to which method and route, "" for none of the site map, with which status, and
	// after how long; nil for nobody.
	Answered func(method, route string, status int, took time.Duration)
	// Waited is told how long somebody has waited for their turn to hash a password; see password.Config.
	Waited func(time.Duration, error)
	// RequireFactor is who must have a second factor; empty for nobody.
	RequireFactor string
}

// Who must have a second factor.
const (
	RequireOfAdministrators = "administrators"
	RequireOfEverybody      = "everybody"
)

// Site is what the pages share. It is the portal's http.Handler.
type Site struct {
	DB                     *store.DB
	BaseURL                *url.URL
	Log                    *slog.Logger
	Recorder               *outgoing.Recorder
	Patience, PagePatience outgoing.Patience
	Brand                  *views.Brand
	// Texts are the portal's, in all languages.
	Texts *catalogue.Catalogue
	// Passwords hashes and verifies passwords.
	Passwords *password.Hasher
	// Ending ends when streams are to end: the answers that have no end of their own, which EndStreams ends.
	Ending     context.Context
	EndStreams context.CancelFunc

	config    Config
	echo      *echo.Echo
	sessions  *sessionStore
	limitKey  []byte
	deviceKey []byte
	origins   *http.CrossOriginProtection
	leaves    map[string]bool // the paths, without a slash at the end, that lead on to a vendor
	strangers *Limiter        // how many of a vendor's, or on the way to one, are recorded

	proxyWarning sync.Once
}

// New returns a site without pages; see Mount.
func New(c Config) (*Site, error) {
	c.BcryptCost = cmp.Or(c.BcryptCost, password.DefaultCost)
	c.Recorder = cmp.Or(c.Recorder, new(outgoing.Recorder))
	c.Brand = cmp.Or(c.Brand, &views.Brand{Name: "Kabinet"})
	texts, err := catalogue.Load(views.Texts())
	if err != nil {
		return nil, err
	}
	passwords, err := password.NewHasher(password.Config{
		Secret: c.Secret, OldSecrets: c.OldSecrets, Cost: c.BcryptCost, Waiting: waitingSignIns,
		Each: waitingFromAddress, Waited: c.Waited,
	})
	if err != nil {
		return nil, err
	}
	ending, endStreams := context.WithCancel(context.Background())
	address := clientAddress(c.TrustedProxies)
	sessions := &sessionStore{db: c.DB, secure: c.BaseURL.Scheme == "https", address: address}
	s := &Site{
		DB: c.DB, BaseURL: c.BaseURL, Log: c.Log, Recorder: c.Recorder, Patience: c.Patience,
		PagePatience: c.PagePatience, Brand: c.Brand, Texts: texts, Passwords: passwords,
		Ending: ending, EndStreams: endStreams,
		config: c, echo: echo.New(), sessions: sessions,
		limitKey:  c.Secret.DeriveKey("throttle"),
		deviceKey: c.Secret.DeriveKey("device"),
		origins:   http.NewCrossOriginProtection(),
		leaves:    map[string]bool{},
		strangers: &Limiter{Limit: strangersRecorded, Now: c.DB.Now},
	}
	if err := s.origins.AddTrustedOrigin(c.BaseURL.String()); err != nil {
		return nil, fmt.Errorf("trusting the portal's own origin: %w", err)
	}
	s.echo.IPExtractor = address
	s.echo.HTTPErrorHandler = s.fail
	s.echo.Use(s.logged, s.headers)
	return s, nil
}

// How many may wait for their turn to hash a password, and how many of one address may wait or have it; the next is
// told to come again.
const waitingSignIns, waitingFromAddress = 64, 8

// IsSecure reports whether browsers reach the portal by https, so that cookies are to be Secure.
func (s *Site) IsSecure() bool { return s.sessions.secure }

// URL is a path of the portal as the rest of the world knows it.
func (s *Site) URL(path string) string {
	return s.BaseURL.ResolveReference(&url.URL{Path: path}).String()
}

// Key derives a key from the portal's secret, for one purpose.
func (s *Site) Key(purpose string) []byte { return s.config.Secret.DeriveKey(purpose) }

// Keys are Key from the current secret, and from the previous ones.
func (s *Site) Keys(purpose string) [][]byte {
	keys := [][]byte{s.Key(purpose)}
	for _, old := range s.config.OldSecrets {
		keys = append(keys, old.DeriveKey(purpose))
	}
	return keys
}

// Sealer seals credentials of vendors that are stored, for one purpose.
func (s *Site) Sealer(purpose string) *secret.Sealer {
	return secret.NewSealer(purpose, s.config.Secret, s.config.OldSecrets...)
}

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }
