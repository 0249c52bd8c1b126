package observe

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/returnto"
	"kabinet/views"
)

// How is how an integration works: the steps that a page of it takes. Its texts are keys of the catalogue.
type How struct {
	Title, Document string // the document is the vendor's
	Page            string // where it is seen: a path
	Steps           []Step
	Stop            Stop     // of the tour
	Fails           *Stop    // of the tour: where something fails; nil for none
	Events          []string // that its pages tell of a browser
	// Begins reports which exchange began the click that ends on the page; nil where the page itself begins it.
	Begins func(outgoing.Exchange) bool

	vendor string
}

// Step is one of them: what is seen of it, where the code is, and what the demo can break there.
type Step struct {
	Key      string // of the catalogue: what happens
	Is       func(outgoing.Exchange) bool
	File     string // from the root of the repository
	Function string // as the file declares it, (*T).f for a method
	// Break are kinds of faults by the operations of the vendor's sandbox that they are set on, and Broken, a key of
	// the catalogue, says what then happens; empty for a step that cannot be broken.
	Break  map[string]string
	Broken string
}

// Called is a step that the portal takes at the vendor.
func Called(method, path string) func(outgoing.Exchange) bool {
	return func(e outgoing.Exchange) bool {
		return e.Event == "" && e.Cause != outgoing.Incoming && e.Cause != outgoing.Customer &&
			e.Cause != outgoing.SignIn && e.Method == method && strings.HasSuffix(e.Address, path)
	}
}

// SignsIn is the portal's sign-in at the vendor.
func SignsIn(e outgoing.Exchange) bool { return e.Cause == outgoing.SignIn }

// Asked is a step in which the portal is asked, by a customer's browser or the vendor.
func Asked(method, path string) func(outgoing.Exchange) bool {
	return func(e outgoing.Exchange) bool {
		return (e.Cause == outgoing.Incoming || e.Cause == outgoing.Customer) && e.Method == method &&
			strings.HasSuffix(e.Address, path)
	}
}

// InBrowser is a step of which the browser tells.
func InBrowser(events ...string) func(outgoing.Exchange) bool {
	return func(e outgoing.Exchange) bool { return slices.Contains(events, e.Event) }
}

// Either is a step that is seen in any of these ways.
func Either(ways ...func(outgoing.Exchange) bool) func(outgoing.Exchange) bool {
	return func(e outgoing.Exchange) bool {
		return slices.ContainsFunc(ways, func(is func(outgoing.Exchange) bool) bool { return is(e) })
	}
}

// mayLearn reports whether the reader is shown how it works: in the demo everybody, else administrators.
func (o *Room) mayLearn(r *web.Request) bool {
	return r.Session != nil && o.config.Demo != nil || r.IsAdministrator()
}

// explain leads from an integration's page to how it works. What counts as this very click is what comes after the
// page was asked for, or what had led to it.
func (o *Room) explain(r *web.Request, page *views.Page) {
	h, ok := first(o.hows, func(h How) bool { return h.Page == page.Path })
	if !ok || !o.mayLearn(r) {
		return
	}
	after := r.Newest
	if h.Begins != nil && r.Request().URL.RawQuery != "" {
		for _, e := range o.site.Recorder.Where(func(e outgoing.Exchange) bool {
			return e.UserID == r.User().ID && h.Begins(e)
		}) {
			after = e.ID - 1
		}
	}
	page.How = "/how/" + h.vendor + "?" + url.Values{"after": {strconv.FormatInt(after, 10)}}.Encode()
}

// HowItWorks shows the steps of an integration as they have just happened to the reader.
func (o *Room) HowItWorks(r *web.Request) error {
	h, ok := first(o.hows, func(h How) bool { return h.vendor == r.Param("vendor") })
	if !ok || !o.mayLearn(r) {
		return &web.Error{Status: http.StatusNotFound}
	}
	after, err := strconv.ParseInt(r.QueryParam("after"), 10, 64)
	if err != nil || after > o.site.Recorder.Newest() { // of a program that has ended meanwhile
		after = 0
	}
	page := r.Page(r.Texts.T(h.Title))
	page.Return = h.Page
	return r.Show(http.StatusOK, views.HowItWorks(page, o.describeHow(r, h, after)))
}

