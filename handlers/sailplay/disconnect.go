package sailplay

import (
	"errors"
	"net/http"

	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// disconnectForm asks whether the account is to be unlinked.
func (s *Room) disconnectForm(r *web.Request) error {
	_, err := s.db.SailPlayLink(r.Request().Context(), r.User().ID)
	if errors.Is(err, store.ErrNotFound) {
		return r.Redirect(http.StatusSeeOther, "/loyalty")
	}
	if err != nil {
		return err
	}
	return r.Show(http.StatusOK, views.LoyaltyDisconnect(r.Page(r.Texts.T("sailplay.unlink"))))
}

// disconnect unlinks the account.
func (s *Room) disconnect(r *web.Request) error {
	if err := s.db.DeleteSailPlayLink(r.Request().Context(), r.User().ID, r.Actor()); err != nil {
		return err
	}
	return r.Redirect(http.StatusSeeOther, "/loyalty?unlinked")
}
