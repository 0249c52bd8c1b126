package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/contact"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// told records what a vendor, or a customer's browser on the way to one, asks of the portal. It goes around everything else
// of a route, so that refusals are recorded too.
func (p *Portal) told(vendor string, by outgoing.Cause) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if m := c.Request().Method; m == http.MethodHead || m == http.MethodOptions {
				return next(c)
			}
			began := time.Now()
			err := next(c)
			v := visitOf(c)
			e := outgoing.Exchange{
				At: began, Vendor: vendor, Cause: by, Method: c.Request().Method, Attempt: 1,
				Address: p.config.BaseURL.String() + c.Path(), // the route: addresses may carry credentials
				Status:  c.Response().Status, Duration: time.Since(began), Size: c.Response().Size,
				RequestID: v.requestID, UserID: v.calls.UserID.Load(), Checks: v.checks,
				Sent: outgoing.Message{Body: outgoing.MaskJSON(v.heard)}, Received: outgoing.Message{Body: outgoing.MaskJSON(v.said)},
			}
			if err != nil && !c.Response().Committed {
				e.Status = statusOf[codeOf(err)]
			}
			if e.UserID == 0 && e.Refused() && p.refusedStrangers.take(vendor) != nil {
				return err // strangers must not push everything else out
			}
			p.config.Recorder.Add(e)
			return err
		}
	}
}

// checked notes a step of a verification, for the inspector.
func (v *visit) checked(name string, err error) {
	step := outgoing.Checked{Name: name, OK: err == nil}
	if err != nil {
		step.Why = err.Error()
	}
	v.checks = append(v.checks, step)
}

// vendorOf is the vendor that an event in a browser is about; empty for what is no such event.
func (p *Portal) vendorOf(event string) string {
	for _, f := range p.features {
		if h := f.how(); slices.Contains(h.events, event) {
			return h.vendor
		}
	}
	return ""
}

// happened records what a page of the reader's tells of their browser. A stranger's tells nothing.
func (p *Portal) happened(c echo.Context) error {
	v, event := visitOf(c), c.Request().PostFormValue("event")
	vendor := p.vendorOf(event)
	if vendor == "" {
		return &Error{Code: codeBadRequest}
	}
	if v.session == nil { // in an anonymous chat
		return c.NoContent(http.StatusNoContent)
	}
	if err := p.eventsOfUser.take(strconv.FormatInt(v.user().ID, 10)); err != nil {
		return err
	}
	p.config.Recorder.Add(outgoing.Exchange{
		At: time.Now(), Vendor: vendor, Cause: outgoing.Browser, Event: event, Status: http.StatusNoContent, RequestID: v.requestID, UserID: v.user().ID,
	})
	return c.NoContent(http.StatusNoContent)
}

// inspected is what the reader has chosen to see.
type inspected struct {
	vendor, status, text, user, request string
	userID                              int64
}

// inspector shows administrators what the portal and the vendors have said to each other.
func (p *Portal) inspector(c echo.Context) error {
	v := visitOf(c)
	q := inspected{vendor: c.QueryParam("vendor"), status: c.QueryParam("status"), text: strings.TrimSpace(c.QueryParam("text")), user: strings.TrimSpace(c.QueryParam("user")), request: c.QueryParam("request")}
	m := views.InspectorModel{Vendor: q.vendor, Status: q.status, Text: q.text, User: q.user, Request: q.request}
	for _, f := range p.features {
		m.Vendors = append(m.Vendors, f.how().vendor)
	}
	if q.user != "" {
		u, err := p.db.UserByEmail(c.Request().Context(), contact.CanonicalEmail(q.user))
		if err != nil && !isNotFound(err) {
			return err
		}
		if q.userID = u.ID; isNotFound(err) {
			q.userID = -1 // nobody's
		}
	}
	chosen := slices.DeleteFunc(p.config.Recorder.Exchanges(), func(e outgoing.Exchange) bool { return !q.chooses(e) })
	if q.request != "" {
		m.Diagram = diagram(v.texts, chosen)
	}
	slices.Reverse(chosen)
	var ids []int64
	for _, e := range chosen {
		ids = append(ids, e.UserID)
	}
	people, err := p.db.Emails(c.Request().Context(), ids)
	if err != nil {
		return err
	}
	for _, e := range chosen[:min(len(chosen), maxInspected)] {
		m.Rows = append(m.Rows, describeExchange(v.texts, e, people))
	}
	page := p.page(c, v.texts.T("inspector.title"))
	return render(c, http.StatusOK, views.Inspector(page, m))
}

// maxInspected is how many exchanges a page shows.
const maxInspected = 100

