package account

import (
	"net/http"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// ConfirmEmailForm is behind the link that the new address was sent, for who is signed in to the account: so nobody
// has a stranger take over an account that its maker can take back.
func (b *ByMail) ConfirmEmailForm(r *web.Request) error {
	return b.showConfirm(r, store.ConfirmEmail, "/email/confirm", "/profile/email",
		[3]string{"email.confirm", "email.confirm_about", "email.confirm_submit"})
}

// ConfirmEmail changes the e-mail. The previous address is told, with a link to take it back.
func (b *ByMail) ConfirmEmail(r *web.Request) error {
	return b.withLink(r, store.ConfirmEmail, "/profile/email", func(link store.Confirmation) error {
		asked, err := b.mail.Of(link)
		if err != nil {
			return err
		}
		defer b.mail.Wake()
		tell := func(user store.User, email string) (store.Confirmation, store.Letter) {
			says := mail.Says{
				Name: user.Name, Email: email, UserID: user.ID,
				At: b.site.DB.Now(), Address: r.RealIP(), Browser: b.site.DeviceOf(r),
			}
			back := store.Confirmation{Kind: store.ConfirmEmailBack, UserID: user.ID, Email: user.Email}
			says.Link, back = b.mail.Link("/email/back/open", back, mail.Says{}, mail.BackLife)
			return back, b.mail.Letter(mail.EmailChanged, user.Email, mail.LanguageOf(r, user), says)
		}
		err = b.site.DB.ChangeEmail(r.Request().Context(), link.Token, asked.Proof, r.RealIP(), tell)
		if err != nil {
			return err
		}
		b.setLink(r, "")
		return r.Redirect(http.StatusSeeOther, "/profile?saved=email")
	})
}

// showConfirm asks for what a link is good for, in a title, a sentence and a button: opening it uses nothing up.
func (b *ByMail) showConfirm(r *web.Request, kind store.ConfirmationKind, to, again string, texts [3]string) error {
	return b.withLink(r, kind, again, func(link store.Confirmation) error {
		about := r.Texts.With(texts[1], map[string]any{"Email": link.Email})
		m := views.ConfirmModel{About: about, Submit: r.Texts.T(texts[2]), Link: formOf(link), To: to}
		return r.Show(http.StatusOK, views.Confirm(r.Page(r.Texts.T(texts[0])), m))
	})
}
