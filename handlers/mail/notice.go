package mail

import (
	"kabinet/handlers/web"
	"kabinet/store"
)

// Notice is a letter to a user about what has just been done: when, from where, by what, and what to do if it was
// somebody else; the zero value without mail.
func (m *Room) Notice(r *web.Request, kind Kind, user store.User) store.Letter {
	if m == nil || kind == None {
		return store.Letter{}
	}
	link := m.site.URL("/recover")
	if kind == Deleted {
		link = ""
	}
	return m.NoticeWith(r, kind, user, link)
}

// NoticeWith is Notice with a link of its own.
func (m *Room) NoticeWith(r *web.Request, kind Kind, user store.User, link string) store.Letter {
	says := Says{
		Name: user.Name, Email: user.Email, UserID: user.ID,
		At: m.db.Now(), Address: r.RealIP(), Browser: web.DeviceOf(r), Link: link,
	}
	return m.Letter(kind, user.Email, user.Language, says)
}
