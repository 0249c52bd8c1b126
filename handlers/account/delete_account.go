package account

import (
	"errors"
	"net/http"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// DeleteForm says what will be gone.
func (c *Customer) DeleteForm(r *web.Request) error {
	return c.showDelete(r, http.StatusOK, views.Form{})
}

// Delete deletes the account.
func (c *Customer) Delete(r *web.Request) error {
	f := r.Form()
	return f.Answered("delete", c.showDelete, func() (string, error) {
		user := r.User()
		err := c.site.DB.DeleteUser(r.Request().Context(), user.ID, store.Proof(user.PasswordHash), r.Actor(),
			c.mail.Notice(r, mail.Deleted, user))
		if errors.Is(err, store.ErrLastAdministrator) {
			f.Wrong("delete", r.Texts.T("admin.last"))
			return "", nil
		}
		if err != nil {
			return "", err
		}
		c.mail.Wake()
		return "/?deleted", r.EndSession()
	})
}

func nameOfLanguage(t *catalogue.Texts, language string) string {
	if l, ok := catalogue.Parse(language); ok {
		return l.Name()
	}
	return t.T("field.language.browser")
}

func (c *Customer) showDelete(r *web.Request, status int, form views.Form) error {
	facts, err := c.identifiers(r)
	if err != nil {
		return err
	}
	u, t := r.User(), r.Texts
	m := views.DeleteModel{Form: form, Facts: append([]views.Fact{
		{Name: t.T("field.email"), Value: u.Email},
		{Name: t.T("field.name"), Value: u.Name},
		{Name: t.T("field.phone"), Value: views.OrDash(u.Phone)},
		{Name: t.T("field.language"), Value: nameOfLanguage(t, u.Language)},
	}, facts...)}
	return r.Show(status, views.DeleteAccount(r.Page(t.T("delete.title")), m))
}
