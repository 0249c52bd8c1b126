package handlers

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"kabinet/handlers/account"
	"kabinet/handlers/admin"
	"kabinet/handlers/brand"
	"kabinet/handlers/factor"
	"kabinet/handlers/observe"
	"kabinet/handlers/password"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// Config is what New needs.
type Config struct {
	web.Config
	// Vendors build the vendors' rooms, in the order in which pages show them.
	Vendors []func(*web.Site) (web.Vendor, error)
	// Check tries a vendor step by step until the context ends, and changes nothing there. Without it nothing is
	// offered.
	Check func(ctx context.Context, vendor string) []observe.CheckStep
	// Keep is how long things are kept.
	Keep Ages
	// Brand brings files of its own; how pages show it, web.Config says.
	Brand brand.Brand
	// Demo is nil in production.
	Demo *Demo
}

// Demo is what the pages tell about the demo: its accounts, and what is made to fail.
type Demo struct {
	Accounts account.Demo
	Faults   observe.Demo
	// Shown is told the language of each page that is shown: the sandboxes' follow.
	Shown func(catalogue.Language)
}

// working is a vendor that does in the background what no request can wait for, until the context ends.
type working interface{ Work(ctx context.Context) }

// meeting is a vendor that tells something of the others.
type meeting interface{ Meet(others []web.Vendor) }

// Portal is the portal's http.Handler.
type Portal struct {
	site       *web.Site
	vendors    []web.Vendor
	linked     []web.Route // from the header
	entrance   account.Entrance
	customer   *account.Customer
	byMail     account.ByMail
	factors    *account.Factors
	security   account.Security
	secondStep account.SecondStep
	admin      *admin.Room
	observe    *observe.Room
	ready      readiness
	keep       Ages
	brand      []brand.File
	shown      func(catalogue.Language) // nil in production
}

// New returns the portal. It calls no vendor.
func New(c Config) (*Portal, error) {
	p := &Portal{keep: c.Keep, brand: c.Brand.Files()}
	c.Surround = p.surround
	c.AskAgain = func(r *web.Request, route web.Route, next func(*web.Request) error) error {
		return p.factors.AskAgain(r, route, next)
	}
	var err error
	if p.site, err = web.New(c.Config); err != nil {
		return nil, err
	}
	for _, build := range c.Vendors {
		v, err := build(p.site)
		if err != nil {
			return nil, err
		}
		p.vendors = append(p.vendors, v)
	}
	for _, with := range web.Having[meeting](p.vendors) {
		with.Meet(p.vendors)
	}
	look := observe.Config{Check: c.Check}
	var demo *account.Demo
	if c.Demo != nil {
		demo, look.Demo, p.shown = &c.Demo.Accounts, &c.Demo.Faults, c.Demo.Shown
	}
	room := account.NewRoom(p.site, p.vendors)
	if p.factors, err = account.NewFactors(room, demo); err != nil {
		return nil, err
	}
	p.security, p.secondStep = account.Security{Factors: p.factors}, account.SecondStep{Factors: p.factors}
	p.entrance, p.byMail = account.Entrance{Factors: p.factors}, account.ByMail{Room: room}
	p.customer = &account.Customer{Room: room}
	look.Own = p.factors.How()
	p.admin = admin.New(p.site, p.vendors)
	p.observe = observe.New(p.site, p.vendors, look)
	routes := p.Routes()
	p.site.Mount(routes)
	p.linked = slices.DeleteFunc(routes, func(r web.Route) bool { return r.Off || r.Nav == "" })
	return p, nil
}

// surround puts the links and what observes around a page.
func (p *Portal) surround(r *web.Request, page *views.Page) {
	for _, route := range p.linked {
		link := views.Link{Path: route.Path, Text: r.Texts.T(route.Nav)}
		switch {
		case !route.Who.LetsIn(r):
		case route.Who == web.Administrators:
			page.AdminNav = append(page.AdminNav, link)
		default:
			page.Nav = append(page.Nav, link)
		}
	}
	if r.Session != nil {
		page.Nav = append(page.Nav, views.Link{Path: "/profile", Text: r.Texts.T("nav.profile")})
	}
	if p.shown != nil {
		p.shown(r.Texts.Language)
	}
	p.observe.Surround(r, page)
}

// Passwords hashes and verifies as the portal does, for accounts that the program sets up.
func (p *Portal) Passwords() *password.Hasher { return p.site.Passwords }

// GiveTOTP gives an account of the demo an app.
func (p *Portal) GiveTOTP(ctx context.Context, user store.User, t factor.TOTP) error {
	return p.factors.GiveTOTP(ctx, user, t)
}

// Work does what the portal does in the background, calls to vendors among it, until the context ends. What a vendor
// is being asked at that moment is finished first.
func (p *Portal) Work(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { every(ctx, eraseEvery, p.erase) })
	all.Go(func() { p.site.DB.Lead(ctx, "expiry", p.expire) })
	for vendor, with := range web.Having[working](p.vendors) {
		all.Go(func() { p.site.DB.Lead(ctx, vendor, with.Work) })
	}
	all.Wait()
}

// eraseEvery is how long what was deleted may still be in the database's write-ahead log.
const eraseEvery = 10 * time.Minute

func (p *Portal) erase(ctx context.Context) {
	if err := p.site.DB.Erase(ctx); err != nil && ctx.Err() == nil {
		p.site.Log.Warn("what was deleted is still in the database's log", "error", err)
	}
}

// every does something time and again, until the context ends.
func every(ctx context.Context, pause time.Duration, do func(context.Context)) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			do(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// EndStreams ends the answers that have no end of their own.
func (p *Portal) EndStreams() { p.site.EndStreams() }

func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.site.ServeHTTP(w, r) }
