package account

import (
	"net/http"
	"slices"

	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// Sessions shows the reader where they are signed in.
func (c *Customer) Sessions(r *web.Request) error {
	sessions, err := r.SessionsOf(r.User().ID)
	if err != nil {
		return err
	}
	isOwn := func(s views.Session) bool { return s.Handle == string(r.Session.Handle) }
	if i := slices.IndexFunc(sessions, isOwn); i >= 0 { // the reader's own first
		own := sessions[i]
		own.Current = true
		sessions = slices.Insert(slices.Delete(sessions, i, i+1), 0, own)
	}
	m := views.SessionsModel{Sessions: sessions, Ended: r.QueryParams().Has("ended")}
	return r.Show(http.StatusOK, views.Sessions(r.Page(r.Texts.T("sessions.title")), m))
}

// EndSession ends the session of the form.
func (c *Customer) EndSession(r *web.Request) error {
	handle := store.Handle(r.Typed("session"))
	if err := c.site.DB.EndSession(r.Request().Context(), r.User().ID, handle, r.Actor()); err != nil {
		return err
	}
	return r.Redirect(http.StatusSeeOther, "/profile/sessions?ended")
}

// EndOtherSessions ends all but this one.
func (c *Customer) EndOtherSessions(r *web.Request) error {
	token, err := r.Token()
	if err != nil {
		return err
	}
	if err := c.site.DB.EndSessions(r.Request().Context(), r.User().ID, &token, r.Actor()); err != nil {
		return err
	}
	return r.Redirect(http.StatusSeeOther, "/profile/sessions?ended")
}
