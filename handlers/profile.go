package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/store"
	"kabinet/views"
)

func (p *Portal) profileForm(c echo.Context) error {
	u := visitOf(c).user()
	return p.showProfile(c, http.StatusOK, views.Form{Values: map[string]string{"name": u.Name, "phone": u.Phone, "language": u.Language}})
}

func (p *Portal) profile(c echo.Context) error {
	f := typed(c, "name", "phone", "language")
	profile := store.Profile{Name: f.name("name"), Phone: f.phone("phone"), Language: f.language("language")}
	if len(f.form.Errors) > 0 {
		return p.showProfile(c, http.StatusUnprocessableEntity, f.form)
	}
	if err := p.db.SetProfile(c.Request().Context(), visitOf(c).user().ID, profile); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/profile?saved=profile")
}

// saved are the notes that the profile can be opened with.
var saved = map[string]string{
	"profile": "profile.saved", "email": "profile.saved_email", "password": "profile.saved_password",
	"amocrm": "amocrm.unlinked",
}

func (p *Portal) showProfile(c echo.Context, status int, form views.Form) error {
	v := visitOf(c)
	m := views.ProfileModel{Form: form, Facts: []views.Fact{{Name: v.texts.T("field.email"), Value: v.user().Email}}}
	if key, ok := saved[c.QueryParam("saved")]; ok && status == http.StatusOK {
		m.Saved = v.texts.T(key)
	}
	facts, err := p.facts(c)
	if err != nil {
		return err
	}
	m.Facts = append(m.Facts, facts...)
	page := p.page(c, v.texts.T("profile.title"))
	for _, f := range p.features {
		section, err := f.section(c.Request().Context(), p.explained(c, page, f.how()), v.user().ID)
		if err != nil {
			return err
		}
		if section != nil {
			m.Sections = append(m.Sections, section)
		}
	}
	return render(c, status, views.Profile(page, m))
}

// facts are the reader's identifiers at the vendors.
func (p *Portal) facts(c echo.Context) ([]views.Fact, error) {
	v := visitOf(c)
	var facts []views.Fact
	for _, f := range p.features {
		fact, err := f.fact(c.Request().Context(), v.texts, v.user().ID)
		if err != nil {
			return nil, err
		}
		facts = append(facts, fact)
	}
	return facts, nil
}
