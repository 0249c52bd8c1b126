package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/store"
)

// language keeps the reader's choice: in a cookie for strangers, in the profile too for users.
func (p *Portal) language(c echo.Context) error {
	l, ok := catalogue.Parse(c.FormValue("language"))
	if !ok {
		return &Error{Code: codeBadRequest}
	}
	catalogue.Remember(c.Response(), l, p.config.BaseURL.Scheme == "https", false)
	if v := visitOf(c); v.session != nil {
		u := v.user()
		if err := p.db.SetProfile(v.ctx, u.ID, store.Profile{Name: u.Name, Phone: u.Phone, Language: string(l)}); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("next")))
}
