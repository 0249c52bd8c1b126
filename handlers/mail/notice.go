package mail

import (
	"cmp"

	"kabinet/handlers/web"
	"kabinet/store"
)

// LanguageOf is the language that a user is written to in: their account's, or else that of the browser that asks.
func LanguageOf(r *web.Request, user store.User) string {
	return cmp.Or(user.Language, string(r.Texts.Language))
}

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
		At: m.db.Now(), Address: r.RealIP(), Browser: m.site.DeviceOf(r), Link: link,
	}
	return m.Letter(kind, user.Email, LanguageOf(r, user), says)
}
