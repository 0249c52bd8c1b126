package sandbox

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"kabinet/integrations/catalogue"
)

// Entry is a sandbox on the control host.
type Entry struct {
	Vendor string
	Origin string // whose /_sandbox/ is its desk
	Faults *Faults
	Reset  func()
	// Messages is the path of its page of messages sent; empty where it sends none.
	Messages string
}

// Control is the host that all sandboxes are controlled from: what there is, which faults are set, and the
// first state of everything.
type Control struct {
	Entries []Entry
	// ResetMore resets what is no sandbox's, such as the demo's accounts; nil for nothing.
	ResetMore func(context.Context) error
	Portals   []string // whose pages may control it
	Log       *slog.Logger

	resetting sync.Mutex
}

// Handler returns the host's handler.
func (c *Control) Handler() (http.Handler, error) {
	texts, err := catalogue.Load(Texts())
	if err != nil {
		return nil, err
	}
	f := &Frame{Catalogue: texts, Faults: NewFaults(), Config: Config{Vendor: "Kabinet", Face: "assets/control.css",
		Assets: assets, Portals: c.Portals, Log: c.Log}}
	mux := http.NewServeMux()
	if err := f.registerLook(mux); err != nil {
		return nil, err
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		p := f.Page(r, "sandbox.control")
		p.Control = true
		f.Show(w, r, http.StatusOK, control(p, c.Entries, r.URL.Query().Has("reset")))
	})
	mux.Handle("POST /stop", f.Guarded(func(w http.ResponseWriter, r *http.Request) {
		c.StopFaults()
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}))
	mux.Handle("POST /reset", f.Guarded(func(w http.ResponseWriter, r *http.Request) {
		if err := c.Reset(r.Context()); err != nil {
			c.Log.Error("resetting everything", "error", err)
			http.Error(w, "not everything could be reset; the log says why", http.StatusInternalServerError)
			return
		}
		http.Redirect(w, r, "/?reset", http.StatusSeeOther)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", OwnPages)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	}), nil
}

// OwnPages is the policy of pages that load nothing but their host's own, and that nobody may frame.
const OwnPages = "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors " +
	"'none'; form-action 'self'"

// Active are all faults that are set, in few words, each with its vendor.
func (c *Control) Active() []string {
	var all []string
	for _, e := range c.Entries {
		for _, a := range e.Faults.Active() {
			all = append(all, e.Vendor+": "+a.String())
		}
	}
	return all
}

// Entry returns a vendor's sandbox, in whatever letters, nil when it is not here.
func (c *Control) Entry(vendor string) *Entry {
	i := slices.IndexFunc(c.Entries, func(e Entry) bool { return strings.EqualFold(e.Vendor, vendor) })
	if i < 0 {
		return nil
	}
	return &c.Entries[i]
}

// Origin is where a vendor's sandbox is; empty where there is none.
func (c *Control) Origin(vendor string) string {
	if e := c.Entry(vendor); e != nil {
		return e.Origin
	}
	return ""
}

// Break sets a fault of a kind that the pages offer on an operation of a vendor's. It returns an error when there
// is no such vendor, operation or kind.
func (c *Control) Break(vendor, operation, kind string) error {
	e := c.Entry(vendor)
	if e == nil {
		return fmt.Errorf("there is no sandbox of %q here", vendor)
	}
	fault, _, ok := e.Faults.chosen(kind)
	if !ok {
		return fmt.Errorf("there is no fault %q at %s", kind, e.Vendor)
	}
	return e.Faults.Set(operation, fault)
}

// StopFaults takes all faults away.
func (c *Control) StopFaults() {
	for _, e := range c.Entries {
		e.Faults.Clear()
	}
}

// Reset brings everything to its first state.
// A caller that leaves meanwhile does not leave half of it.
func (c *Control) Reset(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	c.resetting.Lock()
	defer c.resetting.Unlock()
	for _, e := range c.Entries {
		e.Reset()
	}
	if c.ResetMore == nil {
		return nil
	}
	return c.ResetMore(ctx)
}

// File serves one of the sandbox's Assets.
func (f *Frame) File(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, f.Assets, name) }
}

// Script is File for what browsers ask for again on each page: another build may have another.
func (f *Frame) Script(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeFileFS(w, r, f.Assets, name)
	}
}

// registerLook adds what every page needs: the styles, and the choice of language.
func (f *Frame) registerLook(mux *http.ServeMux) error {
	for _, origin := range f.Portals {
		if err := f.origins.AddTrustedOrigin(origin); err != nil {
			return err
		}
	}
	mux.HandleFunc("GET /_sandbox/sandbox.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, assets, "assets/sandbox.css") // the frame's own
	})
	mux.HandleFunc("GET /_sandbox/vendor.css", f.File(f.Face))
	mux.Handle("POST /_sandbox/language", f.Guarded(f.language))
	return nil
}
