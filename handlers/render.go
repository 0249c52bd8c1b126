package handlers

import (
	"bytes"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render writes a page. It is rendered whole first, so that a failure becomes an error page
// and not half a page.
func render(c echo.Context, status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(c.Request().Context(), b); err != nil {
		return err
	}
	h := c.Response().Header()
	v := visitOf(c)
	// Again, now that the handler has said which vendor's hosts its page needs.
	h.Set("Content-Security-Policy", v.policy.header(v.nonce))
	// Pages are personal, and after signing out the back button must not show them.
	h.Set("Cache-Control", "no-store")
	return c.HTMLBlob(status, b.Bytes())
}
