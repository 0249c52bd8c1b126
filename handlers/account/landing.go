package account

import (
	"net/http"

	"kabinet/handlers/web"

	"kabinet/views"
)

// Landing is the portal's front door.
func (e *Entrance) Landing(r *web.Request) error {
	return r.Show(http.StatusOK, views.Landing(r.Page(r.Texts.T("landing.title")), r.QueryParams().Has("deleted")))
}
