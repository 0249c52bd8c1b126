package account

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"

	"kabinet/handlers/factor"
	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// An app's secret is in the form, sealed for the reader, until a code of the app has shown that the app has it:
// before, nothing is stored, and nobody can lock themselves out with a picture that was never read.

// totpRow is what an app's secret is sealed for.
func totpRow(userID int64) string { return "totp " + strconv.FormatInt(userID, 10) }

// TOTPForm shows a new secret.
func (f Security) TOTPForm(r *web.Request) error {
	return f.showTOTP(r, http.StatusOK, factor.NewTOTP(), views.Form{})
}

func (f Security) showTOTP(r *web.Request, status int, t factor.TOTP, form views.Form) error {
	code, err := factor.NewQR(t.URL(f.site.Brand.Name, r.User().Email))
	if err != nil {
		return err
	}
	sealed := f.secrets.Seal(t.Secret, "new "+totpRow(r.User().ID))
	page := r.Page(r.Texts.T("totp.title"))
	return r.Show(status, views.TOTP(page, views.TOTPModel{
		Form: form, Text: t.Text(), QRPath: code.Path, QRSize: code.Size,
		Sealed: base64.RawURLEncoding.EncodeToString(sealed),
	}))
}

// AddTOTP stores the secret of an app whose code was typed.
func (f Security) AddTOTP(r *web.Request) error {
	user := r.User()
	sealed, err := base64.RawURLEncoding.DecodeString(r.Typed("sealed"))
	if err != nil {
		return &web.Error{Status: http.StatusBadRequest}
	}
	text, err := f.secrets.Open(sealed, "new "+totpRow(user.ID))
	if err != nil { // of another account, or of a secret that is gone
		return r.Redirect(http.StatusSeeOther, "/profile/totp")
	}
	t, form := factor.TOTP{Secret: text}, r.Form()
	step, ok := t.Step(r.Typed("code"), f.site.DB.Now())
	if !ok {
		form.Wrong("code", r.Texts.T("totp.wrong"))
		return f.showTOTP(r, http.StatusUnprocessableEntity, t, form.Form)
	}
	codes := factor.NewRecoveryCodes()
	made, err := f.site.DB.SetTOTP(r.Request().Context(), f.change(r, mail.FactorAdded),
		f.secrets.Seal(text, totpRow(user.ID)), step, f.hashed(user.ID, codes))
	if err != nil {
		return f.notChanged(r, err)
	}
	return f.added(r, "totp", made, codes)
}

// totpOf is the app that a user has.
func (f *Factors) totpOf(has store.Factors, userID int64) (factor.TOTP, error) {
	text, err := f.secrets.Open(has.TOTP, totpRow(userID))
	return factor.TOTP{Secret: text}, err
}

// GiveTOTP gives an account of the demo an app, so that its code can be shown, unless it has that app.
func (f *Factors) GiveTOTP(ctx context.Context, user store.User, t factor.TOTP) error {
	has, err := f.site.DB.Factors(ctx, user.ID)
	if err != nil {
		return err
	}
	if there, err := f.totpOf(has, user.ID); err == nil && there.Secret.Equal(t.Secret.Reveal()) {
		return nil
	}
	_, err = f.site.DB.SetTOTP(ctx, store.FactorChange{UserID: user.ID, Proof: store.Proof(user.PasswordHash)},
		f.secrets.Seal(t.Secret, totpRow(user.ID)), 0, f.hashed(user.ID, factor.NewRecoveryCodes()))
	return err
}

// codeOf is what the app of an account of the demo shows now, empty for who has none.
func (f *Factors) codeOf(email string) (string, error) {
	if f.demo == nil {
		return "", nil
	}
	for _, a := range f.demo.Accounts {
		if a.Email == email && a.TOTP != nil {
			return a.TOTP.Code(f.site.DB.Now())
		}
	}
	return "", nil
}

// typedCode is the factor that somebody has typed: a code of the app, or one to recover. It returns errWrongCode for a
// code that the app does not show.
func (f *Factors) typedCode(typed string, has store.Factors, userID int64) (store.Factor, error) {
	if !factor.IsCode(typed) {
		return store.RecoveryCode{Hashes: factor.HashRecoveryCode(f.codeKeys, userID, typed)}, nil
	}
	if has.TOTP == nil {
		return nil, errWrongCode
	}
	t, err := f.totpOf(has, userID)
	if err != nil {
		return nil, err
	}
	step, ok := t.Step(typed, f.site.DB.Now())
	if !ok {
		return nil, errWrongCode
	}
	return store.TOTPCode{Step: step}, nil
}

var errWrongCode = errors.New("the code is not the app's")
