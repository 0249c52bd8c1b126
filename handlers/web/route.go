package web

import (
	"cmp"
	"iter"
	"net/http"
	"path"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/outgoing"
	"kabinet/store"
)

// Route is a line of the site map: a path, who may, and which function answers.
type Route struct {
	Method string // GET when empty, which answers HEAD too
	Path   string // as Echo writes it
	Who    Access
	Do     func(*Request) error

	// Nav, a key of the catalogue, has a link in the header lead there, for whom the route lets in; empty for none.
	Nav string
	// Off is for what these settings leave out: the path is then not there.
	Off bool
	// File is for a GET that is saved and not shown: who has to sign in first comes to the page it is offered on, one
	// level up.
	File bool
	// Leaves is for a GET that leads on to a vendor: see Redirect.
	Leaves bool
	// NoHead is for a GET of which each answer uses something up.
	NoHead bool
	// JSON is for what programs ask, scripts of ours among them: an error is {"error": its code}, and nothing is kept.
	JSON bool
	// Safely is for what a program sends a password to: not over plain http.
	Safely bool
	// Again is for what matters: who has not proven lately who they are is asked again.
	Again bool
	// Enrols is for what leads to a second factor: it is open to who must have one and has none yet.
	Enrols bool
	// Background is for what a page asks by itself, which must not keep its session alive.
	Background bool
	// Standings is for a page that shows how the reader stands with vendors: the session brings it along.
	Standings bool
	// Probe is for what machines ask all the time: only what goes wrong is in the log.
	Probe bool
	// Limit is how often a user may; the zero value is any number of times.
	Limit Limit
	// Recorded is who asks, for the inspector; what is recorded names the vendor. Empty is for what is not recorded.
	Recorded outgoing.Cause
	Vendor   string
	// Around stands around everything else of the route but the recording; nil for nothing.
	Around func(next func(*Request) error) func(*Request) error
}

// Access is who may.
type Access int

// Public looks at no cookie and takes what comes from anywhere: a token of its own says who asks, or nobody need.
// Anyone is a page for everybody, which knows who is signed in. To others than administrators what is for
// Administrators is not there. Each lets in fewer than the one before it.
const (
	Public Access = iota + 1
	Anyone
	SignedIn
	Administrators
)

// LetsIn reports whether who asks may.
func (a Access) LetsIn(r *Request) bool {
	return a < SignedIn || a == SignedIn && r.Session != nil || r.IsAdministrator()
}

// Vendor is the core of what the portal knows of an outside service. What more a vendor has, it has by small
// interfaces of those who ask for it: package handlers lists them.
type Vendor interface {
	// Name is the vendor's, the same in every layer: "priceplan".
	Name() string
	// Routes are its pages, and what it asks of the portal.
	Routes() []Route
}

// Having are the vendors that have what an interface says, in their order, by their names.
func Having[T any](vendors []Vendor) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, v := range vendors {
			if with, ok := v.(T); ok && !yield(v.Name(), with) {
				return
			}
		}
	}
}

// Mount puts pages on the site. A route without somebody who may is a mistake: it panics.
func (s *Site) Mount(routes []Route) {
	for _, r := range routes {
		if r.Off {
			continue
		}
		if r.Leaves {
			s.leaves[path.Clean(r.Path)] = true
		}
		if r.Method == "" && r.Who != Public && r.Path != "/" {
			s.echo.Match([]string{http.MethodGet, http.MethodHead}, withOtherSlash(r.Path),
				func(c echo.Context) error { return otherSlash(requestOf(c)) })
		}
		methods := []string{cmp.Or(r.Method, http.MethodGet)}
		if r.Method == "" && !r.NoHead {
			methods = append(methods, http.MethodHead)
		}
		s.echo.Match(methods, r.Path, s.handler(r))
	}
}

// handler stands what a route says around its function, the innermost first. Each is called with what comes after it.
func (s *Site) handler(r Route) echo.HandlerFunc {
	if r.Who < Public || r.Who > Administrators {
		panic(r.Path + " does not say who may")
	}
	h := r.Do
	stand := func(stands bool, around func(r *Request, next func(*Request) error) error) {
		next := h // which the closure keeps
		if stands {
			h = func(r *Request) error { return around(r, next) }
		}
	}
	stand(r.Limit != (Limit{}), limited)
	stand(r.Again, again)
	stand(r.Who >= SignedIn || r.Who == Anyone && r.Vendor != "", enrolled) // a vendor has something of the reader's
	stand(r.Who == Administrators, administrators)
	stand(r.Who >= SignedIn, signedIn)
	stand(r.Who != Public, page)
	stand(r.Safely, safely)
	stand(r.Background, unseen)
	stand(r.Standings, withStandings)
	stand(r.JSON, asJSON)
	if r.Around != nil {
		h = r.Around(h)
	}
	stand(r.Recorded != "", recorded)
	stand(r.Who != Public, notAhead)
	return func(c echo.Context) error {
		request := requestOf(c)
		request.route = &r
		return h(request)
	}
}

// limited takes a try from the user's allowance before anything is done.
func limited(r *Request, next func(*Request) error) error {
	if l := r.route.Limit; r.Session != nil {
		if err := r.Take(l.Doing, r.User().ID, r.ByUser(l)); err != nil {
			return err
		}
	}
	return next(r)
}

func withStandings(r *Request, next func(*Request) error) error {
	r.SetRequest(r.Request().WithContext(store.WithStandings(r.Request().Context())))
	return next(r)
}

// unseen lets a page ask in the background without keeping the session alive; with the parameter looking somebody
// looks at it.
func unseen(r *Request, next func(*Request) error) error {
	if !r.QueryParams().Has("looking") {
		r.SetRequest(r.Request().WithContext(store.Unseen(r.Request().Context())))
	}
	return next(r)
}
