// Package handlers is the portal's HTTP side: routes.go is the site map, with each vendor's part
// in <vendor>_routes.go, and each page or action has a file of its own, named for it. A handler
// reads, checks, acts and answers; a POST that succeeds answers 303, one that fails answers 422
// with the form and what was typed.
//
// What a vendor's pages need stands in the files that bear the vendor's name. SQL, HTML and
// the vendors' protocols are elsewhere: store, views, integrations.
package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/sailplay"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

// Config is what New needs.
type Config struct {
	DB             *store.DB
	BaseURL        *url.URL // the origin that browsers know the portal by
	Secret         secret.Text
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	OldSecrets     []secret.Text  // under which passwords may still be hashed
	BcryptCost     int            // password.DefaultCost when 0
	Log            *slog.Logger

	// Patience is how long the portal's calls wait for vendors, and PagePatience how long its pages do.
	Patience, PagePatience outgoing.Patience
	// Recorder is what the vendors' clients record in; one of its own when nil.
	Recorder *outgoing.Recorder
	// Demo is nil in production.
	Demo *Demo
	// PricePlan is nil when PricePlan is not configured.
	PricePlan *priceplan.Client
	// PricePlanEmbed is how PricePlan's cabinet opens; EmbedWidget when empty.
	PricePlanEmbed Embed
	// PricePlanProvision has a client created at PricePlan for everybody who registers; see Work.
	PricePlanProvision bool
	// Webim is nil when Webim is not configured.
	Webim *Webim
	// SailPlay is nil when SailPlay is not configured.
	SailPlay *sailplay.Client
	// SailPlayRedirectBase is the origin that SailPlay leads back to: BaseURL when empty, or another address of the portal.
	SailPlayRedirectBase string
	// SailPlaySDK offers the vendor's own way to link, by its script, too.
	SailPlaySDK bool
	// SailPlayWidget shows SailPlay's widget, and only then does auth_hash reach a page.
	SailPlayWidget bool
	// AmoCRM is nil when amoCRM is not configured.
	AmoCRM *AmoCRM
	// Check tries a vendor step by step until the context ends, and changes nothing there. Without it nothing is offered.
	Check func(ctx context.Context, vendor string) []CheckStep
}

// Demo is what the pages tell about the demo: its accounts, and what is made to fail.
type Demo struct {
	Accounts []DemoAccount
	Password string
	// Faults are those set on sandboxes, in few words; StopFaults takes them away, and Control is where they are set.
	Faults     func() []string
	StopFaults func()
	Control    string
	// Sandbox is the origin of a vendor's sandbox here, empty where there is none; Break sets a fault on one of its
	// operations.
	Sandbox func(vendor string) string
	Break   func(vendor, operation, kind string) error
}

// DemoAccount is one of them; About is a key of the catalogue.
type DemoAccount struct{ Email, About string }

// Portal is the portal's http.Handler.
type Portal struct {
	config    Config
	db        *store.DB
	echo      *echo.Echo
	texts     *catalogue.Catalogue
	sessions  *sessionStore
	passwords *password.Hasher
	throttle  *throttle
	deviceKey []byte
	origins   *http.CrossOriginProtection
	features  []feature
	// storeNew stores somebody who registers. It is the database's, unless a vendor is to be told.
	storeNew func(ctx context.Context, u store.User, address string) (id int64, err error)

	eventsOfUser     *pace
	refusedStrangers *pace // how many of a vendor's, or on the way to one, are recorded
	checks           *checks
	ending           chan struct{} // closed when streams are to end
	endStreams       sync.Once

	proxyWarning sync.Once
}

// feature is a part of the portal that bears a vendor's name. The portal works without any.
type feature interface {
	// integration is the vendor as the administrators' page of integrations shows it.
	integration() integration
	// nav are the links in the header for a reader, who may be a stranger or an administrator.
	nav(v *visit) []views.Link
	// card is the vendor's on the dashboard; it makes no call to the vendor.
	card(ctx context.Context, v *visit) (views.Card, error)
	// fact is the user's identifier at the vendor, in words.
	fact(ctx context.Context, t *catalogue.Texts, userID int64) (views.Fact, error)
	// identifier is the same for an administrator, who may change it and look one up where it has a path.
	identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error)
	// exported is what the portal knows of the user at the vendor, for the user to take away.
	exported(ctx context.Context, userID int64) (name string, value any, err error)
	// section is the vendor's own part of the profile; nil for none.
	section(ctx context.Context, page views.Page, userID int64) (templ.Component, error)
	// how tells how it works.
	how() how
	// signedOut forgets what was kept for a session.
	signedOut(session store.Handle)
	// work does in the background what no request can wait for, until the context ends.
	work(ctx context.Context)
}

// New returns the portal. It calls no vendor.
func New(c Config) (*Portal, error) {
	if c.BcryptCost == 0 {
		c.BcryptCost = password.DefaultCost
	}
	if c.Recorder == nil {
		c.Recorder = new(outgoing.Recorder)
	}
	texts, err := catalogue.Load(views.Texts())
	if err != nil {
		return nil, err
	}
	passwords, err := password.NewHasher(password.Config{Secret: c.Secret, OldSecrets: c.OldSecrets, Cost: c.BcryptCost, Waiting: waitingSignIns, Each: waitingFromAddress})
	if err != nil {
		return nil, err
	}
	address := clientAddress(c.TrustedProxies)
	p := &Portal{
		config: c, db: c.DB, texts: texts, passwords: passwords,
		sessions: &sessionStore{db: c.DB, secure: c.BaseURL.Scheme == "https", address: address},
		throttle: newThrottle(c.DB, c.Secret), deviceKey: c.Secret.DeriveKey("device"),
		origins: http.NewCrossOriginProtection(),
		echo:    echo.New(),

		storeNew: c.DB.Register,
		ending:   make(chan struct{}),

		eventsOfUser: newPace(eventsByUser, c.DB.Now), refusedStrangers: newPace(strangersRecorded, c.DB.Now),
		checks: newChecks(c.DB.Now),
	}
	if err := p.origins.AddTrustedOrigin(c.BaseURL.String()); err != nil {
		return nil, fmt.Errorf("trusting the portal's own origin: %w", err)
	}
	p.echo.IPExtractor = address
	p.echo.HTTPErrorHandler = p.fail
	p.routes()
	return p, nil
}

// How many may wait for their turn to hash a password, and how many of one address may wait or
// have it; the next is told to come again.
const waitingSignIns, waitingFromAddress = 64, 8

// Passwords hashes and checks as the portal does, for accounts that the program sets up.
func (p *Portal) Passwords() *password.Hasher { return p.passwords }

// Work does what the portal does in the background, calls to vendors among it, until the context
// ends. What a vendor is being asked at that moment is finished first.
func (p *Portal) Work(ctx context.Context) {
	var all sync.WaitGroup
	for _, f := range p.features {
		all.Go(func() { f.work(ctx) })
	}
	all.Wait()
}

// EndStreams ends the answers that have no end of their own.
func (p *Portal) EndStreams() { p.endStreams.Do(func() { close(p.ending) }) }

func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.echo.ServeHTTP(w, r) }
