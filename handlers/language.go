package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
)

// language keeps the reader's choice: in a cookie for strangers, in the profile too for users.
func (p *Portal) language(c echo.Context) error {
	l, ok := catalogue.Parse(c.Request().PostFormValue("language"))
	if !ok {
		return &Error{Code: codeBadRequest}
	}
	catalogue.Remember(c.Response(), l, p.config.BaseURL.Scheme == "https", false)
	if v := visitOf(c); v.session != nil {
		if err := p.db.SetLanguage(c.Request().Context(), v.user().ID, string(l)); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.Request().PostFormValue("next")))
}
