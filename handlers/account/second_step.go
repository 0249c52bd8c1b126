package account

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

// Whoever has proven the password of an account with a second factor has not signed in yet. That they have is kept in
// their browser, sealed, for ten minutes; the second step then begins the session.

const secondStepLife = 10 * time.Minute

// SecondStep has the page between the password and the session.
type SecondStep struct{ *Factors }

// waiting is a sign-in between its two steps.
type waiting struct {
	UserID   int64     `json:"user_id"`
	Password string    `json:"password"` // a hash of the stored hash: with another password it is worth nothing
	Remember bool      `json:"remember"`
	Until    time.Time `json:"until"`
}

// How many wrong codes are taken of an account: each is one of a million, and three of these are right. Whoever
// guesses knows the password. The browsers in which the user has signed in have an allowance of their own.
var (
	guessesOfCodesElsewhere = web.Limit{Name: "guesses of codes elsewhere", Burst: 5, Every: 15 * time.Minute}
	guessesOfCodesOnDevices = web.Limit{Name: "guesses of codes on a user's devices", Burst: 5, Every: 5 * time.Minute}
)

// The cookies: of a sign-in that waits for its second step, and of a browser that is trusted.
const waitingCookie, trustedCookie = "kabinet-sign-in", "kabinet-trusted"

