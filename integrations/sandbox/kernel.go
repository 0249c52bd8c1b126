package sandbox

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/claim"
	"kabinet/integrations/outgoing"
)

// Config is what NewKernel needs to know of a sandbox.
type Config struct {
	Vendor     string        // as the vendor writes itself
	Operations []string      // that faults can be set on
	Texts      fs.FS         // the sandbox's own, in a folder catalogue
	Claims     []claim.Claim // about the vendor, for the page of limits
	// Face is the file in Assets that gives the pages the vendor's colours.
	Face   string
	Assets fs.FS
	// Portals are the origins whose pages may control the sandbox.
	Portals []string
	Now     func() time.Time
	Log     *slog.Logger
}

// Kernel is what every sandbox is built on, and embeds: its faults and its clock, the requests that it was asked, its
// pages, its hosts, and the headers of its answers.
type Kernel struct {
	Frame *Frame
	Now   func() time.Time // the sandbox's clock, which a fault moves
	// Client is what Post asks by.
	Client *http.Client

	reset  func()
	sites  []Site
	played map[string]claim.Finding

	mu       sync.Mutex
	requests []Request // the oldest first
}

// Site is one of a sandbox's hosts.
type Site struct {
	Mux  *http.ServeMux
	Host string // its name, without a port; empty for whatever is no other site's
	// Header changes what every answer carries: pages that load nothing but their host's own, that nobody may frame,
	// and from which no address gets out. nil changes nothing.
	Header func(h http.Header, r *http.Request)
}

// HostOf is the host of an origin, as Site has it.
func HostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return outgoing.Hostname(host)
}

// NewKernel returns a kernel; Serve makes it answer.
func NewKernel(c Config) *Kernel {
	faults := NewFaults(c.Operations...)
	c.Now = faults.Clock(c.Now)
	k := &Kernel{Now: c.Now, Client: outgoing.NewPlainClient(5 * time.Second)}
	k.Frame = &Frame{Config: c, Reset: k.Reset, Faults: faults}
	return k
}

// Serve begins to answer for the sites, the last of which is asked when it is no other's. reset brings the vendor's
// first state back, desk is the vendor's part of the first page, and choices are what Play and the page of limits can
// make. It returns an error for texts that do not load, for a portal that is no origin, for a choice of no claim, or
// of one that foresees something else than the sandbox's own way, and for a site of no name before others.
func (k *Kernel) Serve(reset func(), desk func(*catalogue.Texts) templ.Component, c Connect, choices []Choice,
	sites ...Site) error {
	all, err := catalogue.Load(Texts(), k.Frame.Config.Texts)
	if err != nil {
		return fmt.Errorf("the sandbox of %s: %w", k.Frame.Vendor, err)
	}
	if err := k.offer(choices); err != nil {
		return err
	}
	k.reset, k.sites = reset, sites
	k.Frame.Catalogue, k.Frame.Desk, k.Frame.Connect = all, desk, c
	for i, s := range sites {
		if s.Host == "" && i < len(sites)-1 {
			return fmt.Errorf("the sandbox of %s has a site of no name before others", k.Frame.Vendor)
		}
		if err := k.Frame.Register(s.Mux); err != nil {
			return err
		}
	}
	return nil
}

func (k *Kernel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.note(r)
	k.Frame.Faults.Date(w)
	h := w.Header()
	h.Set("Content-Security-Policy", OwnPages)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	for _, s := range k.sites {
		if s.Host != "" && s.Host != outgoing.Hostname(r.Host) {
			continue
		}
		if s.Header != nil {
			s.Header(h, r)
		}
		s.Mux.ServeHTTP(w, r)
		return
	}
}

// Post sends a form to an address, as vendors tell a customer's server what happens. It returns the answer's status.
func (k *Kernel) Post(ctx context.Context, address string, form url.Values) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, fmt.Errorf("addressing the handler: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := k.Client.Do(r)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// Faults are for tests and demonstrations; Operations names what they can be set on.
func (k *Kernel) Faults() *Faults { return k.Frame.Faults }

// Reset brings the first state back and clears all faults.
func (k *Kernel) Reset() {
	k.Frame.Faults.Clear()
	k.mu.Lock()
	k.requests = nil
	k.mu.Unlock()
	k.reset()
	k.replay()
}
