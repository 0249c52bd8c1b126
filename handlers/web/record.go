package web

import (
	"net/http"
	"strings"
	"time"

	"kabinet/integrations/outgoing"
)

// recorded records what a vendor, or a customer's browser on the way to one, asks of the portal. It stands around
// everything else of a route, so that refusals are recorded too.
func recorded(r *Request, next func(*Request) error) error {
	if m := r.Request().Method; m == http.MethodHead || m == http.MethodOptions {
		return next(r)
	}
	answer := &jsonCopy{ResponseWriter: r.Response().Writer}
	r.Response().Writer = answer
	began := time.Now()
	err := next(r)
	e := outgoing.Exchange{
		At: began, Vendor: r.route.Vendor, Cause: r.route.Recorded, Method: r.Request().Method, Attempt: 1,
		Address: r.site.BaseURL.String() + r.Path(), // the route: addresses may carry credentials
		Status:  r.Response().Status, Duration: time.Since(began), Size: r.Response().Size,
	}
	if err != nil && !r.Response().Committed {
		e.Status = statusOf(err)
	}
	if r.calls.UserID.Load() == 0 && e.Refused() && r.site.strangers.Take(e.Vendor) != nil {
		return err // strangers must not push everything else out
	}
	r.site.Recorder.AddAsked(r.calls, e, answer.text)
	return err
}

// jsonCopy keeps a copy of an answer that is JSON.
type jsonCopy struct {
	http.ResponseWriter
	text []byte
}

func (w *jsonCopy) Write(p []byte) (int, error) {
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		w.text = append(w.text, p...)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what is wrapped.
func (w *jsonCopy) Unwrap() http.ResponseWriter { return w.ResponseWriter }
