package handlers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kabinet/store"
	"kabinet/views"
)

// A deal is linked from the portal to the widget: the customer is shown a code here and types it there. The
// other way round a stranger could send a customer a link that confirms the stranger's deal.

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
var lookAlikes = strings.NewReplacer("А", "A", "С", "C", "Е", "E", "Н", "H", "К", "K", "М", "M", "Р", "P", "Т", "T", "Х", "X", "У", "Y", " ", "", "-", "")

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
func (a *amoCRM) hashCode(code string) store.TokenHash {
	mac := hmac.New(sha256.New, a.codeKey)
	mac.Write([]byte(code))
	return store.TokenHash(mac.Sum(nil))
}

// makeCode shows the reader a code. It answers the form itself, and not a page after it: the code is
// nowhere but in this answer.
func (a *amoCRM) makeCode(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	if err := a.take(c, string(store.AmoCRMCodeMade), v.user().ID, a.throttle.of(codesByUser, strconv.FormatInt(v.user().ID, 10))); err != nil {
		return err
	}
	session, err := a.currentToken(c)
	if err != nil {
		return err
	}
	code := newCode()
	if err := a.db.SetAmoCRMCode(ctx, v.user().ID, *session, a.hashCode(code), by(c)); err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	page := a.page(c, v.texts.T("amocrm.code.title"))
	page.Return = "/profile#amocrm"
	return render(c, http.StatusOK, views.AmoCRMCode(page, code[:codeLength/2], code[codeLength/2:]))
}

// link links the deal in the token with whoever was shown the code.
func (a *amoCRM) link(c echo.Context) error {
	deal, err := a.dealInToken(c)
	if err != nil {
		return err
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	code := typedCode(form.Get("code"))
	if code == "" { // no guess: nothing is looked up
		return &Error{Code: codeUnprocessable}
	}
	ctx := c.Request().Context()
	tries := []store.Allowance{a.throttle.of(guessesAtDeal, deal.String()), a.throttle.of(guessesOfCodes)}
	if err := a.take(c, string(store.AmoCRMRefused), 0, tries...); err != nil {
		return err
	}
	err = a.db.LinkAmoCRMDeal(ctx, a.hashCode(code), deal, c.RealIP())
	if errors.Is(err, store.ErrCodeUnknown) {
		if err := a.record(c, store.Event{Kind: store.AmoCRMRefused, Detail: deal.String()}); err != nil {
			return err
		}
		return &Error{Code: codeUnprocessable, Cause: err}
	}
	if returned := a.db.Return(ctx, tries...); returned != nil { // it was no guess
		return errors.Join(err, returned)
	}
	if errors.Is(err, store.ErrConflict) {
		return &Error{Code: codeConflict, Cause: err}
	}
	if err != nil {
		return err
	}
	return a.answerCard(c, deal)
}

// unlink forgets one of the reader's deals.
func (a *amoCRM) unlink(c echo.Context) error {
	if err := a.forget(c, visitOf(c).user().ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/profile?saved=amocrm")
}

// forget takes the deal of the form from a user. That it is theirs no more is what was wanted.
func (a *amoCRM) forget(c echo.Context, userID int64) error {
	account, id, _ := strings.Cut(c.Request().PostFormValue("deal"), "/")
	deal := store.AmoCRMDeal{}
	var wrong [2]error
	deal.AccountID, wrong[0] = strconv.ParseInt(account, 10, 64)
	deal.DealID, wrong[1] = strconv.ParseInt(id, 10, 64)
	if errors.Join(wrong[:]...) != nil {
		return &Error{Code: codeBadRequest}
	}
	err := a.db.DeleteAmoCRMLink(c.Request().Context(), userID, deal, by(c))
	if isNotFound(err) {
		return nil
	}
	return err
}
