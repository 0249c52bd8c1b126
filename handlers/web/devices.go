package web

import (
	"github.com/mileusna/useragent"

	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// SessionsOf are a user's sessions, in words that their owner knows them by.
func (r *Request) SessionsOf(userID int64) ([]views.Session, error) {
	sessions, err := r.site.DB.Sessions(r.Request().Context(), userID)
	described := make([]views.Session, 0, len(sessions))
	for _, s := range sessions {
		described = append(described, views.Session{
			Handle: string(s.Handle), Device: deviceOf(s.UserAgent, r.Texts), Address: s.Address,
			First: s.CreatedAt, Last: s.SeenAt,
		})
	}
	return described, err
}

// DeviceOf is what the reader's browser says of itself, in words.
func DeviceOf(r *Request) string { return deviceOf(agentOf(r.Request()), r.Texts) }

// KnowsDeviceOf reports whether the user has signed in with the reader's browser before.
func (s *Site) KnowsDeviceOf(r *Request, user store.User) bool { return s.devices.known(r, user) }

func deviceOf(agent string, t *catalogue.Texts) string {
	parsed := useragent.Parse(agent)
	switch {
	case parsed.Name == "" || parsed.OS == "":
		return t.T("sessions.unknown")
	case parsed.Device != "":
		return parsed.Name + " · " + parsed.OS + " · " + parsed.Device
	}
	return parsed.Name + " · " + parsed.OS
}
