package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/sailplay"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

// sailPlay is the part of the portal with SailPlay's loyalty programme: a customer's one account there is
// linked with theirs here, and its points and history are shown. It follows the vendor's page "Единая
// авторизация"; the way there and back is in sailplay_link.go.
type sailPlay struct {
	*Portal
	client *sailplay.Client
	sealer *secret.Sealer
}

func newSailPlay(p *Portal) *sailPlay {
	if p.config.SailPlayRedirectBase == "" {
		p.config.SailPlayRedirectBase = p.config.BaseURL.String()
	}
	return &sailPlay{p, p.config.SailPlay, secret.NewSealer("sailplay", p.config.Secret, p.config.OldSecrets...)}
}

// figures are what is kept of what SailPlay said last.
type figures struct {
	Name    string           `json:"name"`
	Points  sailplay.Points  `json:"points"`
	History []sailplay.Entry `json:"history"`
}

// sailPlayPatience is how long SailPlay may take over a customer's figures.
const sailPlayPatience = 6 * time.Second

// loyalty shows what is known. SailPlay is not asked: the page's script asks for fresh figures afterwards.
func (s *sailPlay) loyalty(c echo.Context) error {
	v := visitOf(c)
	v.policy.form = s.formOrigins()
	if s.config.SailPlaySDK || s.config.SailPlayWidget {
		v.policy.script = []string{s.client.Origin()}
	}
	m := views.LoyaltyModel{Linked: c.QueryParams().Has("linked"), Unlinked: c.QueryParams().Has("unlinked")}
	if problem := c.QueryParam("problem"); problems[problem] {
		m.Problem = v.texts.T("sailplay.problem." + problem)
	}
	link, err := s.db.SailPlayLink(c.Request().Context(), v.user().ID)
	if isNotFound(err) {
		if s.config.SailPlaySDK {
			m.SDK = s.client.SDKURL()
		}
		return s.showLoyalty(c, m)
	}
	if err != nil {
		return err
	}
	m.Widget = s.widget(link)
	m.Has, m.Since, m.KnownAt = true, link.LinkedAt, link.KnownAt
	m.Stale = s.db.Now().Sub(link.KnownAt) > freshFor
	m.Down = c.QueryParams().Has("down")
	var f figures
	if link.Figures != "" {
		if err := json.Unmarshal([]byte(link.Figures), &f); err != nil {
			return err
		}
	}
	s.describe(c, &m, f)
	return s.showLoyalty(c, m)
}

// widget is what SailPlay's widget needs, nil where it is not shown.
func (s *sailPlay) widget(link store.SailPlayLink) *views.LoyaltyWidget {
	if !s.config.SailPlayWidget {
		return nil
	}
	hash, err := s.sealer.Open(link.AuthHash, sealRow(link.UserID, link.OriginUserID))
	if err != nil {
		s.config.Log.Warn("no widget of SailPlay", "user", link.UserID, "error", err) // until the figures are refreshed
		return nil
	}
	return &views.LoyaltyWidget{Script: s.client.HubURL(), Domain: s.client.Origin(), PartnerID: s.client.PartnerID(), AuthHash: hash.Reveal()}
}

// freshFor is how old figures may be before the page asks for others.
const freshFor = 30 * time.Second

func (s *sailPlay) showLoyalty(c echo.Context, m views.LoyaltyModel) error {
	page := s.explained(c, s.page(c, visitOf(c).texts.T("sailplay.title")), s.how())
	page.Return = "/loyalty"
	return render(c, http.StatusOK, views.Loyalty(page, m))
}

// historyPage is how many lines of the history a page shows.
const historyPage = 20

// describe puts figures into words.
func (s *sailPlay) describe(c echo.Context, m *views.LoyaltyModel, f figures) {
	t := visitOf(c).texts
	m.Name = f.Name
	m.Points = []views.Fact{
		{Name: t.T("sailplay.confirmed"), Value: points(f.Points.Confirmed)},
		{Name: t.T("sailplay.unconfirmed"), Value: points(f.Points.Unconfirmed)},
		{Name: t.T("sailplay.spent"), Value: points(f.Points.Spent)},
	}
	m.Total, m.Word = points(f.Points.Total), t.With("sailplay.points", map[string]any{"Count": int(f.Points.Total)})
	m.Plot = plot(f)
	at, _ := strconv.Atoi(c.QueryParam("page"))
	last := max(0, (len(f.History)-1)/historyPage)
	at = min(max(at, 0), last)
	m.Page = strconv.Itoa(at)
	for _, e := range f.History[at*historyPage : min(len(f.History), (at+1)*historyPage)] {
		m.History = append(m.History, views.LoyaltyEntry{At: e.At, What: what(t, e), Points: signed(e.Delta), Waiting: !e.Completed})
	}
	if at > 0 {
		m.Pager.Up = "/loyalty?page=" + strconv.Itoa(at-1)
	}
	if at < last {
		m.Pager.Down = "/loyalty?page=" + strconv.Itoa(at+1)
	}
}

