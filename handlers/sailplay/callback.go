package sailplay

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sailplay"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

// callbacks is how often a user may come back: each costs a call to SailPlay.
var callbacks = web.Limit{
	Name: "ways back from SailPlay by a user", Burst: 20, Every: 30 * time.Second, Doing: string(store.SailPlayAsked),
}

// callback takes what SailPlay's redirect brings, and links the account. Whatever goes wrong links nothing.
func (w linking) callback(r *web.Request) error {
	ctx := r.Request().Context()
	r.Response().Header().Set("Cache-Control", "no-store")
	if r.Session == nil {
		return r.Redirect(http.StatusSeeOther, w.home(r))
	}
	state, q := returned(r)
	used, err := w.use(r, state)
	if outgoing.Step(ctx, "state", err) != nil {
		return w.notLinked(r, used, err)
	}
	account, err := w.exchange(ctx, q, w.returnURL(state))
	if outgoing.Step(ctx, "code", err) != nil {
		return w.notLinked(r, used, err)
	}
	if err := w.store(r, used, account); outgoing.Step(ctx, "link", err) != nil {
		return w.notLinked(r, used, err)
	}
	_ = w.fetchFor(r, account.OriginUserID) // the page does without
	return w.back(r, used, "/loyalty?linked")
}

// home is where a browser goes that brings no session. SailPlay may have led it to another address of the portal,
// where browsers send none: to the callback at the portal's own address, then. Where it is there already it is a
// stranger's, who is not led back here after signing in: the address carries a code.
func (w linking) home(r *web.Request) string {
	if w.config.RedirectBase == w.site.BaseURL.String() || r.QueryParams().Has("home") {
		return "/login?next=%2Floyalty"
	}
	u := *r.Request().URL
	q := u.Query()
	q.Set("home", "")
	u.RawQuery = q.Encode()
	return w.site.BaseURL.String() + u.RequestURI()
}

// returned reads the state and SailPlay's parameters. How they are added to an address is not known: with an & where
// no ? stands they are in the path.
func returned(r *web.Request) (state string, q url.Values) {
	state, q = r.Param("state"), r.QueryParams()
	if before, added, ok := strings.Cut(state, "&"); ok {
		if parsed, err := url.ParseQuery(added); err == nil {
			state, q = before, parsed
		}
	}
	return state, q
}

// use uses a state up. It returns what store.DB.UseSailPlayState does.
func (w linking) use(r *web.Request, state string) (store.SailPlayState, error) {
	session, err := r.Token()
	if err != nil {
		return store.SailPlayState{}, err
	}
	if !store.IsToken(state) {
		return store.SailPlayState{}, store.ErrStateUnknown
	}
	return w.db.UseSailPlayState(r.Request().Context(), store.HashToken(state), session)
}

var (
	errCancelled = errors.New("the customer said no")
	errReturn    = errors.New("SailPlay's redirect brought no code")
)

// exchange exchanges what came back for the customer's account.
func (w linking) exchange(ctx context.Context, q url.Values, returnURL string) (sailplay.Joined, error) {
	if q.Get("error") != "" {
		return sailplay.Joined{}, errCancelled
	}
	origin, code := q.Get("origin_user_id"), q.Get("code")
	if !sailplay.IsReturn(origin, code) {
		return sailplay.Joined{}, errReturn
	}
	limited, cancel := context.WithTimeout(ctx, w.site.Patience.Of(patience))
	defer cancel()
	return w.client.GetAuthHash(limited, origin, secret.New(code), returnURL)
}

// store stores whose account it is.
func (w linking) store(r *web.Request, used store.SailPlayState, account sailplay.Joined) error {
	if account.Other {
		w.site.Log.Info("SailPlay answered with another origin_user_id than its redirect", "request", r.ID)
	}
	return w.db.SetSailPlayLink(r.Request().Context(), used, store.SailPlayLink{
		UserID: used.UserID, OriginUserID: account.OriginUserID,
		AuthHash: w.sealer.Seal(account.AuthHash, sealRow(used.UserID, account.OriginUserID)),
	}, r.Actor())
}

// problems are why nothing was linked; each has a text in the catalogue. What is none of them is the portal's own
// failure.
var problems = []struct {
	err  error
	name string // as the page's address may say
}{
	{store.ErrStateUnknown, "unknown"},
	{store.ErrStateForeign, "foreign"},
	{store.ErrStateUsed, "used"},
	{store.ErrStateOld, "old"},
	{errCancelled, "cancelled"},
	{errReturn, "refused"},
	{sailplay.ErrRefused, "refused"},
	{sailplay.ErrUnavailable, "unavailable"},
	{sailplay.ErrTimeout, "unavailable"},
	{sailplay.ErrUnexpected, "unavailable"},
	{store.ErrConflict, "taken"},
	{store.ErrLinked, "linked"},
}

// notLinked tells the customer, the log and the audit why nothing was linked.
func (w linking) notLinked(r *web.Request, used store.SailPlayState, err error) error {
	for _, p := range problems {
		if !errors.Is(err, p.err) {
			continue
		}
		w.site.Log.Warn("no link to SailPlay", "request", r.ID, "user", r.User().ID, "problem", p.name, "error", err)
		err := r.Record(store.Event{Kind: store.SailPlayRefused, UserID: r.User().ID, Detail: p.name})
		if err != nil {
			return err
		}
		return w.back(r, used, "/loyalty?problem="+p.name)
	}
	return err
}

// back leads to the page. A window of its own closes and lets the page it was opened from go there.
func (w linking) back(r *web.Request, used store.SailPlayState, to string) error {
	if !used.Popup {
		return r.Redirect(http.StatusSeeOther, to)
	}
	return r.Show(http.StatusOK, views.LoyaltyClosing(r.Page(r.Texts.T("sailplay.title")), to))
}
