package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/store"
	"kabinet/views"
)

// Code says what kind of failure an error is. Each has a status, and a title and a text in
// the catalogue.
type Code string

const (
	codeBadRequest       Code = "bad_request"
	codeUnauthorized     Code = "unauthorized" // for programs; people are led to the sign-in page
	codeForbidden        Code = "forbidden"
	codeNotFound         Code = "not_found"
	codeMethodNotAllowed Code = "method_not_allowed"
	codeConflict         Code = "conflict"      // for programs
	codeUnprocessable    Code = "unprocessable" // for programs; people get the form again
	codeTooLarge         Code = "too_large"
	codeTooOften         Code = "too_often"
	codeBusy             Code = "busy" // for programs
	codeInternal         Code = "internal"
)

var statusOf = map[Code]int{
	codeBadRequest:       http.StatusBadRequest,
	codeUnauthorized:     http.StatusUnauthorized,
	codeForbidden:        http.StatusForbidden,
	codeNotFound:         http.StatusNotFound,
	codeMethodNotAllowed: http.StatusMethodNotAllowed,
	codeConflict:         http.StatusConflict,
	codeUnprocessable:    http.StatusUnprocessableEntity,
	codeTooLarge:         http.StatusRequestEntityTooLarge,
	codeTooOften:         http.StatusTooManyRequests,
	codeBusy:             http.StatusServiceUnavailable,
	codeInternal:         http.StatusInternalServerError,
}

// Error is a failure that ends a request. The reader sees the texts of its code; the cause is only logged.
type Error struct {
	Code  Code
	Cause error
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

func notFound() error { return &Error{Code: codeNotFound} }

// codeOf is the code of any error: ours, Echo's, a throttle's, or something unforeseen.
func codeOf(err error) Code {
	if _, ok := errors.AsType[*store.Refusal](err); ok {
		return codeTooOften
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		for code, status := range statusOf {
			if status == e.Code {
				return code
			}
		}
	}
	return codeInternal
}

// statusLeft is for the log, as other servers write it: nobody is there to receive it.
const statusLeft = 499

// fail answers a request that ended in an error with the page for it.
func (p *Portal) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if c.Request().Context().Err() != nil { // the reader has left
		c.Response().Status = statusLeft
		return
	}
	v := visitOf(c)
	code := codeOf(err)
	if code == codeNotFound || code == codeMethodNotAllowed {
		// No route has looked who asks. If that fails too, the page is a stranger's.
		if err := p.recognise(c); err != nil {
			p.config.Log.Error("looking who asks", "request", v.requestID, "error", err)
		}
	}
	if refusal, ok := errors.AsType[*store.Refusal](err); ok {
		c.Response().Header().Set("Retry-After", retryAfter(refusal))
	}
	f := views.Failure{Title: v.texts.T("error." + string(code) + ".title"), Text: v.texts.T("error." + string(code) + ".text")}
	if code == codeInternal {
		f.RequestID = v.requestID
	}
	page := p.page(c, f.Title)
	page.Return = "/" // a change of language must not lead back to an error
	if err := render(c, statusOf[code], views.ErrorPage(page, f)); err != nil {
		p.config.Log.Error("showing an error page", "request", v.requestID, "error", err)
	}
}
