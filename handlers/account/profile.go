package account

import (
	"cmp"
	"net/http"
	"strings"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// ProfileForm shows the profile.
func (c *Customer) ProfileForm(r *web.Request) error {
	u := r.User()
	return c.showProfile(r, http.StatusOK, views.Form{Values: map[string]string{
		"name": u.Name, "phone": u.Phone, "language": u.Language,
	}})
}

// ChangeProfile changes what the customer says of themselves.
func (c *Customer) ChangeProfile(r *web.Request) error {
	f := r.Form("name", "phone", "language")
	// Nothing chosen, or what the page does not offer, is no language of one's own.
	own, chosen := catalogue.Parse(f.Values["language"])
	profile := store.Profile{Name: f.Name(), Phone: f.Phone(), Language: string(own)}
	return f.Answered("name", c.showProfile, func() (string, error) {
		if err := c.site.DB.SetProfile(r.Request().Context(), r.User().ID, profile); err != nil {
			return "", err
		}
		if chosen {
			catalogue.Remember(r.Response(), own, c.site.IsSecure(), false)
		} else {
			catalogue.Forget(r.Response(), c.site.IsSecure())
		}
		return "/profile?saved=profile", nil
	})
}

// saved are the notes that the profile can be opened with.
var saved = map[string]string{
	"profile": "profile.saved", "email": "profile.saved_email", "password": "profile.saved_password",
	"email-asked": "profile.email_asked", "confirmed": "profile.confirmed",
}

func (c *Customer) showProfile(r *web.Request, status int, form views.Form) error {
	m := views.ProfileModel{Form: form, Facts: []views.Fact{{Name: r.Texts.T("field.email"), Value: r.User().Email}}}
	asked := r.QueryParam("saved")
	key := saved[asked]
	for _, v := range c.vendors { // which has its own notes
		if strings.HasPrefix(asked, v.Name()+".") && r.Texts.T(asked) != asked {
			key = asked
		}
	}
	if key != "" && status == http.StatusOK {
		m.Saved = r.Texts.T(key)
	}
	facts, err := c.identifiers(r)
	if err != nil {
		return err
	}
	m.Facts = append(m.Facts, facts...)
	page := r.Page(r.Texts.T("profile.title"))
	for _, with := range web.Having[sectioned](c.vendors) {
		section, err := with.Section(r.Request().Context(), page, r.User().ID)
		if err != nil {
			return err
		}
		m.Sections = append(m.Sections, section)
	}
	return r.Show(status, views.Profile(page, m))
}

// identifiers are the reader's identifiers at the vendors.
func (c *Customer) identifiers(r *web.Request) ([]views.Fact, error) {
	var facts []views.Fact
	for _, with := range web.Having[identified](c.vendors) {
		identifier, err := with.Identifier(r.Request().Context(), r.Texts, r.User().ID)
		if err != nil {
			return nil, err
		}
		facts = append(facts, views.Fact{Name: identifier.Name, Value: cmp.Or(identifier.Value, identifier.None)})
	}
	return facts, nil
}
