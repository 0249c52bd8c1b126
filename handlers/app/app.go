// Package app builds the whole program from its settings: the portal, in the demo a sandbox
// for every vendor that is not configured, and the hosts they answer on. main.go reads
// the settings and calls it; tests build the same value with a folder of their own and port 0.
package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"kabinet/handlers"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan/sandbox"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
	sandboxes "kabinet/integrations/sandbox"
	webimsandbox "kabinet/integrations/webim/sandbox"
	"kabinet/store"
)

// App is the program, ready to answer.
type App struct {
	BaseURL  *url.URL
	Database string // the file
	DB       *store.DB
	Recorder *outgoing.Recorder
	// Sandboxes are where the demo's sandboxes are; empty in production.
	Sandboxes []Address
	// Control is the demo's host for all sandboxes; nil in production.
	Control *sandboxes.Control
	// PricePlan is the sandbox in PricePlan's place; nil when there is none.
	PricePlan *sandbox.Sandbox
	// Webim is the sandbox in Webim's place; nil when there is none.
	Webim *webimsandbox.Sandbox
	// SailPlay is the sandbox in SailPlay's place; nil when there is none.
	SailPlay *sailplaysandbox.Sandbox
	// AmoCRM is the sandbox in amoCRM's place; nil when there is none.
	AmoCRM *amocrmsandbox.Sandbox

	handler  http.Handler
	portal   *handlers.Portal
	stopWork func() // and waits for what is being done
	accounts []demoAccount
	stands   []stand
	welcome  welcoming // where the first of the accounts is known; nil for nowhere
}

// Address is where something is, to show to a person.
type Address struct{ Name, Origin string }

// New builds the portal that listens on addr. It returns an error that joins all faults of
// the settings, or says why the database cannot be opened.
func New(ctx context.Context, mode Mode, s Settings, addr net.Addr, log *slog.Logger) (*App, error) {
	c, vendors, err := s.find(mode, addr)
	if err != nil {
		return nil, err
	}

	a := &App{BaseURL: c.baseURL, Database: s.Database(mode), Recorder: new(outgoing.Recorder)}
	config := handlers.Config{
		BaseURL: c.baseURL, Secret: c.current, OldSecrets: c.old, TrustedProxies: c.proxies, BcryptCost: c.bcryptCost, Log: log,
		Recorder: a.Recorder, Patience: s.Patience, PagePatience: s.PagePatience,
	}
	a.Recorder.Hide(append(c.old, c.current)...)
	for _, v := range vendors {
		a.Recorder.Hide(v.secrets()...)
		if err := v.connect(&config, s.Now); err != nil {
			return nil, err
		}
	}
	config.Check = checker(vendors, c.baseURL, addr.(*net.TCPAddr).Port, s.Now)
	if a.DB, err = openDatabase(ctx, a.Database); err != nil {
		return nil, err
	}
	if s.Now != nil {
		a.DB.Now = s.Now
	}
	config.DB = a.DB
	portal, err := a.build(ctx, mode, config, vendors, s.Now)
	if err != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	a.portal = portal
	a.work(ctx, portal)
	return a, nil
}

func (a *App) build(ctx context.Context, mode Mode, config handlers.Config, vendors []vendor, now func() time.Time) (*handlers.Portal, error) {
	if mode == Demo {
		return a.buildDemo(ctx, config, vendors, now)
	}
	portal, err := handlers.New(config)
	a.handler = portal
	return portal, err
}

// work begins the work in the background, the portal's and the sandboxes'; Close ends it.
func (a *App) work(ctx context.Context, portal *handlers.Portal) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var all sync.WaitGroup
	all.Go(func() { portal.Work(ctx) })
	for _, s := range a.stands {
		if w, ok := s.sandbox.(working); ok {
			all.Go(func() { w.Work(ctx) })
		}
	}
	a.stopWork = func() {
		stop()
		all.Wait()
	}
}

// vendors are those that the settings make out.
func (s Settings) vendors(port int) []vendor {
	return []vendor{
		s.PricePlan.resolve(port),
		s.Webim.resolve(port),
		s.SailPlay.resolve(port),
		s.AmoCRM.resolve(port),
	}
}

// find checks the settings of a program that listens on addr, and returns the vendors that it has. It returns an
// error that joins all faults.
func (s Settings) find(mode Mode, addr net.Addr) (checked, []vendor, error) {
	port := addr.(*net.TCPAddr).Port
	c, f := s.check(mode, addr)
	var vendors []vendor
	for _, v := range s.vendors(port) {
		if mode == Demo || !v.inSandbox() {
			vendors = append(vendors, v)
			v.check(c.baseURL, port, &f)
		}
	}
	if err := makeFolder(s.Database(mode)); err != nil {
		f = append(f, err)
	}
	return c, vendors, f.err()
}

// Check returns all faults of the settings that can be found without listening.
func (s Settings) Check(mode Mode) error {
	_, _, err := s.find(mode, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	return err
}

// EndStreams ends the answers that have no end of their own, so that a program that is told to stop can.
func (a *App) EndStreams() {
	a.portal.EndStreams()
	for _, s := range a.stands {
		if w, ok := s.sandbox.(streaming); ok {
			w.EndStreams()
		}
	}
}

func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Close ends what is done in the background and closes the database. It is for the time when no
// request is in flight.
func (a *App) Close() error {
	a.stopWork()
	return a.DB.Close()
}