// actions are those of SailPlay's that there are words for.
var actions = map[string]bool{"purchase": true, "extra": true, "gift_purchase": true}

// what is an entry in words: SailPlay's own name for it, or its kind.
func what(t *catalogue.Texts, e sailplay.Entry) string {
	text := e.Name
	if text == "" && actions[e.Action] {
		text = t.T("sailplay.action." + e.Action)
	}
	if text == "" {
		text = t.T("sailplay.action.other")
	}
	if e.OrderNum != "" {
		text += " № " + e.OrderNum
	}
	return text
}

func points(n int64) string { return strconv.FormatInt(n, 10) }

func signed(n int64) string {
	if n > 0 {
		return "+" + points(n)
	}
	return points(n)
}

// refresh asks SailPlay for the reader's figures and shows the page again. When SailPlay does not answer
// the page has the last known ones.
func (s *sailPlay) refresh(c echo.Context) error {
	v := visitOf(c)
	if err := s.take(c, "loyalty", v.user().ID, s.throttle.of(figuresByUser, strconv.FormatInt(v.user().ID, 10))); err != nil {
		return err
	}
	link, err := s.db.SailPlayLink(c.Request().Context(), v.user().ID)
	if isNotFound(err) {
		return c.Redirect(http.StatusSeeOther, "/loyalty")
	}
	if err != nil {
		return err
	}
	page, _ := strconv.Atoi(c.Request().PostFormValue("page")) // of the history, that the reader is on
	at := url.Values{"page": {strconv.Itoa(page)}}.Encode()
	if !s.fetch(c, link.OriginUserID) {
		return c.Redirect(http.StatusSeeOther, "/loyalty?down&"+at)
	}
	return c.Redirect(http.StatusSeeOther, "/loyalty?"+at)
}

// keptHistory is how many lines of a history are kept, the newest: the page reads them all.
const keptHistory = 500

// fetch asks for an account's figures and keeps them. That it could not is logged and told.
func (s *sailPlay) fetch(c echo.Context, originUserID string) bool {
	v, ctx := visitOf(c), c.Request().Context()
	limited, cancel := context.WithTimeout(ctx, s.config.Patience.Of(sailPlayPatience))
	defer cancel()
	u, err := s.client.UserInfo(limited, originUserID, sailplay.Want{History: true, AuthHash: s.config.SailPlayWidget})
	var text, hash []byte
	if !u.AuthHash.IsEmpty() { // the one of before has a period of life
		hash = s.sealer.Seal(u.AuthHash, sealRow(v.user().ID, originUserID))
	}
	if err == nil {
		text, err = json.Marshal(figures{u.FirstName, u.Points, u.History[:min(len(u.History), keptHistory)]})
	}
	if err == nil {
		err = s.db.NoteSailPlayFigures(ctx, v.user().ID, originUserID, string(text), hash)
	}
	if err != nil && !isNotFound(err) { // not found: unlinked meanwhile
		s.config.Log.Warn("no figures from SailPlay", "request", v.requestID, "user", v.user().ID, "error", err)
		return false
	}
	return true
}

// disconnectForm asks for the password: without it an open session could put another account in the
// place of this one.
func (s *sailPlay) disconnectForm(c echo.Context) error {
	_, err := s.db.SailPlayLink(c.Request().Context(), visitOf(c).user().ID)
	if isNotFound(err) {
		return c.Redirect(http.StatusSeeOther, "/loyalty")
	}
	if err != nil {
		return err
	}
	return s.showDisconnect(c)(http.StatusOK, views.Form{})
}

