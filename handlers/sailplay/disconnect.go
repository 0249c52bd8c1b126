package sailplay

import (
	"errors"
	"net/http"

	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// disconnectForm asks for the password: without it an open session could put another account in the place of this one.
func (s *Room) disconnectForm(r *web.Request) error {
	_, err := s.db.SailPlayLink(r.Request().Context(), r.User().ID)
	if errors.Is(err, store.ErrNotFound) {
		return r.Redirect(http.StatusSeeOther, "/loyalty")
	}
	if err != nil {
		return err
	}
	return s.showDisconnect(r)(http.StatusOK, views.Form{})
}

// disconnect unlinks the account.
func (s *Room) disconnect(r *web.Request) error {
	f, typed := r.Form(), r.Typed("password")
	f.Password("password", typed)
	return f.Confirmed(r, "password", s.showDisconnect(r), func() (string, error) {
		if _, err := r.VerifyPassword(typed); err != nil {
			return "", err
		}
		return "/loyalty?unlinked", s.db.DeleteSailPlayLink(r.Request().Context(), r.User().ID, r.Actor())
	})
}

func (s *Room) showDisconnect(r *web.Request) func(int, views.Form) error {
	return func(status int, f views.Form) error {
		return r.Show(status, views.LoyaltyDisconnect(r.Page(r.Texts.T("sailplay.unlink")), r.User().Email, f))
	}
}
