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
		return slices.ContainsFunc(all, func(e outgoing.Exchange) bool { return is(e) && !wentWrong(e) })
	}
}

// stops are those that the demo has.
func (p *Portal) stops() []stop {
	var all []stop
	var fails *stop
	for _, f := range p.features {
		h := f.how()
		if p.config.Demo.Sandbox(h.vendor) == "" {
			continue
		}
		all = append(all, h.stop)
		if fails == nil {
			fails = h.fails
		}
	}
	if fails != nil {
		all = append(all, *fails)
	}
	return all
}

// describeTour is the stop at which the reader is, nil for none.
func (p *Portal) describeTour(c echo.Context) *views.Tour {
	all := p.stops()
	number, after, seen := p.tourOf(c)
	if number < 1 || number > len(all) {
		return nil
	}
	v, at := visitOf(c), all[number-1]
	t := &views.Tour{Number: number, Count: len(all), Title: v.texts.T(at.title), Do: strings.Split(v.texts.T(at.do), "\n"), See: v.texts.T(at.see), Stranger: v.session == nil}
	for _, l := range at.links {
		t.Links = append(t.Links, views.Link{Path: l.Path, Text: v.texts.T(l.Text)})
	}
	t.Done = seen || v.session != nil && at.done(p.sinceStop(v, after))
	if t.Done && !seen { // the recorder forgets
		p.setTour(c, fmt.Sprintf("%d.%d.seen", number, after))
	}
	return t
}

// sinceStop is what the reader has done since the stop began, and nobody's since they did something: a vendor does
// not say whose its events are.
func (p *Portal) sinceStop(v *visit, after int64) []outgoing.Exchange {
	own := map[string]bool{}
	return p.config.Recorder.Where(func(e outgoing.Exchange) bool {
		if e.ID <= after {
			return false
		}
		mine := e.UserID == v.user().ID
		own[e.Vendor] = own[e.Vendor] || mine
		return mine || e.UserID == 0 && own[e.Vendor]
	})
}

// tourCookie holds the number of the stop, the newest exchange before it, and whether its end was seen. It is no
// secret.
const tourCookie = "kabinet_tour"

// tourOf is the stop at which the reader is; 0 for none.
func (p *Portal) tourOf(c echo.Context) (number int, after int64, seen bool) {
	cookie, err := c.Cookie(tourCookie)
	if err != nil {
		return 0, 0, false
	}
	parts := append(strings.Split(cookie.Value, "."), "", "")
	number, _ = strconv.Atoi(parts[0])
	after, _ = strconv.ParseInt(parts[1], 10, 64)
	if after > p.config.Recorder.Newest() { // of a program that has ended meanwhile
		after = 0
	}
	return number, after, parts[2] == "seen"
}

// setTour remembers where the reader is; an empty value forgets it.
func (p *Portal) setTour(c echo.Context, value string) {
	cookie := &http.Cookie{Name: tourCookie, Value: value, Path: "/", HttpOnly: true, Secure: p.sessions.secure, SameSite: http.SameSiteLaxMode}
	if value == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

// lead goes to a stop: past the last, or before the first, the tour ends.
func (p *Portal) lead(c echo.Context) error {
	all := p.stops()
	number, err := strconv.Atoi(c.Request().PostFormValue("stop"))
	if err != nil || number < 1 || number > len(all) {
		p.setTour(c, "")
		return c.Redirect(http.StatusSeeOther, "/dashboard")
	}
	p.setTour(c, fmt.Sprintf("%d.%d", number, p.config.Recorder.Newest()))
	return c.Redirect(http.StatusSeeOther, all[number-1].page)
}

// tour is a page with nothing but the stop at which the reader is: the other pages take it from here.
func (p *Portal) tour(c echo.Context) error {
	return render(c, http.StatusOK, views.TourPage(p.page(c, visitOf(c).texts.T("tour.title"))))
}
