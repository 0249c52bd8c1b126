package account

import (
	"errors"
	"net/http"

	"kabinet/handlers/factor"
	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

// Factors is what people prove beside their password, or in place of it: what its pages share.
type Factors struct {
	Room
	passkeys *factor.Passkeys // nil where browsers offer none
	secrets  *secret.Sealer   // of apps
	signIns  *secret.Sealer   // that wait for their second step
	codeKeys [][]byte         // of codes to recover
	demo     *Demo            // nil in production
}

// NewFactors returns it; demo is nil in production.
func NewFactors(room Room, demo *Demo) (*Factors, error) {
	site := room.site
	passkeys, err := factor.NewPasskeys(site.BaseURL, site.Brand.Name, site.Key("passkey"), site.DB.Now)
	if errors.Is(err, factor.ErrAddress) {
		site.Log.Warn("passkeys are not offered", "why", err.Error())
	} else if err != nil {
		return nil, err
	}
	return &Factors{
		Room: room, passkeys: passkeys, demo: demo, secrets: site.Sealer("totp"), signIns: site.Sealer("sign-in"),
		codeKeys: site.Keys("recovery code"),
	}, nil
}

// Security has the pages on which somebody changes how they sign in.
type Security struct{ *Factors }

// change is a change of the reader's factors, with a letter about it; one about what is added has a link to take that
// back.
func (f Security) change(r *web.Request, notice mail.Kind) store.FactorChange {
	user := r.User()
	c := store.FactorChange{UserID: user.ID, Proof: store.Proof(user.PasswordHash), Actor: r.Actor()}
	if notice != mail.FactorAdded || f.mail == nil {
		c.Notice = f.mail.Notice(r, notice, user)
		return c
	}
	back := store.Confirmation{Kind: store.ConfirmFactorBack, UserID: user.ID, Email: user.Email}
	link, back := f.mail.Link("/factors/back/open", back, mail.Says{}, mail.BackLife)
	c.Notice, c.Back = f.mail.NoticeWith(r, notice, user, link), &back
	return c
}

// changed are the notes that the page can be opened with.
var changed = map[string]string{
	"totp": "security.totp_added", "passkey": "security.passkey_added", "renamed": "security.passkey_renamed",
	"totp-removed": "security.totp_removed", "passkey-removed": "security.passkey_removed",
	"forgotten": "security.browsers_forgotten",
}

// Show shows how the reader signs in.
func (f Security) Show(r *web.Request) error {
	return f.showSecurity(r, http.StatusOK, views.Form{})
}

func (f Security) showSecurity(r *web.Request, status int, form views.Form) error {
	has, err := f.site.DB.Factors(r.Request().Context(), r.User().ID)
	if err != nil {
		return err
	}
	m := views.SecurityModel{
		Form: form, TOTPSince: has.TOTPSince, RecoveryCodes: has.RecoveryCodes, Browsers: has.Browsers,
		Any: has.Any(), PasskeysOffered: f.passkeys != nil, Full: len(has.Passkeys) >= maxPasskeys,
		Required: f.site.RequiresFactor(r.User()) && !has.Any(),
	}
	if key := changed[r.QueryParam("done")]; key != "" && status == http.StatusOK {
		m.Done = r.Texts.T(key)
	}
	for _, p := range has.Passkeys {
		m.Passkeys = append(m.Passkeys, views.Passkey{
			ID: idOf(p), Name: p.Name, Since: p.CreatedAt, Used: p.UsedAt, BackedUp: p.BackedUp,
		})
	}
	page := r.Page(r.Texts.T("security.title"))
	page.Return = "/profile/security"
	return r.Show(status, views.Security(page, m))
}

// changedFactor answers a form that changes the reader's factors: what is not there any more is what was wanted.
func (f Security) changedFactor(r *web.Request, done string, err error) error {
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return f.notChanged(r, err)
	}
	f.mail.Wake()
	return r.Redirect(http.StatusSeeOther, "/profile/security?done="+done)
}

// RemoveTOTP takes the reader's app away.
func (f Security) RemoveTOTP(r *web.Request) error {
	err := f.site.DB.RemoveTOTP(r.Request().Context(), f.change(r, mail.FactorRemoved))
	return f.changedFactor(r, "totp-removed", err)
}

// ForgetBrowsers has every browser ask for the second factor again.
func (f Security) ForgetBrowsers(r *web.Request) error {
	return f.changedFactor(r, "forgotten", f.site.DB.ForgetBrowsers(r.Request().Context(), r.User().ID, r.Actor()))
}

// NewCodes gives the reader other codes to recover.
func (f Security) NewCodes(r *web.Request) error {
	codes := factor.NewRecoveryCodes()
	err := f.site.DB.SetRecoveryCodes(r.Request().Context(), f.change(r, mail.None), f.hashed(r.User().ID, codes))
	if errors.Is(err, store.ErrNotFound) {
		return r.Redirect(http.StatusSeeOther, "/profile/security")
	}
	if err != nil {
		return f.notChanged(r, err)
	}
	return f.showCodes(r, "security.codes_made", codes)
}

// notChanged says that the password has changed meanwhile, where that is why.
func (f Security) notChanged(r *web.Request, err error) error {
	form := r.Form()
	if status := form.Refused("security", err); status != 0 {
		return f.showSecurity(r, status, form.Form)
	}
	return err
}

// hashed is what is stored of codes that are shown.
func (f *Factors) hashed(userID int64, codes []string) []store.TokenHash {
	var hashes []store.TokenHash
	for _, c := range codes {
		hashes = append(hashes, factor.HashRecoveryCode(f.codeKeys[:1], userID, c)...)
	}
	return hashes
}

// showCodes answers the form itself, and not a page after it: the codes are nowhere but in this answer.
func (f Security) showCodes(r *web.Request, done string, codes []string) error {
	page := r.Page(r.Texts.T("codes.title"))
	page.Return = "/profile/security"
	return r.Show(http.StatusOK, views.RecoveryCodes(page, r.Texts.T(done), codes))
}

// added answers a form by which the reader has got a factor, the first one with the codes that come with it.
func (f Security) added(r *web.Request, done string, made bool, codes []string) error {
	if made {
		f.mail.Wake()
		return f.showCodes(r, changed[done], codes)
	}
	return f.changedFactor(r, done, nil)
}
