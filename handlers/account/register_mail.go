package account

import (
	"errors"
	"net/http"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// Register has a letter sent to the e-mail that was typed. Whether it has an account only the letter says. What else
// was typed is not in the letter: it may be a stranger's, who is not to be sent what somebody likes to write.
func (b *ByMail) Register(r *web.Request) error {
	f := r.Form("name", "email")
	name, email := f.Name("name"), f.Email("email")
	m := views.RegisterModel{Next: localPath(r.Typed("next")), ByMail: true}
	status := http.StatusUnprocessableEntity
	if !f.IsWrong() {
		asked := b.mail.Letter(mail.AskRegister, email, string(r.Texts.Language), mail.Says{Name: name, Next: m.Next})
		err := askByMail(b.site, b.mail, r, store.RegistrationAsked, asked)
		if status = f.Refused(r, "email", "", err); status == 0 && err != nil {
			return err
		}
	}
	if status == 0 {
		return r.Redirect(http.StatusSeeOther, "/register?sent")
	}
	m.Form = f.Form
	return showRegister(r, status, m)
}

// RegisterPasswordForm is behind the link of a letter: whoever reads the mail chooses the password.
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
	m := views.ChoosePasswordModel{Form: f, Email: c.Email, To: "/register/password"}
	return r.Show(status, views.ChoosePassword(r.Page(r.Texts.T("register.title")), m))
}

// RegisterPassword opens the account, with the password that was chosen, and signs in.
func (b *ByMail) RegisterPassword(r *web.Request) error {
	return withLink(r, "/register", func() error {
		c, err := b.linkOf(r, store.ConfirmRegistration)
		if err != nil {
			return err
		}
		f, chosen := r.Form(), r.Typed("password")
		f.NewPassword("password", chosen, c.Email)
		if f.IsWrong() {
			return b.showRegisterPassword(r, http.StatusUnprocessableEntity, c, f.Form)
		}
		next, err := b.openByMail(r, c, chosen)
		if errors.Is(err, store.ErrConflict) { // somebody has given the e-mail to another account meanwhile
			return store.ErrNotFound
		}
		if status := f.Refused(r, "password", "", err); status != 0 {
			return b.showRegisterPassword(r, status, c, f.Form)
		}
		if err != nil {
			return err
		}
		b.setLink(r, "", 0)
		return r.Redirect(http.StatusSeeOther, next)
	})
}

// openByMail makes the account that a link is good for.
func (b *ByMail) openByMail(r *web.Request, c store.Confirmation, chosen string) (next string, err error) {
	ctx := r.Request().Context()
	says, err := b.mail.Of(c)
	if err != nil {
		return "", err
	}
	hash, err := b.site.Passwords.Hash(ctx, r.Network(), chosen)
	if err != nil {
		return "", err
	}
	user := store.User{Name: says.Name, Email: c.Email, Language: string(r.Texts.Language), PasswordHash: hash}
	user.ID, err = add(ctx, b.site, b.vendors, user, r.RealIP(), c.Token)
	if err != nil {
		return "", err
	}
	return localPath(says.Next), r.BeginSession(user.ID, store.Proof(hash), false, store.Letter{})
}