// first is the first of all that is so, and whether there is one.
func first[T any](all []T, is func(T) bool) (found T, ok bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	return found, false
}

// maxDrawn is how many exchanges a drawer draws.
const maxDrawn = 50

// soLong ago what happened before the page may still be shown, as earlier.
const soLong = 30 * time.Minute

func (o *Room) describeHow(r *web.Request, h How, after int64) views.HowModel {
	begin := time.Now().Add(-soLong)
	all := o.site.Recorder.Where(func(e outgoing.Exchange) bool {
		mine := e.UserID == r.User().ID || e.UserID == 0 // nobody's: a vendor's own, or a stranger's
		return mine && e.Vendor == h.vendor && (e.ID > after || e.At.After(begin))
	})
	m := views.HowModel{Vendor: h.vendor, Page: h.Page, Document: r.Texts.T(h.Document)}
	for _, s := range h.Steps {
		m.Steps = append(m.Steps, o.describeStep(r, h, s, all, after))
	}
	now := slices.DeleteFunc(slices.Clone(all), func(e outgoing.Exchange) bool { return e.ID <= after })
	m.Diagram = o.diagram(r.Texts, now[max(0, len(now)-maxDrawn):])
	return m
}

// describeStep says of a step what is seen of it: the newest exchange that it is.
func (o *Room) describeStep(r *web.Request, h How, s Step, all []outgoing.Exchange, after int64) views.HowStep {
	d := views.HowStep{Key: s.Key, Text: r.Texts.T(s.Key), File: s.File, Function: s.Function}
	if o.config.Demo != nil && s.Broken != "" && o.sandbox(h.vendor) != "" {
		d.Break = r.Texts.T(s.Broken)
	}
	for _, e := range slices.Backward(all) {
		if !s.Is(e) {
			continue
		}
		d.Seen, d.Now, d.Failed, d.At = true, e.ID > after, e.WentWrong(), e.At
		d.What = saidOf(r.Texts, e)
		if r.IsAdministrator() && e.RequestID != "" {
			d.Request = "/admin/inspector?" + url.Values{"request": {e.RequestID}}.Encode()
		}
		break
	}
	return d
}

// saidOf is an exchange in a line.
func saidOf(t *catalogue.Texts, e outgoing.Exchange) string {
	if e.Event != "" {
		return t.T("inspector.event." + e.Event)
	}
	return e.Method + " " + pathOf(e.Address) + " → " + outcome(t, e) + " · " + t.Milliseconds(e.Duration)
}

// BreakStep breaks a step of an integration, in the demo, and leads back to where that is seen.
func (o *Room) BreakStep(r *web.Request) error {
	h, _ := first(o.hows, func(h How) bool { return h.vendor == r.Typed("vendor") })
	step, ok := first(h.Steps, func(s Step) bool { return s.Key == r.Typed("step") && s.Broken != "" })
	if !ok || o.sandbox(h.vendor) == "" {
		return &web.Error{Status: http.StatusBadRequest}
	}
	for operation, kind := range step.Break {
		if err := o.config.Demo.Break(h.vendor, operation, kind); err != nil {
			return err
		}
	}
	to := h.Page
	if !strings.Contains(to, "#") {
		to += "#shown" // below the drawer is what a customer sees now
	}
	return r.Redirect(http.StatusSeeOther, to)
}

// StopFaults takes away all faults of the demo's sandboxes.
func (o *Room) StopFaults(r *web.Request) error {
	o.config.Demo.StopFaults()
	return r.Redirect(http.StatusSeeOther, returnto.Local(r.Typed("next"), "/"))
}
