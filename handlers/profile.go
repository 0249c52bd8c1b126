package handlers

import (
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

func (p *Portal) profileForm(c echo.Context) error {
	u := visitOf(c).user()
	return p.showProfile(c, http.StatusOK, views.ProfileModel{
		Form:  views.Form{Values: map[string]string{"name": u.Name, "phone": u.Phone, "language": u.Language}},
		Saved: c.QueryParams().Has("saved"),
	})
}

func (p *Portal) profile(c echo.Context) error {
	v := visitOf(c)
	form := views.Form{Values: map[string]string{
		"name": c.Request().PostFormValue("name"), "phone": c.Request().PostFormValue("phone"), "language": c.Request().PostFormValue("language"),
	}}
	profile, wrong := readProfile(form.Values, v.texts)
	if len(wrong) > 0 {
		form.Errors = wrong
		return p.showProfile(c, http.StatusUnprocessableEntity, views.ProfileModel{Form: form})
	}
	if err := p.db.SetProfile(c.Request().Context(), v.user().ID, profile); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/profile?saved")
}

var (
	e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	// People write telephone numbers with these in between.
	telephoneMarks = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", "–", "", "(", "", ")", "", ".", "")
)

// maxName is in characters.
const maxName = 100

func readProfile(values map[string]string, t *catalogue.Texts) (store.Profile, []views.FieldError) {
	profile := store.Profile{
		Name:     strings.TrimSpace(values["name"]),
		Phone:    telephoneMarks.Replace(strings.TrimSpace(values["phone"])),
		Language: string(t.Language),
	}
	var wrong []views.FieldError
	add := func(field, key string) { wrong = append(wrong, views.FieldError{Field: field, Text: t.T(key)}) }
	switch {
	case profile.Name == "":
		add("name", "profile.name_empty")
	case utf8.RuneCountInString(profile.Name) > maxName:
		add("name", "profile.name_long")
	case !utf8.ValidString(profile.Name) || strings.ContainsFunc(profile.Name, misleads):
		add("name", "profile.name_control")
	case !strings.ContainsFunc(profile.Name, unicode.IsLetter):
		add("name", "profile.name_empty")
	}
	if profile.Phone != "" && !e164.MatchString(profile.Phone) {
		add("phone", "profile.phone_wrong")
	}
	// A language that the page does not offer was not typed by a person; it changes nothing.
	if l, ok := catalogue.Parse(values["language"]); ok {
		profile.Language = string(l)
	}
	return profile, wrong
}

// misleads tells whether a character would change how the text around a name is read: line
// ends, and the marks that turn the direction of writing. Joiners within words are none of these.
func misleads(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Bidi_Control, r)
}

func (p *Portal) showProfile(c echo.Context, status int, m views.ProfileModel) error {
	v := visitOf(c)
	m.Facts = []views.Fact{{Name: v.texts.T("profile.email"), Value: v.user().Email}}
	for _, f := range p.features {
		fact, err := f.fact(c.Request().Context(), v)
		if err != nil {
			return err
		}
		m.Facts = append(m.Facts, fact)
	}
	return render(c, status, views.Profile(p.page(c, v.texts.T("profile.title")), m))
}
