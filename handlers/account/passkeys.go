package account

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"time"

	"kabinet/handlers/contact"
	"kabinet/handlers/factor"
	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// maxPasskeys is how many a user may have.
const maxPasskeys = 20

func idOf(p store.Passkey) string { return base64.RawURLEncoding.EncodeToString(p.ID) }

// What a passkey signs is for one purpose, and but for signing in for one user.
const toSignIn = "sign in"

func toAdd(userID int64) string   { return "add for " + strconv.FormatInt(userID, 10) }
func toProve(userID int64) string { return "prove " + strconv.FormatInt(userID, 10) }

// PasskeyForm has the browser make a passkey.
func (f Security) PasskeyForm(r *web.Request) error {
	return f.showPasskey(r, http.StatusOK, views.Form{Values: map[string]string{"name": f.site.DeviceOf(r)}})
}

// ownerOf is the reader with their passkeys.
func (f Security) ownerOf(r *web.Request) (factor.Owner, error) {
	has, err := f.site.DB.Factors(r.Request().Context(), r.User().ID)
	if err == nil && (f.passkeys == nil || len(has.Passkeys) >= maxPasskeys) {
		err = &web.Error{Status: http.StatusNotFound}
	}
	if err != nil {
		return factor.Owner{}, err
	}
	return f.passkeys.OwnerOf(r.User(), has.Passkeys), nil
}

func (f Security) showPasskey(r *web.Request, status int, form views.Form) error {
	owner, err := f.ownerOf(r)
	if err != nil {
		return err
	}
	options, err := f.passkeys.Creation(owner, toAdd(r.User().ID))
	if err != nil {
		return err
	}
	return r.Show(status, views.NewPasskey(r.Page(r.Texts.T("passkey.title")), form, options))
}

// AddPasskey stores the passkey that the browser has made.
func (f Security) AddPasskey(r *web.Request) error {
	owner, err := f.ownerOf(r)
	if err != nil {
		return err
	}
	form := r.Form("name")
	passkey, err := f.passkeys.Created(owner, toAdd(r.User().ID), r.Typed("passkey"))
	name, problem := contact.Name(form.Values["name"])
	if problem != "" { // the authenticator has the passkey already: it can be renamed
		name = f.site.DeviceOf(r)
	}
	passkey.Name = name
	codes, made := factor.NewRecoveryCodes(), false
	if err == nil {
		made, err = f.site.DB.AddPasskey(r.Request().Context(), f.change(r, mail.FactorAdded), passkey,
			f.hashed(r.User().ID, codes))
	}
	err = f.refusedPasskey(r, form, "name", err)
	if status := form.Refused("name", err); status != 0 {
		return f.showPasskey(r, status, form.Form)
	}
	if err != nil {
		return err
	}
	return f.added(r, "passkey", made, codes)
}

// refusedPasskey puts into a form why a passkey is not taken. It returns any other error.
func (f *Factors) refusedPasskey(r *web.Request, form *web.Form, field string, err error) error {
	switch {
	case errors.Is(err, factor.ErrExpired), errors.Is(err, store.ErrStale): // or signed twice
		form.Wrong(field, r.Texts.T("passkey.expired"))
	case errors.Is(err, factor.ErrCloned):
		form.Wrong(field, r.Texts.T("passkey.cloned"))
	case errors.Is(err, factor.ErrPasskey), errors.Is(err, store.ErrConflict):
		f.site.Log.Info("a passkey was not taken", "request", r.ID, "error", err)
		form.Wrong(field, r.Texts.T("passkey.refused"))
	default:
		return err
	}
	return nil
}

// passkeyOf is the passkey of a form.
func passkeyOf(r *web.Request) ([]byte, error) {
	id, err := base64.RawURLEncoding.DecodeString(r.Typed("id"))
	if err != nil || len(id) == 0 {
		return nil, &web.Error{Status: http.StatusBadRequest}
	}
	return id, nil
}

