package account

import (
	"net/http"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// Register has a letter sent to the e-mail that was typed. Whether it has an account only the letter says. Nothing
// else is asked for: it would be a stranger's, perhaps, and the account is of who reads the letter.
func (b *ByMail) Register(r *web.Request) error {
	f := r.Form("email")
	email := f.Email()
	return f.Answered("email", showRegister(views.RegisterModel{ByMail: true}), func() (string, error) {
		asked := b.mail.Letter(mail.AskRegister, email, string(r.Texts.Language), mail.Says{})
		return "/register?sent", b.askByMail(r, store.RegistrationAsked, asked, r.Allowance(lettersToEmail, email))
	})
}

// RegisterPasswordForm is behind the link of a letter: whoever reads the mail says who they are, and chooses the
// password.
func (b *ByMail) RegisterPasswordForm(r *web.Request) error {
	return b.withLink(r, store.ConfirmRegistration, "/register", func(c store.Confirmation) error {
		return showRegisterPassword(c)(r, http.StatusOK, views.Form{})
	})
}

func showRegisterPassword(c store.Confirmation) func(*web.Request, int, views.Form) error {
	return func(r *web.Request, status int, f views.Form) error {
		m := views.ChoosePasswordModel{Form: f, Email: c.Email, Link: formOf(c), Named: true, To: "/register/password"}
		return r.Show(status, views.ChoosePassword(r.Page(r.Texts.T("register.title")), m))
	}
}

// RegisterPassword opens the account, with the password that was chosen, and signs in.
func (b *ByMail) RegisterPassword(r *web.Request) error {
	return b.withLink(r, store.ConfirmRegistration, "/register", func(c store.Confirmation) error {
		f := r.Form("name", "consent")
		user := store.User{Name: f.Name(), Email: c.Email, Language: chosenBy(r)}
		chosen := f.NewPassword(c.Email)
		user.ConsentedAt = f.Consent()
		return f.Answered("password", showRegisterPassword(c), func() (string, error) {
			err := b.enter(r, user, chosen, c.Token)
			if err == nil {
				b.setLink(r, "")
			}
			return "/dashboard", err
		})
	})
}
