package account

import (
	"net/http"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// PasswordForm asks for a new password.
func (c *Customer) PasswordForm(r *web.Request) error {
	return c.showPassword(r, http.StatusOK, views.Form{})
}

// WellKnown leads on whom a password manager has sent to the address that is the same everywhere (W3C, "A Well-Known
// URL for Changing Passwords").
func (c *Customer) WellKnown(r *web.Request) error {
	return r.Redirect(http.StatusSeeOther, "/profile/password")
}

// ChangePassword changes the password, and ends the other sessions.
func (c *Customer) ChangePassword(r *web.Request) error {
	f := r.Form()
	chosen := f.NewPassword(r.User().Email)
	return f.Answered("password", c.showPassword, func() (string, error) {
		return "/profile?saved=password", c.changePassword(r, chosen)
	})
}

// changePassword returns what password.Hasher.Hash and store.DB.SetPassword return.
func (c *Customer) changePassword(r *web.Request, chosen string) error {
	ctx, user := r.Request().Context(), r.User()
	hash, err := c.site.Passwords.Hash(ctx, r.Network(), chosen)
	if err != nil {
		return err
	}
	defer c.mail.Wake()
	return r.RenewSession(store.Proof(hash), func(previous, next store.TokenHash) error {
		return c.site.DB.SetPassword(ctx, user.ID, hash, store.Proof(user.PasswordHash), previous, next, r.Actor(),
			c.mail.Notice(r, mail.PasswordChanged, user))
	})
}

func (c *Customer) showPassword(r *web.Request, status int, form views.Form) error {
	return r.Show(status, views.ChangePassword(r.Page(r.Texts.T("password.title")), r.User().Email, form))
}