// RenamePasskey gives a passkey another name.
func (f Security) RenamePasskey(r *web.Request) error {
	id, err := passkeyOf(r)
	if err != nil {
		return err
	}
	name, problem := contact.Name(r.Typed("name"))
	if problem != "" {
		form := r.Form()
		form.Wrong("name-"+base64.RawURLEncoding.EncodeToString(id), r.Texts.T("field.name."+string(problem)))
		return f.showSecurity(r, http.StatusUnprocessableEntity, form.Form)
	}
	err = f.site.DB.RenamePasskey(r.Request().Context(), r.User().ID, id, name)
	if errors.Is(err, store.ErrNotFound) {
		return r.Redirect(http.StatusSeeOther, "/profile/security")
	}
	return f.changedFactor(r, "renamed", err)
}

// RemovePasskey takes a passkey away.
func (f Security) RemovePasskey(r *web.Request) error {
	id, err := passkeyOf(r)
	if err != nil {
		return err
	}
	err = f.site.DB.RemovePasskey(r.Request().Context(), f.change(r, mail.FactorRemoved), id)
	return f.changedFactor(r, "passkey-removed", err)
}

// request is what the browser needs to ask for a passkey; empty where none is offered, or a user has none.
func (f *Factors) request(purpose string, of []store.Passkey) (string, error) {
	if f.passkeys == nil || purpose != toSignIn && len(of) == 0 {
		return "", nil
	}
	return f.passkeys.Request(purpose, of)
}

// signed is what a passkey has signed for a purpose, and whose it is: the store lets it prove nobody else. The audit
// tells of one that may be a copy. It returns what Verify of the passkeys does, store.ErrDisabled, store.ErrStale, and
// a *store.Refusal.
func (f *Factors) signed(r *web.Request, answer, purpose string) (store.User, store.PasskeyUse, error) {
	if f.passkeys == nil {
		return store.User{}, store.PasskeyUse{}, &web.Error{Status: http.StatusNotFound}
	}
	ctx := r.Request().Context()
	find := func(id []byte) (store.Passkey, error) { return f.site.DB.Passkey(ctx, id) }
	passkey, use, err := f.passkeys.Verify(purpose, answer, find)
	if errors.Is(err, factor.ErrCloned) {
		if used, wrong := f.site.DB.IsUsed(ctx, use.Challenge); used || wrong != nil { // the same form again
			return store.User{}, use, cmp.Or(wrong, store.ErrStale)
		}
		return store.User{}, use, errors.Join(err, f.noteClone(r, passkey.UserID))
	}
	if err == nil {
		id := strconv.FormatInt(passkey.UserID, 10)
		err = r.Take(string(store.SignedIn), passkey.UserID, r.Allowance(passkeyUses, id))
	}
	if err != nil {
		return store.User{}, use, err
	}
	user, err := f.userOf(ctx, passkey)
	return user, use, err
}

// How often an account's passkeys may be used, and how often the audit tells that one may be a copy.
var (
	passkeyUses  = web.Limit{Name: "uses of an account's passkeys", Burst: 30, Every: 20 * time.Second}
	clonesOfUser = web.Limit{Name: "copies of a user's passkeys", Burst: 5, Every: time.Minute}
)

func (f *Factors) noteClone(r *web.Request, userID int64) error {
	err := r.Take(string(store.FactorRefused), userID, r.Allowance(clonesOfUser, strconv.FormatInt(userID, 10)))
	if _, often := errors.AsType[*store.Refusal](err); often {
		return nil // it has been told
	}
	if err == nil {
		err = r.Record(store.Event{Kind: store.FactorRefused, UserID: userID, Detail: "passkey"})
	}
	return err
}

// userOf is whose passkey it is. It returns store.ErrDisabled, and store.ErrStale for who is gone meanwhile.
func (f *Factors) userOf(ctx context.Context, p store.Passkey) (store.User, error) {
	user, err := f.site.DB.User(ctx, p.UserID)
	switch {
	// Without a password something was taken back: another one is chosen first.
	case errors.Is(err, store.ErrNotFound), err == nil && user.PasswordHash == "":
		return user, store.ErrStale
	case err == nil && user.Disabled():
		return user, store.ErrDisabled
	}
	return user, err
}
