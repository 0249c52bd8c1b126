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

	"kabinet/handlers"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan/sandbox"
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
	// PricePlan is the sandbox in PricePlan's place; nil when there is none.
	PricePlan *sandbox.Sandbox

	handler  http.Handler
	stopWork func() // and waits for what is being done
	accounts []demoAccount
	linked   bool // the first of the accounts to PricePlan's first client
}

// Address is where something is, to show to a person.
type Address struct{ Name, Origin string }

// New builds the portal that listens on addr. It returns an error that joins all faults of
// the settings, or says why the database cannot be opened.
func New(ctx context.Context, mode Mode, s Settings, addr net.Addr, log *slog.Logger) (*App, error) {
	c, pricePlan, hasPricePlan, err := s.find(mode, addr)
	if err != nil {
		return nil, err
	}

	a := &App{BaseURL: c.baseURL, Database: s.database(mode), Recorder: new(outgoing.Recorder)}
	config := handlers.Config{
		BaseURL: c.baseURL, Secret: c.current, OldSecrets: c.old, TrustedProxies: c.proxies, BcryptCost: c.bcryptCost, Log: log,
	}
	if hasPricePlan {
		if config.PricePlan, err = pricePlan.client(a.Recorder, s.Now, log); err != nil {
			return nil, err
		}
		config.PricePlanEmbed, config.PricePlanProvision = pricePlan.embed, pricePlan.provision
	}
	if a.DB, err = openDatabase(ctx, a.Database); err != nil {
		return nil, err
	}
	if s.Now != nil {
		a.DB.Now = s.Now
	}
	config.DB = a.DB
	portal, err := a.build(ctx, mode, config, pricePlan)
	if err != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	a.work(ctx, portal)
	return a, nil
}

func (a *App) build(ctx context.Context, mode Mode, config handlers.Config, p pricePlan) (*handlers.Portal, error) {
	if mode == Demo {
		return a.buildDemo(ctx, config, p)
	}
	portal, err := handlers.New(config)
	a.handler = portal
	return portal, err
}

// work begins the portal's work in the background; Close ends it.
func (a *App) work(ctx context.Context, portal *handlers.Portal) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	working.Go(func() { portal.Work(ctx) })
	a.stopWork = func() {
		stop()
		working.Wait()
	}
}

// find checks the settings of a program that listens on addr. It returns an error that joins all
// their faults.
func (s Settings) find(mode Mode, addr net.Addr) (checked, pricePlan, bool, error) {
	port := addr.(*net.TCPAddr).Port
	c, f := s.check(mode, addr)
	pricePlan := s.PricePlan.resolve(port)
	has := mode == Demo || !pricePlan.sandboxed
	if has {
		pricePlan.check(c.baseURL, port, &f)
	}
	if err := makeFolder(s.database(mode)); err != nil {
		f = append(f, err)
	}
	return c, pricePlan, has, f.err()
}

// Check returns all faults of the settings that can be found without listening.
func (s Settings) Check(mode Mode) error {
	_, _, _, err := s.find(mode, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	return err
}

func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Close ends what is done in the background and closes the database. It is for the time when no
// request is in flight.
func (a *App) Close() error {
	a.stopWork()
	return a.DB.Close()
}
