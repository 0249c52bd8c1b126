package observe

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// The tour leads through the demo: a stop for each integration that has a sandbox, and one for what happens when
// something fails. A stop ends with something that is seen; the recorder reports whether it has happened.

// Stop is one of the tour's. Its texts are keys of the catalogue.
type Stop struct {
	Title, Do, See string
	Page           string // where it begins
	// Links lead to the vendor's side, each with a key of the catalogue; a path is one of the vendor's sandbox.
	Links   []views.Link
	SignsIn bool // the reader signs out and in
	// Done reports by what has happened since the stop began, the oldest first, whether it is done.
	Done func([]outgoing.Exchange) bool

	vendor string
}

// Once is a stop that ends when something has happened and gone well.
func Once(is func(outgoing.Exchange) bool) func([]outgoing.Exchange) bool {
	return func(all []outgoing.Exchange) bool {
		return slices.ContainsFunc(all, func(e outgoing.Exchange) bool { return is(e) && !e.WentWrong() })
	}
}

// stops are those that the demo has.
func (o *Room) stops() []Stop {
	all := slices.DeleteFunc(slices.Clone(o.tour), func(s Stop) bool { return o.sandbox(s.vendor) == "" })
	if how, ok := first(o.hows, func(h How) bool { return h.Fails != nil && o.sandbox(h.vendor) != "" }); ok {
		all = append(all, *how.Fails)
	}
	return append(all, o.config.Own.Stop)
}

// describeTour is the stop at which the reader is, nil for none.
func (o *Room) describeTour(r *web.Request) *views.Tour {
	number, after, seen := o.tourOf(r)
	if number < 1 { // as on nearly every page
		return nil
	}
	all := o.stops()
	if number > len(all) {
		return nil
	}
	at := all[number-1]
	t := &views.Tour{
		Number: number, Count: len(all), Title: r.Texts.T(at.Title), Do: strings.Split(r.Texts.T(at.Do), "\n"),
		See: r.Texts.T(at.See), Stranger: r.Session == nil && !at.SignsIn,
	}
	for _, l := range at.Links {
		if strings.HasPrefix(l.Path, "/") {
			l.Path = o.sandbox(at.vendor) + l.Path
		}
		t.Links = append(t.Links, views.Link{Path: l.Path, Text: r.Texts.T(l.Text)})
	}
	t.Done = seen || r.Session != nil && at.Done(o.sinceStop(r, after))
	if t.Done && !seen { // the recorder forgets
		o.site.Keep(r, tourCookie, fmt.Sprintf("%d.%d.seen", number, after), 0)
	}
	return t
}

// sinceStop is what the reader has done since the stop began, and nobody's since they did something: a vendor does
// not say whose its events are.
func (o *Room) sinceStop(r *web.Request, after int64) []outgoing.Exchange {
	own := map[string]bool{}
	return o.site.Recorder.Where(func(e outgoing.Exchange) bool {
		if e.ID <= after {
			return false
		}
		mine := e.UserID == r.User().ID
		own[e.Vendor] = own[e.Vendor] || mine
		return mine || e.UserID == 0 && own[e.Vendor]
	})
}

// tourCookie holds the number of the stop, the newest exchange before it, and whether its end was seen. It is no
// secret.
const tourCookie = "kabinet_tour"

// tourOf is the stop at which the reader is; 0 for none.
func (o *Room) tourOf(r *web.Request) (number int, after int64, seen bool) {
	parts := append(strings.Split(o.site.Kept(r, tourCookie), "."), "", "")
	number, _ = strconv.Atoi(parts[0])
	after, _ = strconv.ParseInt(parts[1], 10, 64)
	if after > o.site.Recorder.Newest() { // of a program that has ended meanwhile
		after = 0
	}
	return number, after, parts[2] == "seen"
}

// Lead goes to a stop, whose words take the focus, so that they are read out. The tour ends with words of its own
// behind the last stop, and without a word where somebody has had enough.
func (o *Room) Lead(r *web.Request) error {
	all := o.stops()
	number, err := strconv.Atoi(r.Typed("stop"))
	if err != nil || number < 1 || number > len(all) {
		o.site.Keep(r, tourCookie, "", 0)
		if number == len(all)+1 {
			return r.Redirect(http.StatusSeeOther, "/demo/tour")
		}
		return r.Redirect(http.StatusSeeOther, "/dashboard")
	}
	page := all[number-1].Page
	if !strings.Contains(page, "#") {
		page += "#tour"
	}
	o.site.Keep(r, tourCookie, fmt.Sprintf("%d.%d", number, o.site.Recorder.Newest()), 0)
	return r.Redirect(http.StatusSeeOther, page)
}

// Tour is a page with nothing but the stop at which the reader is: the other pages take it from here. Where the tour
// is over it says what there is besides.
func (o *Room) Tour(r *web.Request) error {
	return r.Show(http.StatusOK, views.TourPage(r.Page(r.Texts.T("tour.title"))))
}
