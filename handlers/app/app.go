package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"

	"kabinet/handlers"
	"kabinet/handlers/metrics"
	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
	sandboxes "kabinet/integrations/sandbox"
	"kabinet/store"
)

// App is the program, ready to answer.
type App struct {
	http.Handler
	BaseURL  *url.URL
	Database string // the file
	DB       *store.DB
	Recorder *outgoing.Recorder
	// Sandboxes are where the demo's sandboxes are; empty in production.
	Sandboxes []Address
	// Control is the demo's host for all sandboxes; nil in production.
	Control *sandboxes.Control

	// Metrics tells Prometheus how it goes; nil where nobody is to be told.
	Metrics http.Handler

	shown     atomic.Value // the catalogue.Language of the portal's last page, in the demo
	portal    *handlers.Portal
	stopWork  func() // and waits for what is being done
	accounts  []demoAccount
	instances instances
	welcome   welcoming // where the first of the accounts is known; nil for nowhere
}

// Address is where something is, to show to a person.
type Address struct{ Name, Origin string }

// New builds the portal that listens on addr. It returns an error that joins all mistakes of
// the settings, or says why the database cannot be opened.
func New(ctx context.Context, mode Mode, s Settings, addr net.Addr, log *slog.Logger) (*App, error) {
	config, vendors, err := s.find(mode, addr)
	if err != nil {
		return nil, err
	}

	a := &App{BaseURL: config.BaseURL, Database: s.Database(mode), Recorder: new(outgoing.Recorder)}
	config.Log, config.Recorder = log, a.Recorder
	a.Recorder.Hide(append(config.OldSecrets, config.Secret)...)
	for _, v := range vendors {
		if with, ok := v.(secretive); ok {
			a.Recorder.Hide(with.secrets()...)
		}
		config.Vendors = append(config.Vendors, func(site *web.Site) (web.Vendor, error) {
			return v.room(site, s.Now)
		})
	}
	var count *metrics.Metrics
	if s.MetricsAddr != "" {
		count = metrics.New()
		a.Recorder.Ended, config.Answered, config.Waited = count.Called, count.Answered, count.Waited
	}
	config.Check = checker(vendors, a.BaseURL, addr.(*net.TCPAddr).Port, s.Now)
	wait := func() ([]instance, error) { return nil, nil }
	if mode == Demo { // while the database is opened
		wait = beginSandboxes(vendors, a.BaseURL.String(), s.Now, log)
	}
	_, missing := os.Stat(a.Database) // as the address of PostgreSQL always is
	a.DB, err = openDatabase(ctx, a.Database)
	built, notBuilt := wait()
	if err != nil {
		return nil, err
	}
	if notBuilt != nil {
		return nil, errors.Join(notBuilt, a.DB.Close())
	}
	if missing != nil && mode == Serve && !store.IsPostgres(a.Database) {
		log.Warn("there was no database: this is a new one, without accounts", "file", a.Database)
	}
	if s.Now != nil {
		a.DB.Now = s.Now
	}
	config.DB = a.DB
	if mode == Demo {
		err = a.buildDemo(ctx, config, vendors, built)
	} else {
		a.portal, err = handlers.New(config)
		a.Handler = a.portal
	}
	if err != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	if count != nil {
		count.Watch(a.portal.Passwords(), a.DB, a.portal.IsReady, log)
		a.Metrics = count.Handler()
	}
	a.stopWork = Begin(context.WithoutCancel(ctx), a.work) // Close ends it
	return a, nil
}

// work does the work in the background, the portal's and the sandboxes'.
func (a *App) work(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { a.portal.Work(ctx) })
	all.Go(func() { a.instances.Work(ctx) })
	all.Wait()
}

// find checks the settings of a program that listens on addr, and returns the vendors that it has. It returns an
// error that joins all mistakes.
func (s *Settings) find(mode Mode, addr net.Addr) (handlers.Config, []vendor, error) {
	port := addr.(*net.TCPAddr).Port
	f := append(tidy(s), s.tidy()...)
	c, wrong := s.check(mode, addr)
	f = append(f, wrong...)
	var vendors []vendor
	for _, v := range s.resolve(port) {
		_, hasSandbox := v.(sandboxed)
		if isConfigured(v) || mode == Demo && hasSandbox {
			vendors = append(vendors, v)
			if isConfigured(v) {
				BringRoots()
			}
			f = append(f, validate(v, c.BaseURL, port)...)
		}
	}
	if err := makeFolder(s.Database(mode)); err != nil {
		f = append(f, err)
	}
	return c, vendors, f.err()
}

// Check returns all mistakes in the settings that can be found without listening.
func (s Settings) Check(mode Mode) error {
	_, _, err := s.find(mode, usualAddr)
	return err
}

// EndStreams ends the answers that have no end of their own, so that a program that is told to stop can.
func (a *App) EndStreams() {
	a.portal.EndStreams()
	a.instances.EndStreams()
}

// Close ends what is done in the background and closes the database. It is for the time when no
// request is in flight.
func (a *App) Close() error {
	a.stopWork()
	return a.DB.Close()
}

// SandboxOf returns the demo's sandbox of a type; nil where there is none.
func SandboxOf[S any](a *App) (found S) {
	for _, i := range a.instances {
		if s, ok := i.sandbox.(S); ok {
			found = s
		}
	}
	return found
}
