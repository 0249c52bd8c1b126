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
	linked   bool // the first of the accounts to PricePlan's first client
}

// Address is where something is, to show to a person.
type Address struct{ Name, Origin string }

// New builds the portal that listens on addr. It returns an error that joins all faults of
// the settings, or says why the database cannot be opened.
func New(ctx context.Context, mode Mode, s Settings, addr net.Addr, log *slog.Logger) (*App, error) {
	c, v, err := s.find(mode, addr)
	if err != nil {
		return nil, err
	}

	a := &App{BaseURL: c.baseURL, Database: s.database(mode), Recorder: new(outgoing.Recorder)}
	config := handlers.Config{
		BaseURL: c.baseURL, Secret: c.current, OldSecrets: c.old, TrustedProxies: c.proxies, BcryptCost: c.bcryptCost, Log: log,
		Recorder: a.Recorder,
	}
	a.Recorder.Hide(append(c.old, c.current, v.pricePlan.apiKey, v.pricePlan.password, v.webim.key, v.webim.previous,
		v.sailPlay.config.Secret, v.sailPlay.config.DepartmentKey, v.sailPlay.config.PinCode, v.amoCRM.secret)...)
	if v.hasPricePlan {
		if config.PricePlan, err = v.pricePlan.client(a.Recorder, s.Now, log); err != nil {
			return nil, err
		}
		config.PricePlanEmbed, config.PricePlanProvision = v.pricePlan.embed, v.pricePlan.provision
	}
	if v.hasWebim {
		if config.Webim, err = v.webim.config(s.Now, log); err != nil {
			return nil, err
		}
	}
	if v.hasSailPlay {
		if config.SailPlay, err = v.sailPlay.client(a.Recorder, s.Now, log); err != nil {
			return nil, err
		}
		config.SailPlayRedirectBase = v.sailPlay.redirectBase
		config.SailPlaySDK, config.SailPlayWidget = v.sailPlay.sdk, v.sailPlay.widget
	}
	if v.hasAmoCRM {
		if config.AmoCRM, err = v.amoCRM.config(c.baseURL, s.Now); err != nil {
			return nil, err
		}
	}
	config.Check = v.checker(c.baseURL, addr.(*net.TCPAddr).Port, s.Now)
	if a.DB, err = openDatabase(ctx, a.Database); err != nil {
		return nil, err
	}
	if s.Now != nil {
		a.DB.Now = s.Now
	}
	config.DB = a.DB
	portal, err := a.build(ctx, mode, config, v)
	if err != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	a.portal = portal
	a.work(ctx, portal)
	return a, nil
}

func (a *App) build(ctx context.Context, mode Mode, config handlers.Config, v vendors) (*handlers.Portal, error) {
	if mode == Demo {
		return a.buildDemo(ctx, config, v)
	}
	portal, err := handlers.New(config)
	a.handler = portal
	return portal, err
}

// work begins the work in the background, the portal's and the sandboxes'; Close ends it.
func (a *App) work(ctx context.Context, portal *handlers.Portal) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	working.Go(func() { portal.Work(ctx) })
	if a.Webim != nil {
		working.Go(func() { a.Webim.Work(ctx) })
	}
	a.stopWork = func() {
		stop()
		working.Wait()
	}
}

// vendors are those that the settings make out.
type vendors struct {
	pricePlan    pricePlan
	hasPricePlan bool
	webim        webimAccount
	hasWebim     bool
	sailPlay     sailPlay
	hasSailPlay  bool
	amoCRM       amoCRM
	hasAmoCRM    bool
}

// find checks the settings of a program that listens on addr. It returns an error that joins all
// their faults.
func (s Settings) find(mode Mode, addr net.Addr) (checked, vendors, error) {
	port := addr.(*net.TCPAddr).Port
	c, f := s.check(mode, addr)
	v := vendors{pricePlan: s.PricePlan.resolve(port), webim: s.Webim.resolve(port), sailPlay: s.SailPlay.resolve(port), amoCRM: s.AmoCRM.resolve(port)}
	v.hasPricePlan = mode == Demo || !v.pricePlan.sandboxed
	v.hasWebim = mode == Demo || !v.webim.sandboxed
	v.hasSailPlay = mode == Demo || !v.sailPlay.sandboxed
	v.hasAmoCRM = mode == Demo || !v.amoCRM.sandboxed
	if v.hasPricePlan {
		v.pricePlan.check(c.baseURL, port, &f)
	}
	if v.hasWebim {
		v.webim.check(c.baseURL, port, &f)
	}
	if v.hasSailPlay {
		v.sailPlay.check(c.baseURL, port, &f)
	}
	if v.hasAmoCRM {
		v.amoCRM.check(c.baseURL, &f)
	}
	if err := makeFolder(s.database(mode)); err != nil {
		f = append(f, err)
	}
	return c, v, f.err()
}

// Check returns all faults of the settings that can be found without listening.
func (s Settings) Check(mode Mode) error {
	_, _, err := s.find(mode, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	return err
}

// EndStreams ends the answers that have no end of their own, so that a program that is told to stop can.
func (a *App) EndStreams() {
	a.portal.EndStreams()
	if a.Webim != nil {
		a.Webim.EndStreams()
	}
}

func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Close ends what is done in the background and closes the database. It is for the time when no
// request is in flight.
func (a *App) Close() error {
	a.stopWork()
	return a.DB.Close()
}
