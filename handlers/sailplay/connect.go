package sailplay

import (
	"net/http"
	"time"

	"kabinet/handlers/web"
	"kabinet/store"
	"kabinet/views"
)

const callbackPath = "/sailplay/callback/"

// linking is how an account is linked: the way to SailPlay in this file, back in callback.go.
type linking struct{ *Room }

// departures is how often a user may set out for SailPlay.
var departures = web.Limit{Name: "ways to SailPlay by a user", Burst: 10, Every: 30 * time.Second}

// connect sends the reader to SailPlay with a state in the path of the address to come back to: SailPlay documents no
// state of its own, and without one anybody could have a customer link a stranger's account.
func (w linking) connect(r *web.Request) error {
	state, err := w.newState(r, false)
	if err != nil {
		return err
	}
	if r.Request().Header.Get("Accept") == "application/json" { // the vendor's script goes there itself
		return r.JSON(http.StatusOK, map[string]string{
			"store_department_id": w.client.DepartmentID(), "redirect_url": w.returnURL(state),
		})
	}
	return r.Redirect(http.StatusSeeOther, w.client.AuthorizeURL(w.returnURL(state)))
}

// newState notes a state for the reader.
func (w linking) newState(r *web.Request, replacing bool) (string, error) {
	user := r.User()
	if err := r.Take(string(store.SailPlayAsked), user.ID, r.ByUser(departures)); err != nil {
		return "", err
	}
	session, err := r.Token()
	if err != nil {
		return "", err
	}
	r.Response().Header().Set("Cache-Control", "no-store")
	state := store.NewToken()
	return state, w.db.AddSailPlayState(r.Request().Context(), store.SailPlayState{
		State: store.HashToken(state), UserID: user.ID, Session: session,
		Popup: r.Typed("popup") != "", Replacing: replacing,
	}, r.Actor())
}

// returnURL is where SailPlay leads back to: the same, byte for byte, on both ways.
func (s *Room) returnURL(state string) string { return s.config.RedirectBase + callbackPath + state }

// replaceForm says what is about to be replaced.
func (w linking) replaceForm(r *web.Request) error {
	return w.showReplace(r, http.StatusOK, views.Form{})
}

// replace sends the reader to SailPlay to link another account in place of the one that there is.
func (w linking) replace(r *web.Request) error {
	f := r.Form()
	return f.Answered("replace", w.showReplace, func() (string, error) {
		state, err := w.newState(r, true)
		return w.client.AuthorizeURL(w.returnURL(state)), err
	})
}

func (w linking) showReplace(r *web.Request, status int, f views.Form) error {
	return r.Show(status, views.LoyaltyReplace(r.Page(r.Texts.T("sailplay.replace")), f))
}
