package account

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// What matters asks again who is there, once in ten minutes. A page is asked for again after that; a form is shown
// with what it had, and goes on to where it was going.

// confirmPath is the page that asks, where a page is asked for.
const confirmPath = "/confirm"

// askedFields are those by which the reader proves who they are. Neither they nor passwords are shown again.
const askedFields, askedPassword = "again_", "again_password"

// AskAgain asks the reader to prove who they are, and goes on once they have.
func (f *Factors) AskAgain(r *web.Request, route web.Route, next func(*web.Request) error) error {
	asked := r.Request()
	if asked.Method == http.MethodPost {
		return f.askInForm(r, next)
	}
	if asked.URL.Path == confirmPath {
		m := views.AskAgainModel{To: confirmPath}
		m.Hidden = []views.Option{{Value: "next", Text: localPath(r.QueryParam("next"))}}
		return f.showAskAgain(r, http.StatusOK, m)
	}
	to := asked.URL.RequestURI()
	if route.File { // which is offered on the page above
		to = path.Dir(asked.URL.Path) + "?saved=confirmed"
	}
	return r.Redirect(http.StatusSeeOther, confirmPath+"?"+url.Values{"next": {to}}.Encode())
}

// askInForm asks in the way of a form.
func (f *Factors) askInForm(r *web.Request, next func(*web.Request) error) error {
	to, form := r.Request().URL.RequestURI(), r.Request().PostForm
	m := views.AskAgainModel{To: to, Hidden: hidden(form)}
	if form.Has("password") { // which is not kept for later: it is typed once more, after this
		return r.Redirect(http.StatusSeeOther, confirmPath+"?"+url.Values{"next": {to}}.Encode())
	}
	if !form.Has(askedPassword) {
		return f.showAskAgain(r, http.StatusForbidden, m)
	}
	typed := r.Form()
	err := f.proveAgain(r, typed)
	if status := typed.Refused(askedPassword, err); status != 0 {
		m.Form = typed.Form
		return f.showAskAgain(r, status, m)
	}
	if err != nil {
		return err
	}
	return next(r)
}

// hidden is what a form had, as it may be shown.
func hidden(form url.Values) (all []views.Option) {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if strings.HasPrefix(name, askedFields) || strings.Contains(name, "password") {
			continue
		}
		for _, value := range form[name] {
			all = append(all, views.Option{Value: name, Text: value})
		}
	}
	return all
}

func (f *Factors) showAskAgain(r *web.Request, status int, m views.AskAgainModel) error {
	m.Email = r.User().Email
	has, err := f.site.DB.Factors(r.Request().Context(), r.User().ID)
	if err != nil {
		return err
	}
	if m.PasskeyRequest, err = f.request(toProve(r.User().ID), has.Passkeys); err != nil {
		return err
	}
	page := r.Page(r.Texts.T("again.title"))
	page.Return = "/profile"
	return r.Show(status, views.AskAgain(page, m))
}

// Confirmed goes on to the page that was asked for.
func (f *Factors) Confirmed(r *web.Request) error {
	return r.Redirect(http.StatusSeeOther, localPath(cmp.Or(r.Typed("next"), r.QueryParam("next"))))
}

// proveAgain notes that the reader has proven who they are. What is wrong with a passkey, and that nothing was typed,
// goes into the form; that a password does not match is returned.
func (f *Factors) proveAgain(r *web.Request, form *web.Form) error {
	if signed := r.Typed(askedFields + "passkey"); signed != "" {
		_, use, err := f.signed(r, signed, toProve(r.User().ID))
		if err == nil {
			err = f.prove(r, store.Proof(r.User().PasswordHash), &use)
		}
		return f.refusedPasskey(r, form, askedPassword, err)
	}
	typed := r.Typed(askedPassword)
	if form.Password(askedPassword, typed); form.IsWrong() {
		return nil
	}
	form.Mismatch = "field.password.wrong"
	proof, err := r.VerifyPassword(typed)
	if err == nil {
		err = f.prove(r, proof, nil)
	}
	if errors.Is(err, store.ErrStale) { // the same in another tab, at the same moment
		form.Mismatch = "form.stale"
	}
	return err
}

// prove gives the session another token, with the proof, and notes when that was.
func (f *Factors) prove(r *web.Request, proof store.Proof, passkey *store.PasskeyUse) error {
	err := r.RenewSession(proof, func(previous, next store.TokenHash) error {
		ctx, id := r.Request().Context(), r.User().ID
		return f.site.DB.ProveSession(ctx, id, proof, passkey, previous, next, r.Actor())
	})
	if err == nil {
		r.Session.ProvenAt, r.Session.User.PasswordHash = f.site.DB.Now(), string(proof)
	}
	return err
}
