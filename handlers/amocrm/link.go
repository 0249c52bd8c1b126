package amocrm

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"

	"kabinet/handlers/web"

	"kabinet/store"
	"kabinet/views"
)

// A deal is linked from the portal to the widget: the customer is shown a code here and types it there. The
// other way round a stranger could send a customer a link that confirms the stranger's deal.

// codes is how often a user may ask for a code.
var codes = web.Limit{
	Name: "codes for amoCRM by a user", Burst: 10, Every: 30 * time.Second, Doing: string(store.AmoCRMCodeMade),
}

// Codes that are typed into the widget: only wrong ones count. There are 24 to the power of 8, so that what is left
// for all together finds none, and a dozen deals cannot shut everybody else out.
var (
	guessesAtDeal  = web.Limit{Name: "guesses of a code at a deal", Burst: 5, Every: time.Minute}
	guessesOfCodes = web.Limit{Name: "guesses of codes in all", Burst: 600, Every: 100 * time.Millisecond}
)

// codeLetters are those of a code: none looks like another, in Latin or in Cyrillic letters.
const codeLetters = "ACDEFGHJKMNPQRTVWXY34679"

const codeLength = 8

// newCode is drawn without favour: rand.Text would bring other letters.
func newCode() string {
	code := make([]byte, 0, codeLength)
	for len(code) < codeLength {
		var b [1]byte
		_, _ = rand.Read(b[:]) // never fails: see crypto/rand
		if int(b[0]) < 256/len(codeLetters)*len(codeLetters) {
			code = append(code, codeLetters[int(b[0])%len(codeLetters)])
		}
	}
	return string(code)
}

// lookAlikes are what comes of typing a code on a Russian keyboard.
var lookAlikes = strings.NewReplacer(
	"А", "A", "С", "C", "Е", "E", "Н", "H", "К", "K", "М", "M", "Р", "P", "Т", "T", "Х", "X", "У", "Y", " ", "", "-",
	"",
)

// typedCode is a code as it was shown, or "" for what cannot be one.
func typedCode(typed string) string {
	if len(typed) > 100 {
		return ""
	}
	code := lookAlikes.Replace(strings.ToUpper(strings.TrimSpace(typed)))
	if len(code) != codeLength || strings.Trim(code, codeLetters) != "" {
		return ""
	}
	return code
}

// hashCode needs a key: there are few enough codes to try them all.
func hashCode(key []byte, code string) store.TokenHash {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(code))
	return store.TokenHash(mac.Sum(nil))
}

// makeCode shows the reader a code. It answers the form itself, and not a page after it: the code is
// nowhere but in this answer.
func (a *Room) makeCode(r *web.Request) error {
	ctx := r.Request().Context()
	session, err := r.Token()
	if err != nil {
		return err
	}
	code := newCode()
	if err := a.db.SetAmoCRMCode(ctx, r.User().ID, session, hashCode(a.codeKey, code), r.Actor()); err != nil {
		return err
	}
	r.Response().Header().Set("Cache-Control", "no-store")
	page := r.Page(r.Texts.T("amocrm.code.title"))
	page.Return = "/profile#amocrm"
	return r.Show(http.StatusOK, views.AmoCRMCode(page, code[:codeLength/2], code[codeLength/2:]))
}

// link links the deal in the token with whoever was shown the code.
func (a *Room) link(r *web.Request) error {
	deal, err := a.dealInToken(r)
	if err != nil {
		return err
	}
	form, err := r.Sent()
	if err != nil {
		return err
	}
	code := typedCode(form.Get("code"))
	if code == "" { // no guess: nothing is looked up
		return &web.Error{Status: http.StatusUnprocessableEntity}
	}
	ctx := r.Request().Context()
	tries := []store.Allowance{r.Allowance(guessesAtDeal, deal.String()), r.Allowance(guessesOfCodes)}
	if err := r.Take(string(store.AmoCRMRefused), 0, tries...); err != nil {
		return err
	}
	err = a.db.LinkAmoCRMDeal(ctx, hashCode(a.codeKey, code), deal, r.RealIP())
	if errors.Is(err, store.ErrCodeUnknown) {
		if err := r.Record(store.Event{Kind: store.AmoCRMRefused, Detail: deal.String()}); err != nil {
			return err
		}
		return &web.Error{Status: http.StatusUnprocessableEntity, Cause: err}
	}
	if returned := a.db.Return(ctx, tries...); returned != nil { // it was no guess
		return errors.Join(err, returned)
	}
	if errors.Is(err, store.ErrConflict) {
		return &web.Error{Status: http.StatusConflict, Cause: err}
	}
	if err != nil {
		return err
	}
	return a.answerCard(r, deal)
}

// unlink forgets one of the reader's deals.
func (a *Room) unlink(r *web.Request) error {
	if err := a.forget(r, r.User().ID); err != nil {
		return err
	}
	return r.Redirect(http.StatusSeeOther, "/profile?saved="+"amocrm.unlinked")
}

// forget takes the deal of the form from a user. That it is theirs no more is what was wanted.
func (a *Room) forget(r *web.Request, userID int64) error {
	deal, err := dealOf(r.Typed("deal"))
	if err != nil {
		return &web.Error{Status: http.StatusBadRequest, Cause: err}
	}
	err = a.db.DeleteAmoCRMLink(r.Request().Context(), userID, deal, r.Actor())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
