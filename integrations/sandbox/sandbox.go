package sandbox

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/returnto"
)

//go:embed assets
var assets embed.FS

//go:embed catalogue/*.json
var texts embed.FS

// Texts are the frame's own texts, to be loaded together with the sandbox's.
func Texts() fs.FS { return texts }

// Frame is what every sandbox has besides the vendor's own. Its method Texts hides the field of Config.
type Frame struct {
	Config
	Catalogue *catalogue.Catalogue
	Reset     func() // brings the first state back and clears the faults
	Faults    *Faults
	// Desk returns the vendor's part of the first page, in the reader's language.
	Desk func(*catalogue.Texts) templ.Component
	// Connect is the page for clients in other languages.
	Connect Connect

	origins http.CrossOriginProtection // registerLook adds the portals
	choices []Choice
	sights  map[string]sight // by claim; nil where nothing is played
}

// Register adds the pages below /_sandbox/ to a sandbox's mux.
func (f *Frame) Register(mux *http.ServeMux) error {
	if err := f.registerLook(mux); err != nil {
		return err
	}
	mux.HandleFunc("GET /_sandbox/{$}", f.desk)
	mux.HandleFunc("GET /_sandbox/limits", f.limits)
	mux.HandleFunc("GET /_sandbox/connect", f.connect)
	mux.Handle("POST /_sandbox/choice", f.Guarded(f.choose))
	mux.Handle("POST /_sandbox/reset", f.Guarded(f.reset))
	f.registerFaults(mux)
	return nil
}

// maxForm is the most of a form that is read, in bytes.
const maxForm = 64 << 10

// Guarded takes forms from the sandbox's own pages and the portals' only, and not without end.
func (f *Frame) Guarded(next http.HandlerFunc) http.Handler { return f.GuardedUpTo(maxForm, next) }

// GuardedUpTo is Guarded for a form with a file, of so many bytes at most.
func (f *Frame) GuardedUpTo(most int64, next http.HandlerFunc) http.Handler {
	return f.origins.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next(w, r)
	}))
}

// Page is what the frame needs to know of a page; the sandbox's own handlers use it too.
func (f *Frame) Page(r *http.Request, title string) Page {
	t := f.Texts(r)
	return Page{Texts: t, Vendor: nameOf(t, f.Vendor), Title: t.T(title), Path: r.URL.Path, Faults: f.Faults.Active()}
}

// Texts are the texts in the reader's language.
func (f *Frame) Texts(r *http.Request) *catalogue.Texts { return f.Catalogue.In(catalogue.Of(r)) }

// nameOf is a vendor's name in a language: that of mail is a word.
func nameOf(t *catalogue.Texts, vendor string) string { return t.Or("vendor."+vendor, vendor) }

// Show writes a page.
func (f *Frame) Show(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Vary", "Accept-Language, Cookie")
	templ.Handler(page, templ.WithStatus(status)).ServeHTTP(w, r)
}

func (f *Frame) desk(w http.ResponseWriter, r *http.Request) {
	p := f.Page(r, "sandbox.desk")
	f.Show(w, r, http.StatusOK, desk(p, f.Desk(p.Texts), f.Faults, r.URL.Query().Has("reset")))
}

func (f *Frame) limits(w http.ResponseWriter, r *http.Request) {
	f.Show(w, r, http.StatusOK, limits(f.Page(r, "sandbox.limits"), f.lines()))
}

func (f *Frame) reset(w http.ResponseWriter, r *http.Request) {
	f.Reset()
	f.Log.Info("sandbox reset", "vendor", f.Vendor)
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, "/_sandbox/?reset", http.StatusSeeOther)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (f *Frame) language(w http.ResponseWriter, r *http.Request) {
	l, ok := catalogue.Parse(r.PostFormValue("language"))
	if !ok {
		http.Error(w, `language is "ru" or "en"`, http.StatusBadRequest)
		return
	}
	// The cookie is marked for use inside a frame: a sandbox's page may be shown in the portal's.
	catalogue.Remember(w, l, true, true)
	http.Redirect(w, r, returnto.Local(r.PostFormValue("next"), "/"), http.StatusSeeOther)
}
