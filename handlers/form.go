package handlers

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/views"
)

// typed are the values of a form's fields. Passwords do not belong among them: they are shown again.
func typed(c echo.Context, names ...string) *fields {
	values := map[string]string{}
	for _, name := range names {
		values[name] = c.Request().PostFormValue(name)
	}
	return &fields{texts: visitOf(c).texts, form: views.Form{Values: values}}
}

// maxForm is in bytes.
const maxForm = 1 << 20

// readForm reads the body of a form before anything else looks at it, so that one which is
// too long or broken is refused as a whole. Handlers then take PostFormValue: what stands in
// the address is no input, and a password there would end up in the logs of proxies.
func readForm(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodPost {
			return next(c)
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
		err := r.ParseForm()
		if kind, _, wrong := mime.ParseMediaType(r.Header.Get("Content-Type")); wrong != nil || kind != "application/x-www-form-urlencoded" {
			// No form of ours; what else it is only its length tells.
			_, err = io.Copy(io.Discard, r.Body)
			err = errors.Join(err, errors.New("it is of another kind"))
		}
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return &Error{Code: codeTooLarge}
		}
		if err != nil {
			return &Error{Code: codeBadRequest, Cause: errors.New("the form cannot be read")}
		}
		return next(c)
	}
}
