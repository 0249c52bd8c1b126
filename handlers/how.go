package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/store"
	"kabinet/views"
)

// how is how an integration works: the steps that a page of it takes.
type how struct {
	vendor          string // as the recorder has it
	title, document string // keys of the catalogue; the document is the vendor's
	page            string // where it is seen
	steps           []step
	stop            stop     // of the tour
	fails           *stop    // of the tour: where something fails; nil for none
	events          []string // that its pages tell of a browser
	// begins tells which exchange began the click that ends on the page; nil where the page itself begins it.
	begins func(outgoing.Exchange) bool
}

// step is one of them: what is seen of it, where the code is, and what the demo can break there.
type step struct {
	key      string // of the catalogue: what happens
	is       func(outgoing.Exchange) bool
	file     string // from the root of the repository
	function string // as the file declares it, (*T).f for a method
	fault    demoFault
}

// demoFault is what breaks a step; the text is a key of the catalogue. The zero value is none.
type demoFault struct {
	set  broken
	text string
}

// broken are kinds of faults by the operations of the vendor's sandbox that they are set on.
type broken map[string]string

// called is a step that the portal takes at the vendor.
func called(method, path string) func(outgoing.Exchange) bool {
	return func(e outgoing.Exchange) bool {
		return e.Event == "" && e.Cause != outgoing.Incoming && e.Cause != outgoing.Customer && e.Cause != outgoing.SignIn &&
			e.Method == method && strings.HasSuffix(e.Address, path)
	}
}

// signsIn is the portal's sign-in at the vendor.
func signsIn(e outgoing.Exchange) bool { return e.Cause == outgoing.SignIn }

// asked is a step in which the portal is asked, by a customer's browser or the vendor.
func asked(method, path string) func(outgoing.Exchange) bool {
	return func(e outgoing.Exchange) bool {
		return (e.Cause == outgoing.Incoming || e.Cause == outgoing.Customer) && e.Method == method && strings.HasSuffix(e.Address, path)
	}
}

// happensInBrowser is a step of which the browser tells.
func happensInBrowser(events ...string) func(outgoing.Exchange) bool {
	return func(e outgoing.Exchange) bool { return slices.Contains(events, e.Event) }
}

// mayLearn tells whether the reader is shown how it works: in the demo everybody, else administrators.
func (p *Portal) mayLearn(v *visit) bool {
	return v.session != nil && (p.config.Demo != nil || v.user().Role == store.Administrator)
}

// explained leads from a page to how it works. What counts as this very click is what comes after the page was
// asked for, or what had led to it.
func (p *Portal) explained(c echo.Context, page views.Page, h how) views.Page {
	v := visitOf(c)
	if !p.mayLearn(v) {
		return page
	}
	after := v.after
	if h.begins != nil && c.Request().URL.RawQuery != "" {
		for _, e := range p.config.Recorder.Where(func(e outgoing.Exchange) bool { return e.UserID == v.user().ID && h.begins(e) }) {
			after = e.ID - 1
		}
	}
	page.How = "/how/" + h.vendor + "?" + url.Values{"after": {strconv.FormatInt(after, 10)}}.Encode()
	return page
}

// howItWorks shows the steps of an integration as they have just happened to the reader.
func (p *Portal) howItWorks(c echo.Context) error {
	v := visitOf(c)
	h, ok := p.howOf(c.Param("vendor"))
	if !ok || !p.mayLearn(v) {
		return notFound()
	}
	after, err := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	if err != nil || after > p.config.Recorder.Newest() { // of a program that has ended meanwhile
		after = 0
	}
	page := p.page(c, v.texts.T(h.title))
	page.Return = h.page
	return render(c, http.StatusOK, views.HowItWorks(page, p.describeHow(v, h, after)))
}

func (p *Portal) howOf(vendor string) (how, bool) {
	for _, f := range p.features {
		if h := f.how(); h.vendor == vendor {
			return h, true
		}
	}
	return how{}, false
}

// maxDrawn is how many exchanges a drawer draws.
const maxDrawn = 50

// soLong ago what happened before the page may still be shown, as earlier.
const soLong = 30 * time.Minute

func (p *Portal) describeHow(v *visit, h how, after int64) views.HowModel {
	begin := time.Now().Add(-soLong)
	all := p.config.Recorder.Where(func(e outgoing.Exchange) bool {
		mine := e.UserID == v.user().ID || e.UserID == 0 // nobody's: a vendor's own, or a stranger's
		return mine && e.Vendor == h.vendor && (e.ID > after || e.At.After(begin))
	})
	m := views.HowModel{Vendor: h.vendor, Page: h.page, Document: v.texts.T(h.document)}
	for _, s := range h.steps {
		m.Steps = append(m.Steps, p.describeStep(v, h, s, all, after))
	}
	now := slices.DeleteFunc(slices.Clone(all), func(e outgoing.Exchange) bool { return e.ID <= after })
	m.Diagram = diagram(v.texts, now[max(0, len(now)-maxDrawn):])
	return m
}

// describeStep says of a step what is seen of it: the newest exchange that it is.
func (p *Portal) describeStep(v *visit, h how, s step, all []outgoing.Exchange, after int64) views.HowStep {
	d := views.HowStep{Key: s.key, Text: v.texts.T(s.key), File: s.file, Function: s.function}
	if p.config.Demo != nil && s.fault.text != "" && p.config.Demo.Sandbox(h.vendor) != "" {
		d.Break = v.texts.T(s.fault.text)
	}
	for _, e := range slices.Backward(all) {
		if !s.is(e) {
			continue
		}
		d.Seen, d.Now, d.Failed, d.At = true, e.ID > after, wentWrong(e), e.At
		d.What = saidOf(v.texts, e)
		if v.isAdministrator() && e.RequestID != "" {
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
	return e.Method + " " + pathOf(e.Address) + " → " + outcome(e) + " · " + took(e.Duration)
}

// breakStep breaks a step of an integration, in the demo, and leads back to where that is seen.
func (p *Portal) breakStep(c echo.Context) error {
	h, ok := p.howOf(c.Request().PostFormValue("vendor"))
	i := slices.IndexFunc(h.steps, func(s step) bool { return s.key == c.Request().PostFormValue("step") && s.fault.text != "" })
	if !ok || i < 0 || p.config.Demo.Sandbox(h.vendor) == "" {
		return &Error{Code: codeBadRequest}
	}
	for operation, kind := range h.steps[i].fault.set {
		if err := p.config.Demo.Break(h.vendor, operation, kind); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, h.page)
}
