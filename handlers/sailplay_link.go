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
	if c.Request().Header.Get("Accept") == "application/json" { // for the vendor's script, which opens the way itself
		state, err := s.newState(c, false)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]string{"store_department_id": s.client.DepartmentID(), "redirect_url": s.returnURL(state)})
	}
	to, err := s.leave(c, false)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// replaceForm asks for the password, since whoever finds an open session must not change the account.
func (s *sailPlay) replaceForm(c echo.Context) error {
	return s.showReplace(c)(http.StatusOK, views.Form{})
}

// replace sends the reader to SailPlay to link another account in place of the one that there is.
func (s *sailPlay) replace(c echo.Context) error {
	f := s.typedPassword(c)
	return s.asked(c, f, "password", s.showReplace(c), func() (string, error) {
		if err := s.provePassword(c); err != nil {
			return "", err
		}
		return s.leave(c, true)
	})
}

// typedPassword is a form with the portal's password and nothing else.
func (s *sailPlay) typedPassword(c echo.Context) *fields {
	f := typed(c)
	f.password("password", c.Request().PostFormValue("password"))
	return f
}

// provePassword returns what prove does for the reader.
func (s *sailPlay) provePassword(c echo.Context) error {
	user := visitOf(c).user()
	_, err := s.prove(c, user, user.Email, c.Request().PostFormValue("password"), store.PasswordRefused)
	return err
}

func (s *sailPlay) showReplace(c echo.Context) func(int, views.Form) error {
	return func(status int, f views.Form) error {
		v := visitOf(c)
		v.policy.form = s.formOrigins()
		return render(c, status, views.LoyaltyReplace(s.page(c, v.texts.T("sailplay.replace")), v.user().Email, f))
	}
}

// leave notes a state for the reader and returns the address at SailPlay.
func (s *sailPlay) leave(c echo.Context, replacing bool) (string, error) {
	state, err := s.newState(c, replacing)
	return s.client.AuthorizeURL(s.returnURL(state)), err
}

func (s *sailPlay) newState(c echo.Context, replacing bool) (string, error) {
	user := visitOf(c).user()
	if err := s.take(c, string(store.SailPlayAsked), user.ID, s.throttle.of(linksByUser, points(user.ID))); err != nil {
		return "", err
	}
	session, err := s.currentToken(c)
	if err != nil {
		return "", err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	state := newToken()
	return state, s.db.AddSailPlayState(c.Request().Context(), store.SailPlayState{
		State: hashToken(state), UserID: user.ID, Session: *session, Popup: c.Request().PostFormValue("popup") != "", Replacing: replacing,
	}, by(c))
}

// formOrigins are where the redirects of the forms that leave lead: to SailPlay, and, where the customer is
// signed in there already, at once to the address to come back to.
func (s *sailPlay) formOrigins() []string {
	origins := []string{s.client.Origin()}
	if s.config.SailPlayRedirectBase != s.config.BaseURL.String() {
		origins = append(origins, s.config.SailPlayRedirectBase)
	}
	return origins
}

// returnURL is where SailPlay leads back to: the same, byte for byte, on both ways.
func (s *sailPlay) returnURL(state string) string {
	return s.config.SailPlayRedirectBase + callbackPath + state
}

// callback takes what SailPlay's redirect brings. Whatever goes wrong changes nothing.
func (s *sailPlay) callback(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	if visitOf(c).session == nil {
		if home := s.home(c); home != "" {
			return c.Redirect(http.StatusSeeOther, home)
		}
		return c.Redirect(http.StatusSeeOther, "/login?next=%2Floyalty")
	}
	if err := s.take(c, string(store.SailPlayAsked), visitOf(c).user().ID, s.throttle.of(returnsByUser, points(visitOf(c).user().ID))); err != nil {
		return err
	}
	state, q := returned(c)
	session, err := s.currentToken(c)
	if err != nil {
		return err
	}
	used := store.SailPlayState{}
	if !isToken(state) {
		err = store.ErrStateUnknown
	} else {
		used, err = s.db.UseSailPlayState(c.Request().Context(), hashToken(state), *session)
	}
	visitOf(c).checked("state", err)
	if err == nil {
		err = s.join(c, used, s.returnURL(state), q)
		visitOf(c).checked("code", err)
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

// home is the callback at the portal's own address, empty when the request is there already: SailPlay may
// have led to another address of the portal, where browsers send no session.
func (s *sailPlay) home(c echo.Context) string {
	if s.config.SailPlayRedirectBase == s.config.BaseURL.String() || c.QueryParams().Has("home") {
		return ""
	}
	u := *c.Request().URL
	q := u.Query()
	q.Set("home", "")
	u.RawQuery = q.Encode()
	return s.config.BaseURL.String() + u.RequestURI()
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
	limited, cancel := context.WithTimeout(ctx, s.config.Patience.Of(sailPlayPatience))
	defer cancel()
	joined, err := s.client.GetAuthHash(limited, origin, secret.New(code), returnURL)
	if err != nil {
		return err
	}
	if joined.Other {
		s.config.Log.Info("SailPlay answered with another origin_user_id than its redirect", "request", visitOf(c).requestID)
	}
	link := store.SailPlayLink{UserID: used.UserID, OriginUserID: joined.OriginUserID, AuthHash: s.sealer.Seal(joined.AuthHash, sealRow(used.UserID, joined.OriginUserID))}
	if err := s.db.SetSailPlayLink(ctx, used, link, by(c)); err != nil {
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
