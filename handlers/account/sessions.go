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
	m := views.SessionsModel{Sessions: sessions, Ended: r.QueryParams().Has("ended")}
	for i := range m.Sessions {
		m.Sessions[i].Current = m.Sessions[i].Handle == string(r.Session.Handle)
	}
	slices.SortStableFunc(m.Sessions, func(a, b views.Session) int { // the reader's own first
		if a.Current == b.Current {
			return 0
		}
		if a.Current {
			return -1
		}
		return 1
	})
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
