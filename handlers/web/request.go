package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/store"
	"kabinet/views"
)

// Request is one request: what Echo knows of it, who asks, in which language, and what the answer is marked with.
type Request struct {
	echo.Context
	ID      string           // in the log, on error pages, and for the inspector
	Session *store.Session   // nil for a stranger
	Texts   *catalogue.Texts // in the reader's language
	// Policy names the vendors' hosts that the page needs.
	Policy Policy
	// Newest is the newest exchange with a vendor that was there before the request.
	Newest int64

	site  *Site
	route *Route // nil for what is not in the site map
	nonce string
	calls *outgoing.Request
}

const requestKey = "request"

// requestOf returns Echo's request as ours. The outermost middleware made it, so it is always there.
func requestOf(c echo.Context) *Request { return c.Get(requestKey).(*Request) }

// newRequest is a stranger's, until recognise has looked at the session.
func (s *Site) newRequest(c echo.Context) *Request {
	r := &Request{
		Context: c, ID: rand.Text(), Texts: s.Texts.In(catalogue.Of(c.Request())), Newest: s.Recorder.Newest(),
		site: s, nonce: rand.Text(),
	}
	r.calls = &outgoing.Request{ID: r.ID}
	c.SetRequest(c.Request().WithContext(outgoing.WithRequest(c.Request().Context(), r.calls)))
	c.Set(requestKey, r)
	return r
}

// recognise completes the request of somebody who is signed in.
func (s *Site) recognise(r *Request) error {
	session, err := s.session(r)
	if err != nil {
		return err
	}
	stored, ok := session.Values[storedKey{}].(store.Session)
	if !ok { // a stranger
		return nil
	}
	r.Session = &stored
	r.ConcernsUser(stored.User.ID)
	// What the browser chose stays, before signing in too; then what the owner of the account has chosen counts.
	own, chosen := catalogue.Parse(stored.User.Language)
	if _, here := catalogue.Chosen(r.Request()); chosen && !here {
		r.Texts = s.Texts.In(own)
	}
	return nil
}

// ConcernsUser says whose request it is, for the record of what it exchanges with vendors.
func (r *Request) ConcernsUser(id int64) { r.calls.UserID.Store(id) }

// User is who is signed in; only where the route lets no stranger in, or Session is there.
func (r *Request) User() store.User { return r.Session.User }

// IsAdministrator reports whether an administrator asks.
func (r *Request) IsAdministrator() bool {
	return r.Session != nil && r.User().Role == store.Administrator
}

// Actor is who asks, as the audit names them.
func (r *Request) Actor() store.Actor {
	actor := store.Actor{Address: r.RealIP()}
	if r.Session != nil {
		actor.UserID = r.User().ID
	}
	return actor
}

// Page is what the views show around a page's content.
func (r *Request) Page(title string) views.Page {
	u := r.Request().URL
	page := views.Page{Texts: r.Texts, Title: title, Path: u.Path, Return: u.RequestURI(), Nonce: r.nonce,
		Brand: r.site.Brand}
	if r.Session != nil {
		page.User = &views.User{ID: r.User().ID, Name: r.User().Name}
	}
	if r.site.config.Surround != nil {
		r.site.config.Surround(r, &page)
	}
	return page
}

// UserInPath returns the user whose id stands in the path, as :id. Where there is none, its error answers 404.
func (r *Request) UserInPath() (store.User, error) {
	id, err := strconv.ParseInt(r.Param("id"), 10, 64)
	if err != nil {
		return store.User{}, &Error{Status: http.StatusNotFound}
	}
	user, err := r.site.DB.User(r.Request().Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return store.User{}, &Error{Status: http.StatusNotFound}
	}
	return user, err
}
