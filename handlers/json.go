package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/store"
)

// asJSON answers programs: nothing is kept on the way, and an error is {"error": its code}.
func asJSON(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Cache-Control", "no-store")
		err := next(c)
		if err == nil || c.Response().Committed || c.Request().Context().Err() != nil {
			return err
		}
		if refusal, ok := errors.AsType[*store.Refusal](err); ok {
			h.Set("Retry-After", retryAfter(refusal))
		}
		if errors.Is(err, password.ErrBusy) {
			h.Set("Retry-After", "5")
			err = &Error{Code: codeBusy, Cause: err}
		}
		code := codeOf(err)
		// The error goes on, for the log.
		return errors.Join(err, c.JSON(statusOf[code], map[string]Code{"error": code}))
	}
}

// maxRequest is the most that is read of what a program sends, in bytes.
const maxRequest = 128 << 10

// values reads what a program sends, a form or a flat JSON object of texts. What stands in the
// address is no input.
func values(c echo.Context) (url.Values, error) {
	r := c.Request()
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, maxRequest))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, &Error{Code: codeTooLarge}
	}
	if err != nil {
		return nil, &Error{Code: codeBadRequest, Cause: errors.New("the body cannot be read")}
	}
	// What the parsers say would quote what was sent, a password perhaps.
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
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
	return nil, &Error{Code: codeBadRequest, Cause: errors.New("the body is neither a form nor an object of texts")}
}
