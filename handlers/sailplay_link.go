package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/sailplay"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

// problems are why nothing was linked, as the page's address may say; each has a text in the catalogue.
var problems = map[string]bool{
	"unknown": true, "foreign": true, "used": true, "old": true, "refused": true, "unavailable": true, "cancelled": true, "taken": true, "linked": true,
}

const callbackPath = "/sailplay/callback/"

// connect sends the reader to SailPlay with a state in the path of the address to come back to: SailPlay
// documents no state of its own, and without one anybody could have a customer link a stranger's account.
func (s *sailPlay) connect(c echo.Context) error {
	return s.send(c, false)
}

// replaceForm asks for the password, since whoever finds an open session must not change the account.
func (s *sailPlay) replaceForm(c echo.Context) error {
	return s.showReplace(c)(http.StatusOK, views.Form{})
}

// replace sends the reader to SailPlay to link another account in place of the one that there is.
func (s *sailPlay) replace(c echo.Context) error {
	f, password := typed(c), c.Request().PostFormValue("password")
	f.password("password", password)
	show := s.showReplace(c)
	if len(f.form.Errors) > 0 {
		return show(http.StatusUnprocessableEntity, f.form)
	}
	user := visitOf(c).user()
	_, err := s.prove(c, user, user.Email, password, store.PasswordRefused)
	if status := s.refused(c, f, "password", "field.password.wrong", err); status != 0 {
		return show(status, f.form)
	}
	if err != nil {
		return err
	}
	return s.send(c, true)
}

func (s *sailPlay) showReplace(c echo.Context) func(int, views.Form) error {
	return func(status int, f views.Form) error {
		v := visitOf(c)
		v.policy.form = []string{s.client.Origin()}
		return render(c, status, views.LoyaltyReplace(s.page(c, v.texts.T("sailplay.replace")), v.user().Email, f))
	}
}

func (s *sailPlay) send(c echo.Context, replacing bool) error {
	user := visitOf(c).user()
	if err := s.take(c, string(store.SailPlayAsked), user.ID, s.throttle.of(linksByUser, points(user.ID))); err != nil {
		return err
	}
	session, err := s.currentToken(c)
	if err != nil {
		return err
	}
	state := newToken()
	err = s.db.AddSailPlayState(c.Request().Context(), store.SailPlayState{
		State: hashToken(state), UserID: user.ID, Session: *session, Popup: c.Request().PostFormValue("popup") != "", Replacing: replacing,
	}, by(c))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if c.Request().Header.Get("Accept") == "application/json" { // for the vendor's script, which opens the way itself
		return c.JSON(http.StatusOK, map[string]string{"store_department_id": s.client.DepartmentID(), "redirect_url": s.returnURL(state)})
	}
	return c.Redirect(http.StatusSeeOther, s.client.AuthorizeURL(s.returnURL(state)))
}

// returnURL is where SailPlay leads back to: the same, byte for byte, on both ways.
func (s *sailPlay) returnURL(state string) string {
	return s.config.SailPlayRedirectBase + callbackPath + state
}

