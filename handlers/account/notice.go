package account

import (
	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
)

// notice is a letter to a user about what has just been done: when, from where, by what, and what to do if it was
// somebody else; the zero value without mail.
func notice(site *web.Site, m *mail.Room, r *web.Request, kind mail.Kind, user store.User) store.Letter {
	says := mail.Says{
		Name: user.Name, Email: user.Email, UserID: user.ID,
		At: site.DB.Now(), Address: r.RealIP(), Browser: web.DeviceOf(r),
	}
	if kind != mail.Deleted {
		says.Link = site.URL("/recover")
	}
	return m.Letter(kind, user.Email, user.Language, says)
}