func (q inspected) chooses(e outgoing.Exchange) bool {
	failed := wentWrong(e)
	switch {
	case q.request != "" && e.RequestID != q.request, q.vendor != "" && e.Vendor != q.vendor, q.userID != 0 && e.UserID != q.userID,
		q.status == "failed" && !failed, q.status == "ok" && failed:
		return false
	}
	return q.text == "" || slices.ContainsFunc([]string{e.Address, e.Query, e.Method, e.Err, e.Sent.Body, e.Received.Body, strconv.Itoa(e.Status)}, func(text string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(q.text))
	})
}

func describeExchange(t *catalogue.Texts, e outgoing.Exchange, people map[int64]string) views.Exchange {
	x := views.Exchange{
		ID: strconv.FormatInt(e.ID, 10), At: e.At, Vendor: e.Vendor, Cause: t.T("inspector.cause." + string(e.Cause)), What: e.Method + " " + e.Address, Failed: wentWrong(e),
		Outcome: outcome(e), Took: took(e.Duration) + " · ", Size: e.Size, Query: e.Query,
		Sent: describeMessage(e.Sent), Received: describeMessage(e.Received), Incoming: e.Cause == outgoing.Incoming || e.Cause == outgoing.Customer,
	}
	if e.Attempt > 1 {
		x.Cause += ", " + t.With("inspector.attempt", map[string]any{"Number": e.Attempt})
	}
	if e.Event != "" {
		x.What, x.Outcome, x.Took = t.T("inspector.event."+e.Event), t.T("inspector.lane.customer"), ""
	}
	if !x.Incoming && e.Cause != outgoing.Open && e.Event == "" {
		x.Curl = curl(e)
	}
	if e.RequestID != "" {
		x.Request = views.Link{Path: inspectorPath(e), Text: e.RequestID[:min(len(e.RequestID), 8)]}
	}
	if email := people[e.UserID]; email != "" {
		x.User = views.Link{Path: userPath(e.UserID), Text: email}
	}
	for _, step := range e.Checks {
		x.Checks = append(x.Checks, views.CheckedStep{Name: t.T("inspector.check." + step.Name), OK: step.OK, Why: step.Why})
	}
	return x
}

// inspectorPath leads to an exchange among those of its request; of what no request has caused, to the vendor's.
func inspectorPath(e outgoing.Exchange) string {
	among := url.Values{"vendor": {e.Vendor}}
	if e.RequestID != "" {
		among = url.Values{"request": {e.RequestID}}
	}
	return "/admin/inspector?" + among.Encode() + "#exchange-" + strconv.FormatInt(e.ID, 10)
}

// wentWrong tells whether something has not come to what it should: PricePlan and SailPlay also say no with status 200.
func wentWrong(e outgoing.Exchange) bool {
	return e.Refused() || strings.Contains(e.Received.Body, `"success": false`) || strings.Contains(e.Received.Body, `"status": "error"`)
}

func outcome(e outgoing.Exchange) string {
	if e.Err != "" {
		return e.Err
	}
	return strconv.Itoa(e.Status)
}

func took(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func describeMessage(m outgoing.Message) views.Message {
	var b strings.Builder
	for _, f := range m.Header {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
	}
	return views.Message{Header: b.String(), Body: m.Body}
}

// curl is the call for a shell; where a credential was there are dots.
func curl(e outgoing.Exchange) string {
	address := e.Address
	if e.Query != "" {
		address += "?" + e.Query
	}
	parts := []string{"curl", "-X", e.Method, quoted(address)}
	for _, f := range e.Sent.Header {
		parts = append(parts, "-H", quoted(f.Name+": "+f.Value))
	}
	if e.Sent.Body != "" {
		parts = append(parts, "--data", quoted(e.Sent.Body))
	}
	return strings.Join(parts, " ")
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// The live page is told at most so often that something is new, and asked anew whether it may after so long.
const liveEvery, liveFor = 500 * time.Millisecond, 5 * time.Minute

// inspectorLive tells a page that there is something new, not what: the page asks for that itself.
func (p *Portal) inspectorLive(c echo.Context) error {
	w := c.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	end, pause := time.NewTimer(liveFor), time.NewTimer(0)
	defer end.Stop()
	defer pause.Stop()
	for changed := p.config.Recorder.Changed(); ; {
		if _, err := fmt.Fprint(w, ": waiting\n\n"); err != nil {
			return nil
		}
		w.Flush()
		select {
		case <-changed:
			changed = p.config.Recorder.Changed() // before the page is told: what comes while it asks is news again
		case <-p.ending:
			return nil
		case <-end.C:
			return nil
		case <-c.Request().Context().Done():
			return nil
		}
		if _, err := fmt.Fprint(w, "data: changed\n\n"); err != nil {
			return nil
		}
		w.Flush()
		pause.Reset(liveEvery)
		select {
		case <-pause.C:
		case <-p.ending:
			return nil
		case <-c.Request().Context().Done():
			return nil
		}
	}
}
