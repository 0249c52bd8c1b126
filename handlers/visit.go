package handlers

import (
	"crypto/rand"
	"errors"
	"strings"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/store"
	"kabinet/views"
)

// visit is one request: who asks, in which language, and what the answer is marked with.
type visit struct {
	requestID string
	nonce     string
	policy    policy
	session   *store.Session // nil for a stranger
	calls     *outgoing.Request
	after     int64              // the newest exchange before it
	checks    []outgoing.Checked // what was verified, for the inspector
	heard     string             // what came with it, as JSON, for the inspector
	said      string             // what was answered, as JSON, for the inspector
	texts     *catalogue.Texts
}

const visitKey = "visit"

// visitOf returns the request's visit. The outermost middleware made it, so it is always there.
func visitOf(c echo.Context) *visit { return c.Get(visitKey).(*visit) }

// newVisit is a stranger's, until visited has looked at the session.
func (p *Portal) newVisit(c echo.Context) *visit {
	r := c.Request()
	v := &visit{requestID: rand.Text(), nonce: rand.Text(), after: p.config.Recorder.Newest(), texts: p.texts.In(catalogue.Of(r))}
	v.calls = &outgoing.Request{ID: v.requestID}
	c.SetRequest(r.WithContext(outgoing.WithRequest(r.Context(), v.calls)))
	c.Set(visitKey, v)
	return v
}

// visited finds out who asks.
func (p *Portal) visited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := p.recognise(c); err != nil {
			return err
		}
		return next(c)
	}
}

// recognise completes the visit of somebody who is signed in.
func (p *Portal) recognise(c echo.Context) error {
	v := visitOf(c)
	session, err := p.currentSession(c)
	if err != nil {
		return err
	}
	if session != nil {
		v.session = session
		v.calls.UserID.Store(session.User.ID)
		v.texts = p.texts.In(catalogue.Language(session.User.Language))
	}
	return nil
}

// by is the reader, as the audit names them.
func by(c echo.Context) store.By {
	b := store.By{Address: c.RealIP()}
	if v := visitOf(c); v.session != nil {
		b.UserID = v.user().ID
	}
	return b
}

// user is the reader; only behind signedIn.
func (v *visit) user() store.User { return v.session.User }

// page is what the views show around a page's content.
func (p *Portal) page(c echo.Context, title string) views.Page {
	v := visitOf(c)
	u := c.Request().URL
	page := views.Page{Texts: v.texts, Title: title, Path: u.Path, Return: u.RequestURI(), Nonce: v.nonce}
	if d := p.config.Demo; d != nil {
		page.Faults, page.Control, page.Demo = d.Faults(), d.Control, true
		page.Tour = p.describeTour(c)
	}
	if v.session != nil {
		page.User = &views.User{Name: v.user().Name}
		page.Nav = []views.Link{{Path: "/dashboard", Text: v.texts.T("nav.dashboard")}}
	}
	var ofVendors []views.Link // for administrators
	for _, f := range p.features {
		for _, l := range f.nav(v) {
			if strings.HasPrefix(l.Path, "/admin/") {
				ofVendors = append(ofVendors, l)
			} else {
				page.Nav = append(page.Nav, l)
			}
		}
	}
	if v.session != nil {
		page.Nav = append(page.Nav, views.Link{Path: "/profile", Text: v.texts.T("nav.profile")})
	}
	if v.isAdministrator() {
		page.AdminNav = append([]views.Link{
			{Path: "/admin/users", Text: v.texts.T("nav.users")}, {Path: "/admin/audit", Text: v.texts.T("nav.audit")},
			{Path: "/admin/integrations", Text: v.texts.T("integrations.title")}, {Path: "/admin/inspector", Text: v.texts.T("inspector.title")},
		}, ofVendors...)
	}
	return page
}

// isAdministrator tells whether an administrator reads.
func (v *visit) isAdministrator() bool {
	return v.session != nil && v.user().Role == store.Administrator
}

// isNotFound is how handlers ask whether the store has no such row.
func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// unseen lets a page ask in the background without keeping the session alive; with the parameter looking
// somebody looks at it.
func unseen(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if r := c.Request(); !c.QueryParams().Has("looking") {
			c.SetRequest(r.WithContext(store.Unseen(r.Context())))
		}
		return next(c)
	}
}