func hashOfHash(user store.User) string {
	sum := sha256.Sum256([]byte(user.PasswordHash))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// wait has the browser keep that the user has proven the password.
func (f SecondStep) wait(r *web.Request, user store.User, remember bool) error {
	text, err := json.Marshal(waiting{
		UserID: user.ID, Password: hashOfHash(user), Remember: remember, Until: f.site.DB.Now().Add(secondStepLife),
	})
	if err != nil {
		return err
	}
	sealed := f.signIns.Seal(secret.New(string(text)), waitingCookie)
	f.site.Keep(r, waitingCookie, base64.RawURLEncoding.EncodeToString(sealed), secondStepLife)
	return nil
}

// waits is the sign-in that waits in the reader's browser. It returns store.ErrStale for none.
func (f SecondStep) waits(r *web.Request) (w waiting, user store.User, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(f.site.Kept(r, waitingCookie))
	if err != nil {
		return w, user, store.ErrStale
	}
	text, err := f.signIns.Open(sealed, waitingCookie)
	if err == nil {
		err = json.Unmarshal([]byte(text.Reveal()), &w)
	}
	if err != nil || !f.site.DB.Now().Before(w.Until) {
		return w, user, store.ErrStale
	}
	user, err = f.site.DB.User(r.Request().Context(), w.UserID)
	if errors.Is(err, store.ErrNotFound) || err == nil && (user.Disabled() || hashOfHash(user) != w.Password) {
		return w, user, store.ErrStale
	}
	if err == nil {
		r.ConcernsUser(user.ID)
	}
	return w, user, err
}

// begin begins the session of a user who has proven the password: at once without a second factor, and in a browser
// that is trusted. It returns store.ErrFactorNeeded where the second step is to come.
func (f SecondStep) begin(r *web.Request, s store.NewSession, user store.User) error {
	has, err := f.site.DB.HasFactor(r.Request().Context(), user.ID)
	if err != nil {
		return err
	}
	if token := f.site.Kept(r, trustedCookie); has && store.IsToken(token) {
		s.Factor = store.TrustedBrowser{Token: store.HashToken(token)}
	}
	if err = store.ErrFactorNeeded; !has || s.Factor != nil {
		err = r.BeginSession(s)
	}
	if has && errors.Is(err, store.ErrStale) { // trusted no more
		err = store.ErrFactorNeeded
	}
	if errors.Is(err, store.ErrFactorNeeded) {
		return errors.Join(err, f.wait(r, user, s.Remember))
	}
	return err
}

// Form asks for the second factor.
func (f SecondStep) Form(r *web.Request) error {
	next := localPath(r.QueryParam("next"))
	if r.Session != nil {
		return r.Redirect(http.StatusSeeOther, next)
	}
	_, user, err := f.waits(r)
	if errors.Is(err, store.ErrStale) {
		return toFirstStep(r, next)
	}
	if err != nil {
		return err
	}
	m := views.SecondStepModel{Next: next, Recovery: r.QueryParams().Has("recovery")}
	return f.show(user, m)(r, http.StatusOK, views.Form{})
}

// toFirstStep leads back to the password.
func toFirstStep(r *web.Request, next string) error {
	return r.Redirect(http.StatusSeeOther, "/login?"+url.Values{"again": {""}, "next": {next}}.Encode())
}

func (f SecondStep) show(user store.User, m views.SecondStepModel) func(*web.Request, int, views.Form) error {
	return func(r *web.Request, status int, form views.Form) error {
		m := m // it may be called again
		has, err := f.site.DB.Factors(r.Request().Context(), user.ID)
		if err != nil {
			return err
		}
		if !has.Any() { // it was taken away meanwhile: the password is enough
			return toFirstStep(r, m.Next)
		}
		m.Form, m.Email, m.HasTOTP, m.HasCodes = form, user.Email, has.TOTP != nil, has.RecoveryCodes > 0
		if m.PasskeyRequest, err = f.request(toProve(user.ID), has.Passkeys); err != nil {
			return err
		}
		m.Recovery = m.HasCodes && (m.Recovery || !m.HasTOTP && m.PasskeyRequest == "")
		if m.DemoCode, err = f.codeOf(user.Email); err != nil {
			return err
		}
		page := r.Page(r.Texts.T("second.title"))
		page.Return = secondStepPath(m.Next)
		return r.Show(status, views.SecondStep(page, m))
	}
}

// Take begins the session of who has proven both.
func (f SecondStep) Take(r *web.Request) error {
	form := r.Form("trust")
	m := views.SecondStepModel{Next: localPath(r.Typed("next")), Recovery: r.Typed("recovery") != ""}
	w, user, err := f.waits(r)
	if errors.Is(err, store.ErrStale) {
		return toFirstStep(r, m.Next)
	}
	if err != nil {
		return err
	}
	session := store.NewSession{UserID: user.ID, Proof: store.Proof(user.PasswordHash), Remember: w.Remember}
	token := ""
	if form.Values["trust"] != "" {
		token = store.NewToken()
		session.Trust = store.HashToken(token)
	}
	field, begin := "code", f.byCode
	if r.Typed("passkey") != "" {
		field, begin = "use-passkey", f.byPasskey
	}
	return form.Answered(field, f.show(user, m), func() (string, error) {
		if err := begin(r, form, session, user); err != nil || form.IsWrong() {
			return "", err
		}
		f.mail.Wake()
		f.site.Keep(r, waitingCookie, "", 0)
		if token != "" {
			f.site.Keep(r, trustedCookie, token, store.BrowserTrusted)
		}
		return m.Next, nil
	})
}

// byPasskey begins a session by the passkey in the form.
func (f SecondStep) byPasskey(r *web.Request, form *web.Form, s store.NewSession, user store.User) error {
	_, use, err := f.signed(r, r.Typed("passkey"), toProve(user.ID))
	if err == nil {
		s.Factor, s.Notice = use, f.noticeOf(r, user)
		err = r.BeginSession(s)
	}
	return f.refusedPasskey(r, form, "use-passkey", err)
}

// noticeOf is a letter about a sign-in in a browser that is not known.
func (f *Factors) noticeOf(r *web.Request, user store.User) store.Letter {
	if f.site.KnowsDeviceOf(r, user) {
		return store.Letter{}
	}
	return f.mail.Notice(r, mail.NewDevice, user)
}

// byCode begins a session by the code in the form. A code that is wrong uses up a try.
func (f SecondStep) byCode(r *web.Request, form *web.Form, s store.NewSession, user store.User) error {
	typed := r.Typed("code")
	if strings.TrimSpace(typed) == "" {
		form.Wrong("code", r.Texts.T("second.empty"))
		return nil
	}
	limit := guessesOfCodesElsewhere
	if f.site.KnowsDeviceOf(r, user) {
		limit = guessesOfCodesOnDevices
	}
	tries := r.Allowance(limit, strconv.FormatInt(user.ID, 10))
	tries.Notice = f.mail.Notice(r, mail.FactorRefused, user)
	if err := r.Take(string(store.FactorRefused), user.ID, tries); err != nil {
		f.mail.Wake()
		return err
	}
	has, err := f.site.DB.Factors(r.Request().Context(), user.ID)
	if err != nil {
		return err
	}
	if s.Factor, err = f.typedCode(typed, has, user.ID); err == nil {
		s.Notice = f.noticeOf(r, user)
		if _, ok := s.Factor.(store.RecoveryCode); ok {
			s.Notice = f.mail.Notice(r, mail.RecoveryUsed, user)
		}
		err = r.BeginSession(s)
	}
	if err == nil {
		return f.site.DB.Return(r.Request().Context(), tries) // it was no guess
	}
	return f.refusedCode(r, form, s.Factor, user, err)
}

// refusedCode says what is wrong with a code, and tells the audit.
func (f SecondStep) refusedCode(r *web.Request, form *web.Form, typed store.Factor, user store.User, err error) error {
	if !errors.Is(err, errWrongCode) && !errors.Is(err, store.ErrStale) {
		return err
	}
	text, detail := "second.wrong", "totp"
	switch typed.(type) {
	case store.TOTPCode:
		text = "second.used"
	case store.RecoveryCode:
		text, detail = "second.wrong_recovery", "recovery"
	}
	form.Wrong("code", r.Texts.T(text))
	return r.Record(store.Event{Kind: store.FactorRefused, UserID: user.ID, Detail: detail})
}
