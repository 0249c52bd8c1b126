package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/mileusna/useragent"

	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// sessionList shows the reader where they are signed in.
func (p *Portal) sessionList(c echo.Context) error {
	v := visitOf(c)
	sessions, err := p.db.Sessions(c.Request().Context(), v.user().ID)
	if err != nil {
		return err
	}
	m := views.SessionsModel{Sessions: describe(sessions, v.texts), Ended: c.QueryParams().Has("ended")}
	for i := range m.Sessions {
		m.Sessions[i].Current = m.Sessions[i].Handle == string(v.session.Handle)
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
	return render(c, http.StatusOK, views.Sessions(p.page(c, v.texts.T("sessions.title")), m))
}

func (p *Portal) endOneSession(c echo.Context) error {
	handle := store.Handle(c.Request().PostFormValue("session"))
	if err := p.db.EndSession(c.Request().Context(), visitOf(c).user().ID, handle, by(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/profile/sessions?ended")
}

func (p *Portal) endOtherSessions(c echo.Context) error {
	token, err := p.currentToken(c)
	if err != nil {
		return err
	}
	if err := p.db.EndSessions(c.Request().Context(), visitOf(c).user().ID, token, by(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/profile/sessions?ended")
}

func describe(sessions []store.Session, t *catalogue.Texts) []views.Session {
	described := make([]views.Session, 0, len(sessions))
	for _, s := range sessions {
		described = append(described, views.Session{
			Handle: string(s.Handle), Device: device(s.UserAgent, t), Address: s.Address, First: s.CreatedAt, Last: s.SeenAt,
		})
	}
	return described
}

// device is a browser in words that its owner knows it by.
func device(agent string, t *catalogue.Texts) string {
	parsed := useragent.Parse(agent)
	switch {
	case parsed.Name == "" || parsed.OS == "":
		return t.T("sessions.unknown")
	case parsed.Device != "":
		return parsed.Name + " · " + parsed.OS + " · " + parsed.Device
	}
	return parsed.Name + " · " + parsed.OS
}