func (s *sailPlay) disconnect(c echo.Context) error {
	return s.asked(c, s.typedPassword(c), "password", s.showDisconnect(c), func() (string, error) {
		if err := s.provePassword(c); err != nil {
			return "", err
		}
		return "/loyalty?unlinked", s.db.DeleteSailPlayLink(c.Request().Context(), visitOf(c).user().ID, by(c))
	})
}

func (s *sailPlay) showDisconnect(c echo.Context) func(int, views.Form) error {
	return func(status int, f views.Form) error {
		v := visitOf(c)
		return render(c, status, views.LoyaltyDisconnect(s.page(c, v.texts.T("sailplay.unlink")), v.user().Email, f))
	}
}

func (s *sailPlay) integration() integration {
	return integration{vendor: "sailplay", title: "SailPlay", origins: []string{s.client.Origin()}}
}

func (s *sailPlay) nav(v *visit) []views.Link {
	if v.session == nil {
		return nil
	}
	links := []views.Link{{Path: "/loyalty", Text: v.texts.T("sailplay.title")}}
	if v.isAdministrator() {
		links = append(links, views.Link{Path: "/admin/sailplay", Text: "SailPlay"})
	}
	return links
}

// administer shows an administrator where SailPlay is and where it leads back to. No credential is there.
func (s *sailPlay) administer(c echo.Context) error {
	t := visitOf(c).texts
	facts := []views.Fact{
		{Name: t.T("sailplay.admin.url"), Value: s.client.Origin()},
		{Name: t.T("sailplay.admin.partner"), Value: s.client.PartnerID()},
		{Name: t.T("sailplay.admin.department"), Value: s.client.DepartmentID()},
		{Name: t.T("sailplay.admin.return"), Value: s.config.SailPlayRedirectBase + callbackPath},
	}
	warning := ""
	if !strings.HasPrefix(s.config.SailPlayRedirectBase, "https://") {
		warning = t.T("sailplay.admin.not_https")
	}
	return render(c, http.StatusOK, views.SailPlay(s.page(c, "SailPlay"), facts, warning))
}

func (s *sailPlay) card(ctx context.Context, v *visit) (views.Card, error) {
	t := v.texts
	card := views.Card{Title: t.T("sailplay.title"), State: t.T("sailplay.state_none"), Text: t.T("sailplay.card_none"),
		Action: &views.Link{Path: "/loyalty", Text: t.T("sailplay.card_link")}}
	link, err := s.db.SailPlayLink(ctx, v.user().ID)
	if isNotFound(err) {
		return card, nil
	}
	card.State, card.Tone, card.Text, card.Action.Text = t.T("sailplay.state_linked"), "good", t.T("sailplay.card_linked"), t.T("sailplay.card_open")
	var f figures
	if err == nil && link.Figures != "" {
		if err = json.Unmarshal([]byte(link.Figures), &f); err == nil {
			card.Text = t.With("sailplay.card_points", map[string]any{"Count": int(f.Points.Total)})
		}
	}
	return card, err
}

func (s *sailPlay) fact(ctx context.Context, t *catalogue.Texts, userID int64) (views.Fact, error) {
	fact := views.Fact{Name: t.T("sailplay.account"), Value: t.T("sailplay.account_none")}
	link, err := s.db.SailPlayLink(ctx, userID)
	if isNotFound(err) {
		return fact, nil
	}
	fact.Value = link.OriginUserID
	return fact, err
}

func (s *sailPlay) identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error) {
	fact, err := s.fact(ctx, t, userID)
	return views.Identifier{Name: fact.Name, Value: fact.Value, Hint: t.T("sailplay.account_hint")}, err
}

// exportedSailPlay is what the portal knows of a user at SailPlay.
type exportedSailPlay struct {
	OriginUserID *string         `json:"origin_user_id"`
	LinkedAt     *time.Time      `json:"linked_at,omitempty"`
	Figures      json.RawMessage `json:"figures,omitempty"`
}

func (s *sailPlay) exported(ctx context.Context, userID int64) (string, any, error) {
	link, err := s.db.SailPlayLink(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return "sailplay", exportedSailPlay{}, nil
	}
	at := link.LinkedAt.UTC()
	return "sailplay", exportedSailPlay{&link.OriginUserID, &at, json.RawMessage(link.Figures)}, err
}

func (s *sailPlay) signedOut(store.Handle) {}

func (s *sailPlay) work(context.Context) {}

func (s *sailPlay) section(context.Context, views.Page, int64) (templ.Component, error) {
	return nil, nil
}
