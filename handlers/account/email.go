package account

import (
	"errors"
	"net/http"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// EmailForm asks for the new e-mail.
func (c *Customer) EmailForm(r *web.Request) error {
	return c.showEmail(r, http.StatusOK, views.Form{})
}

// ChangeEmail changes the e-mail.
func (c *Customer) ChangeEmail(r *web.Request) error {
	f := r.Form("email")
	email := f.Email()
	return f.Answered("email", c.showEmail, func() (string, error) {
		err := c.changeEmail(r, email)
		if errors.Is(err, store.ErrConflict) {
			f.Wrong("email", r.Texts.T("email.taken"))
			err = nil
		}
		if c.mail != nil {
			return "/profile?saved=email-asked", err
		}
		return "/profile?saved=email", err
	})
}

// changeEmail returns store.ErrConflict when another account has the e-mail, and store.ErrStale when the password has
// changed meanwhile. That it is taken can be asked seldom only.
func (c *Customer) changeEmail(r *web.Request, email string) error {
	user := r.User()
	if email == user.Email { // sent twice, or nothing to do
		return nil
	}
	err := r.Take(string(store.EmailChanged), user.ID, r.ByUser(probesByUser), r.FromAddress(probesFromAddress))
	if err != nil {
		return err
	}
	proof := store.Proof(user.PasswordHash)
	if c.mail != nil { // whose it is, and whether it is free, is found out by a letter
		asked := c.mail.Letter(mail.AskEmail, email, mail.LanguageOf(r, user),
			mail.Says{UserID: user.ID, Proof: proof})
		return c.askByMail(r, store.EmailAsked, asked, r.Allowance(lettersToEmail, email))
	}
	return c.site.DB.SetEmail(r.Request().Context(), user.ID, email, proof, r.Actor())
}

func (c *Customer) showEmail(r *web.Request, status int, form views.Form) error {
	return r.Show(status, views.Email(r.Page(r.Texts.T("email.title")), r.User().Email, form))
}
