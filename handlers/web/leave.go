package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"kabinet/views"
)

// Redirect answers with another address. Browsers hold every redirect of a form to form-action, and Chromium stops one
// that leaves the portal without a word. So a chain that would lead out ends, one step before, on a page of ours that
// goes on by itself. Which routes lead out says Route.Leaves.
func (r *Request) Redirect(status int, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	asked := r.Request().Method
	byForm := asked != http.MethodGet && asked != http.MethodHead
	if u.Host != "" && byForm || u.Host == "" && r.site.leaves[path.Clean(u.Path)] {
		h := r.Response().Header()
		h.Set("Refresh", "0; url="+address)
		page := r.Page(r.Texts.T("leave.title"))
		page.Return = "/" // a change of language must not lead to where only a form leads
		return r.Show(http.StatusOK, views.GoOn(page, address))
	}
	return r.Context.Redirect(status, address)
}

func withOtherSlash(path string) string {
	if to, ok := strings.CutSuffix(path, "/"); ok {
		return to
	}
	return path + "/"
}

// otherSlash leads from a page's path with a slash too many, or without the one that it has, to the page.
func otherSlash(r *Request) error {
	asked := r.Request().URL
	return r.Redirect(http.StatusMovedPermanently, (&url.URL{
		Path: withOtherSlash(asked.Path), RawPath: withOtherSlash(asked.RawPath), RawQuery: asked.RawQuery,
	}).String())
}

// notAhead refuses what a browser asks for before anybody wants to see it: many pages use something up, count, or keep
// a session alive. Refused, it is asked again when somebody does.
func notAhead(r *Request, next func(*Request) error) error {
	h := r.Request().Header
	for _, purpose := range []string{h.Get("Sec-Purpose"), h.Get("Purpose"), h.Get("X-Purpose"), h.Get("X-Moz")} {
		if strings.HasPrefix(strings.ToLower(purpose), "prefetch") || strings.EqualFold(purpose, "preview") {
			r.Response().Header().Set("Cache-Control", "no-store")
			return r.NoContent(http.StatusForbidden) // no failure, for the log
		}
	}
	return next(r)
}
