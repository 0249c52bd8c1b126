package web

import (
	"slices"

	"github.com/mileusna/useragent"

	"kabinet/integrations/catalogue"
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

// DeviceOf is the reader's browser and system, for letters: what a browser says of itself may be anything, so only
// those that are known are named.
func (s *Site) DeviceOf(r *Request) string {
	parsed := useragent.Parse(agentOf(r.Request()))
	if !slices.Contains(browsers, parsed.Name) || !slices.Contains(systems, parsed.OS) {
		return r.Texts.T("sessions.unknown")
	}
	return parsed.Name + " · " + parsed.OS
}

var browsers = []string{
	useragent.Chrome, useragent.HeadlessChrome, useragent.Firefox, useragent.Safari, useragent.Edge, useragent.Opera,
	useragent.OperaMini, useragent.OperaTouch, useragent.SamsungBrowser, useragent.Vivaldi,
	useragent.MobileSafari,
}

var systems = []string{
	useragent.Windows, useragent.Linux, useragent.MacOS, useragent.Android, useragent.IOS,
	useragent.ChromeOS, useragent.CrOS, useragent.FreeBSD, useragent.Harmony,
}

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