// callback takes what SailPlay's redirect brings. Whatever goes wrong changes nothing.
func (s *sailPlay) callback(c echo.Context) error {
	if s.isElsewhere(c) {
		return c.Redirect(http.StatusSeeOther, s.config.BaseURL.String()+c.Request().URL.RequestURI())
	}
	if visitOf(c).session == nil {
		return c.Redirect(http.StatusSeeOther, "/login?next=%2Floyalty")
	}
	state, q := returned(c)
	session, err := s.currentToken(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	used := store.SailPlayState{}
	if !isToken(state) {
		err = store.ErrStateUnknown
	} else {
		used, err = s.db.UseSailPlayState(c.Request().Context(), hashToken(state), *session)
	}
	if err == nil {
		err = s.join(c, used, s.returnURL(state), q)
	}
	if err == nil {
		return s.back(c, used.Popup, "/loyalty?linked")
	}
	problem := problemOf(err)
	if problem == "" {
		return err
	}
	s.config.Log.Warn("no link to SailPlay", "request", visitOf(c).requestID, "user", visitOf(c).user().ID, "problem", problem, "error", err)
	if err := s.record(c, store.Event{Kind: store.SailPlayRefused, UserID: visitOf(c).user().ID, Detail: problem}); err != nil {
		return err
	}
	return s.back(c, used.Popup, "/loyalty?problem="+problem)
}

// isElsewhere tells whether SailPlay has led to the portal's other address, where browsers send no session.
func (s *sailPlay) isElsewhere(c echo.Context) bool {
	other, err := url.Parse(s.config.SailPlayRedirectBase)
	return err == nil && other.Host != s.config.BaseURL.Host && c.Request().Host == other.Host
}

// returned reads the state and SailPlay's parameters. How they are added to an address is not known: with
// an & where no ? stands they are in the path.
func returned(c echo.Context) (state string, q url.Values) {
	state, q = c.Param("state"), c.QueryParams()
	if before, added, ok := strings.Cut(state, "&"); ok {
		if parsed, err := url.ParseQuery(added); err == nil {
			state, q = before, parsed
		}
	}
	return state, q
}

var (
	errCancelled = errors.New("the customer said no")
	errReturn    = errors.New("SailPlay's redirect brought no code")
)

// join exchanges what came back, and stores the link.
func (s *sailPlay) join(c echo.Context, used store.SailPlayState, returnURL string, q url.Values) error {
	if q.Get("error") != "" {
		return errCancelled
	}
	origin, code := q.Get("origin_user_id"), q.Get("code")
	if !sailplay.IsReturn(origin, code) {
		return errReturn
	}
	ctx := c.Request().Context()
	limited, cancel := context.WithTimeout(ctx, sailPlayPatience)
	defer cancel()
	joined, err := s.client.GetAuthHash(limited, origin, secret.New(code), returnURL)
	if err != nil {
		return err
	}
	if joined.Other {
		s.config.Log.Info("SailPlay answered with another origin_user_id than its redirect", "request", visitOf(c).requestID)
	}
	link := store.SailPlayLink{UserID: used.UserID, OriginUserID: joined.OriginUserID, AuthHash: s.sealer.Seal(joined.AuthHash, sealRow(used.UserID, joined.OriginUserID))}
	if err := s.db.SetSailPlayLink(ctx, link, used.Replacing, by(c)); err != nil {
		return err
	}
	s.fetch(c, joined.OriginUserID) // the page does without
	return nil
}

// sealRow is what an auth_hash is bound to.
func sealRow(userID int64, originUserID string) string { return points(userID) + " " + originUserID }

// problemOf is why nothing was linked; empty for what is the portal's own failure.
func problemOf(err error) string {
	for _, p := range []struct {
		err  error
		name string
	}{
		{store.ErrStateUnknown, "unknown"}, {store.ErrStateForeign, "foreign"}, {store.ErrStateUsed, "used"}, {store.ErrStateOld, "old"},
		{errCancelled, "cancelled"}, {errReturn, "refused"}, {sailplay.ErrRefused, "refused"}, {sailplay.ErrUnavailable, "unavailable"},
		{sailplay.ErrTimeout, "unavailable"}, {sailplay.ErrUnexpected, "unavailable"}, {store.ErrConflict, "taken"}, {store.ErrLinked, "linked"},
	} {
		if errors.Is(err, p.err) {
			return p.name
		}
	}
	return ""
}

// back leads to the page. A window of its own closes and lets the page it was opened from go there.
func (s *sailPlay) back(c echo.Context, popup bool, to string) error {
	if !popup {
		return c.Redirect(http.StatusSeeOther, to)
	}
	return render(c, http.StatusOK, views.LoyaltyClosing(s.page(c, visitOf(c).texts.T("sailplay.title")), to))
}
