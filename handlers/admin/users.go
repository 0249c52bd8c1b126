package admin

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// Begin leads to where administrators begin.
func (a *Room) Begin(r *web.Request) error { return r.Redirect(http.StatusSeeOther, "/admin/users") }

// Users lists and searches users.
func (a *Room) Users(r *web.Request) error {
	search := r.QueryParam("search")
	page, err := a.site.DB.Users(r.Request().Context(), store.UserQuery{Search: search, Page: r.Cursor()})
	if err != nil {
		return err
	}
	m := views.UsersModel{Search: search, Pager: web.Pager(r, page)}
	for _, u := range page.Rows {
		row := views.UserRow{Path: views.UserPath(u.ID), Email: u.Email, Name: u.Name,
			Role: r.Texts.T("role." + string(u.Role)), Since: u.CreatedAt}
		if u.Disabled() {
			row.Disabled = r.Texts.T("user.disabled")
		}
		m.Users = append(m.Users, row)
	}
	return r.Show(http.StatusOK, views.Users(r.Page(r.Texts.T("users.title")), m))
}
