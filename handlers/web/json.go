package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"kabinet/handlers/password"
)

// asJSON answers programs: nothing is kept on the way, and an error is {"error": its code}.
func asJSON(r *Request, next func(*Request) error) error {
	h := r.Response().Header()
	h.Set("Cache-Control", "no-store")
	err := next(r)
	if err == nil || r.Response().Committed || r.Request().Context().Err() != nil {
		return err
	}
	setRetryAfter(h, err)
	if errors.Is(err, password.ErrBusy) {
		err = &Error{Status: http.StatusServiceUnavailable, Cause: err}
	}
	status := statusOf(err)
	// The error goes on, for the log.
	return errors.Join(err, r.JSON(status, map[string]string{"error": codes[status]}))
}

// maxRequest is the most that is read of what a program sends, in bytes.
const maxRequest = 128 << 10

// Sent reads what a program sends, a form or a flat JSON object of texts. What stands in the address is no input.
func (r *Request) Sent() (url.Values, error) {
	body, err := io.ReadAll(http.MaxBytesReader(r.Response(), r.Request().Body, maxRequest))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge}
	}
	if err != nil {
		return nil, &Error{Status: http.StatusBadRequest, Cause: errors.New("the body cannot be read")}
	}
	// What the parsers say would quote what was sent, a password perhaps.
	kind, parameters, _ := mime.ParseMediaType(r.Request().Header.Get("Content-Type"))
	switch kind {
	case "multipart/form-data":
		form, err := multipart.NewReader(bytes.NewReader(body), parameters["boundary"]).ReadForm(maxRequest)
		if err == nil {
			defer form.RemoveAll() //nolint:errcheck // it is all in memory
			return url.Values(form.Value), nil
		}
	case "application/x-www-form-urlencoded":
		if form, err := url.ParseQuery(string(body)); err == nil {
			return form, nil
		}
	case "application/json":
		var object map[string]string
		if err := json.Unmarshal(body, &object); err == nil {
			form := url.Values{}
			for name, value := range object {
				form.Set(name, value)
			}
			return form, nil
		}
	}
	return nil, &Error{Status: http.StatusBadRequest,
		Cause: errors.New("the body is neither a form nor an object of texts")}
}
