package web

import (
	"bytes"
	"sync"

	"github.com/a-h/templ"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Show answers with a page. It is rendered whole first, so that a failure becomes an error page and not half a page.
func (r *Request) Show(status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(r.Request().Context(), b); err != nil {
		return err
	}
	h := r.Response().Header()
	// Again, now that the handler has said which vendor's hosts its page needs.
	h.Set("Content-Security-Policy", r.Policy.header(r.nonce))
	// Pages are personal, and after signing out the back button must not show them.
	h.Set("Cache-Control", "no-store")
	return r.HTMLBlob(status, b.Bytes())
}
