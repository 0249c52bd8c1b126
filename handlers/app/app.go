package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"kabinet/handlers"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/migrations"
	"kabinet/store"
)

// App is the program, ready to answer.
type App struct {
	BaseURL  *url.URL
	Database string // the file
	DB       *store.DB
	Recorder *outgoing.Recorder

	// PricePlan is the sandbox in PricePlan's place; nil when PricePlan is configured.
	PricePlan *sandbox.Sandbox
	// PricePlanHosts are the addresses to show; empty when there is no sandbox.
	PricePlanHosts []string

	handler http.Handler
}

// New builds the portal that listens on addr. It returns an error that joins all faults of
// the settings, or says why the database cannot be opened.
func New(ctx context.Context, mode Mode, s Settings, addr net.Addr, log *slog.Logger) (*App, error) {
	port := addr.(*net.TCPAddr).Port
	c, f := s.check(mode, addr)
	pricePlan := s.PricePlan
	wantPricePlan := pricePlan.configured() || mode == Demo
	sandboxed := wantPricePlan && !pricePlan.configured()
	if wantPricePlan {
		pricePlan = pricePlan.withDefaults(port)
		pricePlan.check(&f)
	}
	if sandboxed {
		pricePlan.checkSandbox(port, &f)
	}
	if err := f.err(); err != nil {
		return nil, err
	}

	a := &App{BaseURL: c.baseURL, Database: s.database(mode), Recorder: new(outgoing.Recorder)}
	config := handlers.Config{
		BaseURL: c.baseURL, Secret: c.secret, TrustedProxies: c.proxies, BcryptCost: s.BcryptCost, Log: log, Recorder: a.Recorder,
	}
	var err error
	if wantPricePlan {
		if config.PricePlan, err = pricePlan.client(a.Recorder, log); err != nil {
			return nil, err
		}
	}
	if sandboxed {
		if a.PricePlan, err = pricePlan.sandbox(c.baseURL.String(), log); err != nil {
			return nil, err
		}
		a.PricePlanHosts = []string{pricePlan.hosts().Cabinet(), pricePlan.hosts().Staff()}
	}
	if mode == Demo {
		config.Demo = demo
	}
	if a.DB, err = openDatabase(ctx, a.Database); err != nil {
		return nil, err
	}
	config.DB = a.DB
	portal, err := handlers.New(config)
	if err == nil && mode == Demo {
		err = a.addDemoAccounts(ctx, portal, s, outgoing.IsLoopback(pricePlan.hosts().CabinetHost()))
	}
	if err != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	a.handler = portal
	if mode == Demo {
		a.handler = a.demoHosts(portal, pricePlan)
	}
	return a, nil
}

// database is the file; the demo has one of its own, so that its accounts never meet production.
func (s Settings) database(mode Mode) string {
	if mode == Demo {
		return filepath.Join(s.Data, "demo.db")
	}
	return filepath.Join(s.Data, "kabinet.db")
}

func openDatabase(ctx context.Context, file string) (*store.DB, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder (KABINET_DATA): %w", err)
	}
	return store.Open(ctx, file, migrations.Files)
}

func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Close closes the database. It is for the time when no request is in flight.
func (a *App) Close() error { return a.DB.Close() }
