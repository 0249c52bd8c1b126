package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// users lists and searches users.
func (p *Portal) users(c echo.Context) error {
	v, search := visitOf(c), c.QueryParam("search")
	page, err := p.db.Users(c.Request().Context(), store.UserQuery{Search: search, Page: cursor(c)})
	if err != nil {
		return err
	}
	m := views.UsersModel{Search: search, Pager: pager(c, page)}
	for _, u := range page.Rows {
		m.Users = append(m.Users, userRow(u, v.texts))
	}
	return render(c, http.StatusOK, views.Users(p.page(c, v.texts.T("users.title")), m))
}

func userRow(u store.User, t *catalogue.Texts) views.UserRow {
	row := views.UserRow{Path: userPath(u.ID), Email: u.Email, Name: u.Name, Role: t.T("role." + string(u.Role)), Since: u.CreatedAt}
	if u.Disabled() {
		row.Disabled = t.T("user.disabled")
	}
	return row
}

func userPath(id int64) string { return "/admin/users/" + strconv.FormatInt(id, 10) }
