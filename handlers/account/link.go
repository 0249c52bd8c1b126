package account

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

// A link of a letter is opened by machines too, which look what it leads to: that uses nothing up. Its token goes into
// a cookie at once and out of the address, so that it stands in no history, log or Referer; the form on the page
// behind uses it.

// linkLife is how long the page behind a link may be left open.
const linkLife = 30 * time.Minute

// ByMail has the pages that a letter is asked for on, and those behind the links of letters.
type ByMail struct{ Room }

// mailbox is where letters can be read, in a demo with mail.
func (o Room) mailbox() string {
	if o.mail == nil {
		return ""
	}
	return o.mail.Mailbox
}

// HasMail reports whether there is mail, and so these pages.
func (b *ByMail) HasMail() bool { return b.mail != nil }

// Opens leads from a link to the page behind it.
func (b *ByMail) Opens(page string) func(*web.Request) error {
	return func(r *web.Request) error {
		b.setLink(r, r.QueryParam("token"))
		r.Response().Header().Set("Cache-Control", "no-store")
		r.Response().Header().Set("Referrer-Policy", "no-referrer")
		return r.Redirect(http.StatusSeeOther, page)
	}
}

const linkCookie = "kabinet-link"

// setLink has the browser keep a token; an empty one, or what cannot be one, takes the cookie away.
func (b *ByMail) setLink(r *web.Request, token string) {
	if !store.IsToken(token) {
		token = ""
	}
	b.site.Keep(r, linkCookie, token, linkLife)
}

// linkOf is the link that the reader has opened, if it is good for a kind of thing. It returns store.ErrNotFound
// otherwise.
func (b *ByMail) linkOf(r *web.Request, kind store.ConfirmationKind) (c store.Confirmation, err error) {
	token := b.site.Kept(r, linkCookie)
	if !store.IsToken(token) {
		return c, store.ErrNotFound
	}
	c, err = b.site.DB.Confirmation(r.Request().Context(), store.HashToken(token), kind)
	method := r.Request().Method
	switch {
	case err != nil:
	case method != http.MethodGet && method != http.MethodHead && r.Typed("link") != formOf(c):
		err = store.ErrNotFound // the form was shown for another, which somebody has had the browser open since
	case kind == store.ConfirmEmail && c.UserID != r.User().ID:
		err = store.ErrNotFound
	}
	return c, err
}

// formOf is what a form is marked by. It opens nothing.
func formOf(c store.Confirmation) string {
	sum := sha256.Sum256(append([]byte("form "), c.Token[:]...))
	return hex.EncodeToString(sum[:16])
}

// withLink does what the link that the reader has opened is good for. Where it is not good any more, or is not
// meanwhile, as the error of do says, it shows that, and leads to where another is asked for.
func (b *ByMail) withLink(
	r *web.Request, kind store.ConfirmationKind, again string, do func(store.Confirmation) error,
) error {
	link, err := b.linkOf(r, kind)
	if err == nil {
		err = do(link)
	}
	for _, gone := range []error{
		store.ErrNotFound,
		store.ErrConflict, // the e-mail is another account's meanwhile
		store.ErrStale,    // the password is another
		store.ErrDisabled, // the account was switched off
	} {
		if errors.Is(err, gone) {
			return r.Show(http.StatusNotFound, views.LinkGone(r.Page(r.Texts.T("link.gone")), again))
		}
	}
	return err
}
