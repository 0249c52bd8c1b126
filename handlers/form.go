package handlers

import (
	"errors"
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

// readForm reads the body of a form before anything else looks at it, so that one which is
// too long or broken is refused as a whole. Handlers then take PostFormValue: what stands in
// the address is no input, and a password there would end up in the logs of proxies.
func readForm(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Method != http.MethodPost {
			return next(c)
		}
		err := c.Request().ParseForm()
		if tooLarge, ok := errors.AsType[*echo.HTTPError](err); ok {
			return tooLarge
		}
		if err != nil {
			return &Error{Code: codeBadRequest, Cause: errors.New("the form cannot be read")}
		}
		return next(c)
	}
}
