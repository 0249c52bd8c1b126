package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// The tour leads through the demo: a stop for each integration that has a sandbox, and one for what happens when
// something fails. A stop ends with something that is seen; the recorder tells whether it has happened.

// stop is one of the tour's. Its texts are keys of the catalogue.
type stop struct {
	title, do, see string
	page           string // where it begins
	// links lead to the vendor's side, each with a key of the catalogue.
	links []views.Link
	// done tells by what has happened since the stop began, the oldest first.
	done func([]outgoing.Exchange) bool
}

// once is a stop that ends when something has happened and gone well.
func once(is func(outgoing.Exchange) bool) func([]outgoing.Exchange) bool {
	return func(all []outgoing.Exchange) bool {
		return slices.ContainsFunc(all, func(e outgoing.Exchange) bool { return is(e) && !e.Refused() })
	}
}

// stops are those that the demo has.
func (p *Portal) stops() []stop {
	var all []stop
	var first *how
	for _, f := range p.features {
		if h := f.how(); p.config.Demo.Sandbox(h.vendor) != "" {
			all = append(all, h.stop)
			if first == nil {
				first = &h
			}
		}
	}
	if first != nil {
		all = append(all, first.failing())
	}
	return all
}

// failing is the stop at which the integration is broken and mended.
func (h how) failing() stop {
	ends := h.steps[len(h.steps)-1].is
	return stop{title: "tour.fails.title", do: "tour.fails.do", see: "tour.fails.see", page: h.page, done: func(all []outgoing.Exchange) bool {
		broken := slices.IndexFunc(all, func(e outgoing.Exchange) bool { return e.Vendor == h.vendor && e.Refused() })
		return broken >= 0 && once(ends)(all[broken:])
	}}
}

// describeTour is the stop at which the reader is, nil for none.
func (p *Portal) describeTour(c echo.Context) *views.Tour {
	all := p.stops()
	number, after := tourOf(c)
	if number < 1 || number > len(all) {
		return nil
	}
	v, at := visitOf(c), all[number-1]
	t := &views.Tour{Number: number, Count: len(all), Title: v.texts.T(at.title), Do: strings.Split(v.texts.T(at.do), "\n"), See: v.texts.T(at.see), Stranger: v.session == nil, Page: at.page}
	for _, l := range at.links {
		t.Links = append(t.Links, views.Link{Path: l.Path, Text: v.texts.T(l.Text)})
	}
	if v.session != nil {
		t.Done = at.done(p.config.Recorder.Where(func(e outgoing.Exchange) bool {
			return e.ID > after && (e.UserID == v.user().ID || e.UserID == 0)
		}))
	}
	return t
}

// tourCookie holds the number of the stop, and the newest exchange before it. It is no secret.
const tourCookie = "kabinet_tour"

// tourOf is the stop at which the reader is; 0 for none.
func tourOf(c echo.Context) (number int, after int64) {
	cookie, err := c.Cookie(tourCookie)
	if err != nil {
		return 0, 0
	}
	first, second, _ := strings.Cut(cookie.Value, ".")
	number, _ = strconv.Atoi(first)
	after, _ = strconv.ParseInt(second, 10, 64)
	return number, after
}

// lead goes to a stop: past the last, or before the first, the tour ends.
func (p *Portal) lead(c echo.Context) error {
	all := p.stops()
	number, err := strconv.Atoi(c.Request().PostFormValue("stop"))
	cookie := &http.Cookie{Name: tourCookie, Path: "/", HttpOnly: true, Secure: p.sessions.secure, SameSite: http.SameSiteLaxMode, MaxAge: -1}
	to := "/dashboard"
	if err == nil && number >= 1 && number <= len(all) {
		cookie.Value, cookie.MaxAge = fmt.Sprintf("%d.%d", number, p.config.Recorder.Newest()), 0
		to = all[number-1].page
	}
	c.SetCookie(cookie)
	return c.Redirect(http.StatusSeeOther, to)
}

// tour is a page with nothing but the stop at which the reader is: the other pages take it from here.
func (p *Portal) tour(c echo.Context) error {
	return render(c, http.StatusOK, views.TourPage(p.page(c, visitOf(c).texts.T("tour.title"))))
}
