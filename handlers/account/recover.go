package account

import (
	"net/http"
	"time"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// How often letters may be asked for, by an e-mail that is typed: from an address, and to one e-mail.
var (
	lettersFromAddress = web.Limit{Name: "letters asked for from an address", Burst: 10, Every: 10 * time.Minute}
	lettersToEmail     = web.Limit{Name: "letters asked for to an e-mail", Burst: 3, Every: 10 * time.Minute}

	// Whoever asks from one network has a share of their own: to keep the owner of an account from recovering it, one
	// has to ask from four.
	recoveries            = web.Limit{Name: "recoveries of an e-mail", Burst: 10, Every: 10 * time.Minute}
	recoveriesFromNetwork = web.Limit{Name: "recoveries from a network", Burst: 3, Every: 10 * time.Minute}
)

// askByMail notes what somebody asks for by an e-mail: the worker finds out what it leads to. The page answers the
// same for every e-mail, in the same time.
func (o Room) askByMail(
	r *web.Request, doing store.EventKind, letter store.Letter, allowances ...store.Allowance,
) error {
	err := r.Take(string(doing), 0, append(allowances, r.FromAddress(lettersFromAddress))...)
	if err == nil {
		err = o.site.DB.Post(r.Request().Context(), letter)
	}
	if err == nil {
		o.mail.Wake()
	}
	return err
}

// RecoverForm asks for the e-mail of an account whose password is forgotten.
func (b *ByMail) RecoverForm(r *web.Request) error {
	return b.showRecover(r, http.StatusOK, views.Form{Values: map[string]string{"email": r.QueryParam("email")}})
}

func (b *ByMail) showRecover(r *web.Request, status int, f views.Form) error {
	m := views.AskedModel{Form: f, Sent: r.QueryParams().Has("sent"), Mailbox: b.mailbox()}
	return r.Show(status, views.Recover(r.Page(r.Texts.T("recover.title")), m))
}

// Recover has a letter sent to the account with the e-mail, if there is one.
func (b *ByMail) Recover(r *web.Request) error {
	f := r.Form("email")
	email := f.Email()
	return f.Answered("email", b.showRecover, func() (string, error) {
		asked := b.mail.Letter(mail.AskRecover, email, string(r.Texts.Language),
			mail.Says{At: b.site.DB.Now(), Address: r.RealIP()})
		return "/recover?sent", b.askByMail(r, store.RecoveryAsked, asked,
			r.Allowance(recoveries, email), r.Allowance(recoveriesFromNetwork, email, r.Network()))
	})
}

// RecoverPasswordForm is behind the link of a letter: another password is chosen.
func (b *ByMail) RecoverPasswordForm(r *web.Request) error {
	return b.withLink(r, store.ConfirmRecovery, "/recover", func(c store.Confirmation) error {
		return showRecoverPassword(c)(r, http.StatusOK, views.Form{})
	})
}

func showRecoverPassword(c store.Confirmation) func(*web.Request, int, views.Form) error {
	return func(r *web.Request, status int, f views.Form) error {
		m := views.ChoosePasswordModel{Form: f, Email: c.Email, Link: formOf(c), To: "/recover/password",
			TakenBack: takenBack(r)}
		return r.Show(status, views.ChoosePassword(r.Page(r.Texts.T("recover.title")), m))
	}
}

// RecoverPassword stores the password that was chosen, and ends all sessions.
func (b *ByMail) RecoverPassword(r *web.Request) error {
	return b.withLink(r, store.ConfirmRecovery, "/recover", func(c store.Confirmation) error {
		f := r.Form()
		chosen := f.NewPassword(c.Email)
		return f.Answered("password", showRecoverPassword(c), func() (string, error) {
			return "/login?recovered", b.recover(r, c, chosen)
		})
	})
}

func (b *ByMail) recover(r *web.Request, c store.Confirmation, chosen string) error {
	ctx := r.Request().Context()
	user, err := b.site.DB.User(ctx, c.UserID)
	if err != nil {
		return err
	}
	hash, err := b.site.Passwords.Hash(ctx, r.Network(), chosen)
	if err != nil {
		return err
	}
	defer b.mail.Wake()
	err = b.site.DB.Recover(ctx, c.Token, hash, r.RealIP(), b.mail.Notice(r, mail.PasswordChanged, user))
	if err == nil { // whoever guesses elsewhere does not keep its owner waiting
		b.site.RememberDeviceOf(r, user.ID, store.Proof(hash))
		b.setLink(r, "")
	}
	return err
}
