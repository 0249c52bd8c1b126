package account

import (
	"net/http"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
)

// What somebody else may have done to an account is taken back by a link in the letter about it: a change of e-mail,
// and a second factor that was added. Whoever did it knew the password, so that another one is chosen then.

// TakeBackForm is behind such a link; path is where the form goes.
func (b *ByMail) TakeBackForm(kind store.ConfirmationKind, path string) func(*web.Request) error {
	texts := [3]string{"email.back", "email.back_about", "email.back_submit"}
	if kind == store.ConfirmFactorBack {
		texts = [3]string{"factor.back", "factor.back_about", "factor.back_submit"}
	}
	return func(r *web.Request) error { return b.showConfirm(r, kind, path, "", texts) }
}

// TakeBack takes it back, tells the e-mail that the account has had until now, and leads to a new password.
func (b *ByMail) TakeBack(kind store.ConfirmationKind) func(*web.Request) error {
	return func(r *web.Request) error {
		return b.withLink(r, kind, "", func(link store.Confirmation) error {
			token := store.NewToken()
			next := store.Confirmation{
				Token: store.HashToken(token), Kind: store.ConfirmRecovery, UserID: link.UserID, Email: link.Email,
				ExpiresAt: b.site.DB.Now().Add(linkLife),
			}
			tell := func(before store.User) store.Letter {
				if kind == store.ConfirmEmailBack {
					return b.mail.NoticeWith(r, mail.EmailTakenBack, before, "")
				}
				return b.mail.Notice(r, mail.FactorRemoved, before)
			}
			defer b.mail.Wake()
			err := b.site.DB.TakeBack(r.Request().Context(), link.Token, kind, next, mail.BackLife, r.RealIP(), tell)
			if err != nil {
				return err
			}
			b.setLink(r, token)
			return r.Redirect(http.StatusSeeOther, "/recover/password?"+string(kind))
		})
	}
}

// takenBack says what has just been taken back; empty for nothing.
func takenBack(r *web.Request) string {
	for kind, text := range map[store.ConfirmationKind]string{
		store.ConfirmEmailBack: "email.taken_back", store.ConfirmFactorBack: "factor.taken_back",
	} {
		if r.QueryParams().Has(string(kind)) {
			return r.Texts.T(text)
		}
	}
	return ""
}
