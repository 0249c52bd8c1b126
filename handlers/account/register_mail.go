package account

import (
	"errors"
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
	email := f.Email("email")
	status := http.StatusUnprocessableEntity
	if !f.IsWrong() {
		asked := b.mail.Letter(mail.AskRegister, email, string(r.Texts.Language), mail.Says{})
		err := askByMail(b.site, b.mail, r, store.RegistrationAsked, asked, r.Allowance(lettersToEmail, email))
		if status = f.Refused(r, "email", "", err); status == 0 && err != nil {
			return err
		}
	}
	if status == 0 {
		return r.Redirect(http.StatusSeeOther, "/register?sent")
	}
	return showRegister(r, status, views.RegisterModel{ByMail: true, Form: f.Form})
}

// RegisterPasswordForm is behind the link of a letter: whoever reads the mail says who they are, and chooses the
// password.
func (b *ByMail) RegisterPasswordForm(r *web.Request) error {
	return withLink(r, "/register", func() error {
		c, err := b.linkOf(r, store.ConfirmRegistration)
		if err != nil {
			return err
		}
		return b.showRegisterPassword(r, http.StatusOK, c, views.Form{})
	})
}

func (b *ByMail) showRegisterPassword(r *web.Request, status int, c store.Confirmation, f views.Form) error {
	m := views.ChoosePasswordModel{Form: f, Email: c.Email, Link: formOf(c), Named: true, To: "/register/password"}
	return r.Show(status, views.ChoosePassword(r.Page(r.Texts.T("register.title")), m))
}

// RegisterPassword opens the account, with the password that was chosen, and signs in.
func (b *ByMail) RegisterPassword(r *web.Request) error {
	return withLink(r, "/register", func() error {
		c, err := b.typedLink(r, store.ConfirmRegistration)
		if err != nil {
			return err
		}
		f, chosen := r.Form("name", "consent"), r.Typed("password")
		user := store.User{Name: f.Name("name"), Email: c.Email, Language: chosenBy(r)}
		f.NewPassword("password", chosen, c.Email)
		user.ConsentedAt = f.Consent("consent")
		if f.IsWrong() {
			return b.showRegisterPassword(r, http.StatusUnprocessableEntity, c, f.Form)
		}
		err = b.openByMail(r, c, user, chosen)
		if errors.Is(err, store.ErrConflict) { // somebody has given the e-mail to another account meanwhile
			return store.ErrNotFound
		}
		if status := f.Refused(r, "password", "", err); status != 0 {
			return b.showRegisterPassword(r, status, c, f.Form)
		}
		if err != nil {
			return err
		}
		b.setLink(r, "")
		return r.Redirect(http.StatusSeeOther, "/dashboard")
	})
}

// openByMail makes the account that a link is good for, and signs in.
func (b *ByMail) openByMail(r *web.Request, c store.Confirmation, user store.User, chosen string) error {
	ctx := r.Request().Context()
	hash, err := b.site.Passwords.Hash(ctx, r.Network(), chosen)
	if err != nil {
		return err
	}
	user.PasswordHash = hash
	user.ID, err = add(ctx, b.site, b.vendors, user, r.RealIP(), c.Token)
	if err != nil {
		return err
	}
	return r.BeginSession(store.NewSession{UserID: user.ID, Proof: store.Proof(hash)})
}
