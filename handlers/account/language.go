package account

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
)

// ChangeLanguage keeps the reader's choice: in a cookie for strangers, in the profile too for users.
func (e *Entrance) ChangeLanguage(r *web.Request) error {
	l, ok := catalogue.Parse(r.Typed("language"))
	if !ok {
		return &web.Error{Status: http.StatusBadRequest}
	}
	catalogue.Remember(r.Response(), l, e.site.IsSecure(), false)
	if r.Session != nil {
		if err := e.site.DB.SetLanguage(r.Request().Context(), r.User().ID, string(l)); err != nil {
			return err
		}
	}
	return r.Redirect(http.StatusSeeOther, localPath(r.Typed("next")))
}
