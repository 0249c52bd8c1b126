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
	"kabinet/integrations/sailplay"
	"kabinet/store"
)

// figures are what is kept of what SailPlay said last.
type figures struct {
	Name    string           `json:"name"`
	Points  sailplay.Points  `json:"points"`
	History []sailplay.Entry `json:"history"`
}

// keptHistory is how many lines of a history are kept, the newest: the page reads them all.
const keptHistory = 500

// figuresOf are those that are kept of an account; known is whether there are any.
func figuresOf(link store.SailPlayLink) (f figures, known bool, err error) {
	if link.Figures == "" {
		return f, false, nil
	}
	err = json.Unmarshal([]byte(link.Figures), &f)
	return f, err == nil, err
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
	if err := s.fetch(r, link.OriginUserID); err != nil {
		return r.Redirect(http.StatusSeeOther, "/loyalty?down&"+at)
	}
	return r.Redirect(http.StatusSeeOther, "/loyalty?"+at)
}

// fetch asks for an account's figures and keeps them. That it could not is logged, too.
func (s *Room) fetch(r *web.Request, originUserID string) error {
	ctx, cancel := context.WithTimeout(r.Request().Context(), s.site.Patience.Of(patience))
	defer cancel()
	u, err := s.client.UserInfo(ctx, originUserID, sailplay.Want{History: true, AuthHash: s.config.Widget})
	if err == nil {
		err = s.keep(r, originUserID, u)
	}
	if errors.Is(err, store.ErrNotFound) { // unlinked meanwhile
		return nil
	}
	if err != nil {
		s.site.Log.Warn("no figures from SailPlay", "request", r.ID, "user", r.User().ID, "error", err)
	}
	return err
}

// keep keeps what SailPlay says of the reader's account. Where it has sent a fresh auth_hash, that replaces the
// previous one, which has a period of life.
func (s *Room) keep(r *web.Request, originUserID string, u sailplay.User) error {
	text, err := json.Marshal(figures{
		Name: u.FirstName, Points: u.Points, History: u.History[:min(len(u.History), keptHistory)],
	})
	if err != nil {
		return err
	}
	var hash []byte
	if !u.AuthHash.IsEmpty() {
		hash = s.sealer.Seal(u.AuthHash, sealRow(r.User().ID, originUserID))
	}
	return s.db.NoteSailPlayFigures(r.Request().Context(), r.User().ID, originUserID, string(text), hash)
}

// sealRow is what an auth_hash is bound to.
func sealRow(userID int64, originUserID string) string { return points(userID) + " " + originUserID }
