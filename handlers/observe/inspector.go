package observe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kabinet/handlers/contact"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/store"
	"kabinet/views"
)

// eventsByUser is how many events of a browser its pages may tell.
var eventsByUser = web.Limit{Name: "events of a user's browser", Burst: 30, Every: time.Second}

// Happened records what a page of the reader's tells of their browser. A stranger's tells nothing.
func (o *Room) Happened(r *web.Request) error {
	event := r.Typed("event")
	how, ok := first(o.hows, func(h How) bool { return slices.Contains(h.Events, event) })
	if !ok {
		return &web.Error{Status: http.StatusBadRequest}
	}
	if r.Session == nil { // in an anonymous chat
		return r.NoContent(http.StatusNoContent)
	}
	if err := o.eventsOfUser.Take(strconv.FormatInt(r.User().ID, 10)); err != nil {
		return err
	}
	o.site.Recorder.Add(outgoing.Exchange{
		At: time.Now(), Vendor: how.vendor, Cause: outgoing.Browser, Event: event, Status: http.StatusNoContent,
		RequestID: r.ID, UserID: r.User().ID,
	})
	return r.NoContent(http.StatusNoContent)
}

// Inspector shows administrators what the portal and the vendors have said to each other.
func (o *Room) Inspector(r *web.Request) error {
	m := views.InspectorModel{
		Vendor: r.QueryParam("vendor"), Status: r.QueryParam("status"), Request: r.QueryParam("request"),
		Text: strings.TrimSpace(r.QueryParam("text")), User: strings.TrimSpace(r.QueryParam("user")),
		OfInstance: o.site.DB.IsShared(),
	}
	for _, v := range o.vendors {
		m.Vendors = append(m.Vendors, v.Name())
	}
	var userID int64
	if m.User != "" {
		u, err := o.site.DB.UserByEmail(r.Request().Context(), contact.CanonicalEmail(m.User))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if userID = u.ID; errors.Is(err, store.ErrNotFound) {
			userID = -1 // nobody's
		}
	}
	chosen := slices.DeleteFunc(o.site.Recorder.Exchanges(), func(e outgoing.Exchange) bool {
		return !chooses(m, userID, e)
	})
	if m.Request != "" {
		m.Diagram = o.diagram(r.Texts, chosen)
	}
	slices.Reverse(chosen)
	var ids []int64
	for _, e := range chosen {
		ids = append(ids, e.UserID)
	}
	people, err := o.site.DB.Emails(r.Request().Context(), ids)
	if err != nil {
		return err
	}
	for _, e := range chosen[:min(len(chosen), maxInspected)] {
		m.Rows = append(m.Rows, describeExchange(r.Texts, e, people))
	}
	return r.Show(http.StatusOK, views.Inspector(r.Page(r.Texts.T("inspector.title")), m))
}

// maxInspected is how many exchanges a page shows.
const maxInspected = 100

// chooses reports whether the reader has chosen to see an exchange, among those of a user; 0 for everybody's.
func chooses(m views.InspectorModel, userID int64, e outgoing.Exchange) bool {
	failed := e.WentWrong()
	switch {
	case userID != 0 && e.UserID != userID,
		m.Request != "" && e.RequestID != m.Request, m.Vendor != "" && e.Vendor != m.Vendor,
		m.Status == "failed" && !failed, m.Status == "ok" && failed:
		return false
	}
	shown := []string{e.Address, e.Query, e.Method, e.Err, e.Sent.Body, e.Received.Body, strconv.Itoa(e.Status)}
	return m.Text == "" || slices.ContainsFunc(shown, func(text string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(m.Text))
	})
}

func describeExchange(t *catalogue.Texts, e outgoing.Exchange, people map[int64]string) views.Exchange {
	x := views.Exchange{
		ID: strconv.FormatInt(e.ID, 10), At: e.At, Vendor: e.Vendor,
		Cause: t.T("inspector.cause." + string(e.Cause)), What: e.Method + " " + e.Address, Failed: e.WentWrong(),
		Outcome: outcome(t, e), Took: t.Milliseconds(e.Duration) + " · ", Size: e.Size, Query: e.Query,
		Sent: describeMessage(e.Sent), Received: describeMessage(e.Received),
		Incoming:   e.Cause == outgoing.Incoming || e.Cause == outgoing.Customer,
		ByCustomer: e.Cause == outgoing.Customer,
	}
	if e.Attempt > 1 {
		x.Cause += ", " + t.With("inspector.attempt", map[string]any{"Number": e.Attempt})
	}
	if e.Event != "" {
		x.What, x.Outcome, x.Took = t.T("inspector.event."+e.Event), t.T("inspector.lane.customer"), ""
	}
	if !x.Incoming && e.Cause != outgoing.Open && e.Event == "" && strings.HasPrefix(e.Address, "http") {
		x.Curl = curl(e)
	}
	if e.RequestID != "" {
		x.Request = views.Link{Path: inspectorPath(e), Text: e.RequestID[:min(len(e.RequestID), 8)]}
	}
	if email := people[e.UserID]; email != "" {
		x.User = views.Link{Path: views.UserPath(e.UserID), Text: email}
	}
	for _, step := range e.Checks {
		x.Checks = append(x.Checks, views.CheckedStep{Name: t.T("inspector.check." + step.Name), OK: step.OK,
			Why: step.Why})
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

// outcome is the status, or else why nothing was answered: in the reader's language for the errors of package
// outgoing that the catalogue has, and as they are for others.
func outcome(t *catalogue.Texts, e outgoing.Exchange) string {
	if e.Err != "" {
		return t.Or("outcome."+e.Err, e.Err)
	}
	return strconv.Itoa(e.Status)
}

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

// InspectorLive tells a page that there is something new, not what: the page asks for that itself.
func (o *Room) InspectorLive(r *web.Request) error {
	w := r.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy shall pass on at once what comes
	w.WriteHeader(http.StatusOK)
	ctx, stop := context.WithTimeout(r.Request().Context(), liveFor)
	defer stop()
	defer context.AfterFunc(o.site.Ending, stop)()
	tell := func(text string) {
		if _, err := fmt.Fprint(w, text); err != nil {
			stop()
		}
		w.Flush()
	}
	for changed := o.site.Recorder.Changed(); ; {
		tell(": waiting\n\n")
		select {
		case <-changed:
			changed = o.site.Recorder.Changed() // before the page is told: what comes while it asks is news again
		case <-ctx.Done():
			return nil
		}
		tell("data: changed\n\n")
		if outgoing.Wait(ctx, liveEvery) != nil {
			return nil
		}
	}
}
