package catalogue

import (
	"net/http"
	"slices"
	"time"

	"golang.org/x/text/language"
)

// cookieName is shared by all hosts' pages; each host has its own cookie.
const cookieName = "language"

// matcher answers with an index into Languages.
var matcher = func() language.Matcher {
	var tags []language.Tag
	for _, l := range Languages {
		tags = append(tags, language.MustParse(string(l)))
	}
	return language.NewMatcher(tags)
}()

// Parse returns the language a setting or a form names, and false when there is no such language.
func Parse(s string) (Language, bool) {
	if !slices.Contains(Languages, Language(s)) {
		return "", false
	}
	return Language(s), true
}

// Chosen returns the language that was chosen in the browser before, and false where none was.
func Chosen(r *http.Request) (Language, bool) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return "", false
	}
	return Parse(c.Value)
}

// ChosenBefore is the request as if the language had been chosen in the browser before, where none was.
func ChosenBefore(r *http.Request, l Language) *http.Request {
	if _, ok := Chosen(r); ok {
		return r
	}
	r = r.Clone(r.Context())
	r.AddCookie(&http.Cookie{Name: cookieName, Value: string(l)})
	return r
}

// Of returns the language for a reader whom the server does not know: the one chosen
// before (a cookie), else the best of Accept-Language, else Russian.
func Of(r *http.Request) Language {
	if l, ok := Chosen(r); ok {
		return l
	}
	header := r.Header.Get("Accept-Language")
	if len(header) > 500 { // parsing is not linear in what a stranger sends
		return Russian
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 {
		return Russian
	}
	if _, i, confidence := matcher.Match(tags...); confidence >= language.Low {
		return Languages[i]
	}
	// Somebody who reads neither is better served by English.
	return English
}

// Forget takes back the reader's choice.
func Forget(w http.ResponseWriter, secure bool) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Path: "/", MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
}

// Remember keeps the reader's choice for a year. framed says that the page is shown inside
// another site's page, where browsers keep only partitioned cookies.
func Remember(w http.ResponseWriter, l Language, secure, framed bool) {
	c := &http.Cookie{
		Name: cookieName, Value: string(l), Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
	if framed {
		c.Secure, c.Partitioned, c.SameSite = true, true, http.SameSiteNoneMode
	}
	http.SetCookie(w, c)
}
