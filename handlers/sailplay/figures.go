package sailplay

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/sailplay"
	"kabinet/store"
	"kabinet/views"
)

// figures are what is kept of what SailPlay said last.
type figures struct {
	Name    string           `json:"name"`
	Points  sailplay.Points  `json:"points"`
	History []sailplay.Entry `json:"history"`
}

// keptHistory is how many lines of a history are kept, the newest: the page reads them all.
const keptHistory = 500

// figuresOf are those that are kept as JSON; known is whether there are any.
func figuresOf(kept string) (f figures, known bool, err error) {
	if kept == "" {
		return f, false, nil
	}
	err = json.Unmarshal([]byte(kept), &f)
	return f, err == nil, err
}

// cardFigures are what the card shows of them: the dashboard does not read a whole history.
type cardFigures struct {
	Total int64           `json:"total"`
	Last  *sailplay.Entry `json:"last,omitempty"` // nil where nothing has moved yet
}

// describeCard puts what is kept of them into words.
func describeCard(t *catalogue.Texts, kept string) ([]views.CardLine, error) {
	var f cardFigures
	if err := json.Unmarshal([]byte(kept), &f); err != nil {
		return nil, err
	}
	last := views.CardValue{Text: t.T("sailplay.card_last_none")}
	if f.Last != nil {
		last.Text, last.At = signed(f.Last.Delta)+" · "+what(t, *f.Last), f.Last.At
	}
	balance := t.With("sailplay.card_points", map[string]any{"Count": int(f.Total)})
	return []views.CardLine{
		{Name: t.T("sailplay.card_balance"), Values: []views.CardValue{{Text: balance}}},
		{Name: t.T("sailplay.card_last"), Values: []views.CardValue{last}},
	}, nil
}

// patience is how long SailPlay may take over a customer's figures, and over a code.
const patience = 6 * time.Second

// refreshes is how often a user may ask for fresh figures.
var refreshes = web.Limit{
	Name: "figures of a loyalty account by a user", Burst: 20, Every: 10 * time.Second, Doing: "loyalty",
}

// refresh asks SailPlay for the reader's figures and shows the page again. When SailPlay does not answer the page has
// the last known ones.
func (s *Room) refresh(r *web.Request) error {
	link, err := s.db.SailPlayLink(r.Request().Context(), r.User().ID)
	if errors.Is(err, store.ErrNotFound) {
		return r.Redirect(http.StatusSeeOther, "/loyalty")
	}
	if err != nil {
		return err
	}
	page, _ := strconv.Atoi(r.Typed("page")) // of the history, that the reader is on
	at := url.Values{"page": {strconv.Itoa(page)}}.Encode()
	if err := s.fetchFor(r, link.OriginUserID); err != nil {
		return r.Redirect(http.StatusSeeOther, "/loyalty?down&"+at)
	}
	return r.Redirect(http.StatusSeeOther, "/loyalty?refreshed&"+at)
}

// fetchFor fetches the figures of the reader's account. That it could not is logged, too.
func (s *Room) fetchFor(r *web.Request, originUserID string) error {
	ctx, cancel := context.WithTimeout(r.Request().Context(), s.site.Patience.Of(patience))
	defer cancel()
	err := s.fetch(ctx, r.User().ID, originUserID)
	if err != nil {
		s.site.Log.Warn("no figures from SailPlay", "request", r.ID, "user", r.User().ID, "error", err)
	}
	return err
}

// fetch asks for the figures of a user's account and keeps them.
func (s *Room) fetch(ctx context.Context, userID int64, originUserID string) error {
	u, err := s.client.UserInfo(ctx, originUserID, sailplay.Want{History: true, AuthHash: s.config.Widget})
	if err == nil {
		err = s.keep(ctx, userID, originUserID, u)
	}
	if errors.Is(err, store.ErrNotFound) { // unlinked meanwhile
		return nil
	}
	return err
}

// keep keeps what SailPlay says of a user's account. Where it has sent a fresh auth_hash, that replaces the
// previous one, which has a period of life.
func (s *Room) keep(ctx context.Context, userID int64, originUserID string, u sailplay.User) error {
	text, err := json.Marshal(figures{
		Name: u.FirstName, Points: u.Points, History: u.History[:min(len(u.History), keptHistory)],
	})
	if err != nil {
		return err
	}
	onCard := cardFigures{Total: u.Points.Total}
	if len(u.History) > 0 {
		onCard.Last = &u.History[0]
	}
	card, err := json.Marshal(onCard)
	if err != nil {
		return err
	}
	var hash []byte
	if !u.AuthHash.IsEmpty() {
		hash = s.sealer.Seal(u.AuthHash, sealRow(userID, originUserID))
	}
	return s.db.NoteSailPlayFigures(ctx, userID, originUserID, string(text), string(card), hash)
}

// sealRow is what an auth_hash is bound to.
func sealRow(userID int64, originUserID string) string { return points(userID) + " " + originUserID }
