package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/store"
	"kabinet/views"
)

// codes are the failures that a page may end in, each with a title and a text in the catalogue.
var codes = map[int]string{
	http.StatusBadRequest:            "bad_request",
	http.StatusUnauthorized:          "unauthorized", // for programs; people are led to the sign-in page
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "not_found",
	http.StatusMethodNotAllowed:      "method_not_allowed",
	http.StatusConflict:              "conflict",      // for programs
	http.StatusUnprocessableEntity:   "unprocessable", // for programs; people get the form again
	http.StatusRequestEntityTooLarge: "too_large",
	http.StatusTooManyRequests:       "too_often",
	http.StatusServiceUnavailable:    "busy",
	http.StatusInternalServerError:   "internal",
}

// Error is a failure that ends a request. The reader sees the texts of its status, or 500's where there are none; the
// cause is only logged.
type Error struct {
	Status int
	Cause  error
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return codes[e.Status]
	}
	return codes[e.Status] + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// statusOf is the status of any error: ours, Echo's, a limit's, or something unforeseen.
func statusOf(err error) int {
	status := http.StatusInternalServerError
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		status = e.Code
	}
	if e, ok := errors.AsType[*Error](err); ok {
		status = e.Status
	}
	if _, ok := errors.AsType[*store.Refusal](err); ok {
		status = http.StatusTooManyRequests
	}
	if status == http.StatusInternalServerError && store.IsUnavailable(err) {
		status = http.StatusServiceUnavailable
	}
	if codes[status] == "" {
		return http.StatusInternalServerError
	}
	return status
}

// setRetryAfter says when it is worth trying again, where the error tells.
func setRetryAfter(h http.Header, err error) {
	if refusal, ok := errors.AsType[*store.Refusal](err); ok {
		h.Set("Retry-After", refusal.RetryAfter())
	} else if store.IsUnavailable(err) || errors.Is(err, password.ErrBusy) {
		h.Set("Retry-After", "5")
	}
}

// statusLeft is for the log, as other servers write it: nobody is there to receive it.
const statusLeft = 499

// fail answers a request that ended in an error with the page for it.
func (s *Site) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if c.Request().Context().Err() != nil { // the reader has left
		c.Response().Status = statusLeft
		return
	}
	r, status := requestOf(c), statusOf(err)
	if status == http.StatusNotFound || status == http.StatusMethodNotAllowed {
		// No route has looked who asks. If that fails too, the page is a stranger's.
		if err := s.recognise(r); err != nil {
			s.Log.Error("looking who asks", "request", r.ID, "error", err)
		}
	}
	setRetryAfter(c.Response().Header(), err)
	texts := "error." + codes[status]
	f := views.Failure{Title: r.Texts.T(texts + ".title"), Text: r.Texts.T(texts + ".text")}
	if status == http.StatusInternalServerError {
		f.RequestID = r.ID
	}
	page := r.Page(f.Title)
	page.Return = "/" // a change of language must not lead back to an error
	if err := r.Show(status, views.ErrorPage(page, f)); err != nil {
		s.Log.Error("showing an error page", "request", r.ID, "error", err)
	}
}
