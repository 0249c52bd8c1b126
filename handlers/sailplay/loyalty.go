package sailplay

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/sailplay"
	"kabinet/store"
	"kabinet/views"
)

// loyalty shows what is known. SailPlay is not asked: the page's script asks for fresh figures afterwards.
func (s *Room) loyalty(r *web.Request) error {
	if s.config.SDK || s.config.Widget {
		r.Policy.Script = []string{s.client.Origin()}
	}
	m := views.LoyaltyModel{Linked: r.QueryParams().Has("linked"), Unlinked: r.QueryParams().Has("unlinked"),
		Refreshed: r.QueryParams().Has("refreshed")}
	for _, p := range problems {
		if p.name == r.QueryParam("problem") {
			m.Problem = r.Texts.T("sailplay.problem." + p.name)
		}
	}
	link, err := s.db.SailPlayLink(r.Request().Context(), r.User().ID)
	if errors.Is(err, store.ErrNotFound) {
		if s.config.SDK {
			m.SDK = s.client.SDKURL()
		}
		return s.showLoyalty(r, m)
	}
	if err != nil {
		return err
	}
	m.Widget = s.widget(link)
	m.Has, m.Since, m.KnownAt = true, link.LinkedAt, link.KnownAt
	m.Stale = s.db.Now().Sub(link.KnownAt).Abs() > freshFor
	m.Down = r.QueryParams().Has("down")
	f, _, err := figuresOf(link.Figures)
	if err != nil {
		return err
	}
	s.describe(r, &m, f)
	return s.showLoyalty(r, m)
}

// widget is what SailPlay's widget needs, nil where it is not shown.
func (s *Room) widget(link store.SailPlayLink) *views.LoyaltyWidget {
	if !s.config.Widget {
		return nil
	}
	hash, err := s.sealer.Open(link.AuthHash, sealRow(link.UserID, link.OriginUserID))
	if err != nil {
		s.site.Log.Warn("no widget of SailPlay", "user", link.UserID, "error", err) // until the figures are refreshed
		return nil
	}
	return &views.LoyaltyWidget{
		Script: s.client.HubURL(), Domain: s.client.Origin(), PartnerID: s.client.PartnerID(), AuthHash: hash.Reveal(),
	}
}

// freshFor is how old figures may be before the page asks for others.
const freshFor = 30 * time.Second

func (s *Room) showLoyalty(r *web.Request, m views.LoyaltyModel) error {
	page := r.Page(r.Texts.T("sailplay.title"))
	page.Return = "/loyalty"
	return r.Show(http.StatusOK, views.Loyalty(page, m))
}

// historyPage is how many lines of the history a page shows.
const historyPage = 20

// describe puts figures into words.
func (s *Room) describe(r *web.Request, m *views.LoyaltyModel, f figures) {
	t := r.Texts
	m.Name = f.Name
	m.Points = []views.Fact{
		{Name: t.T("sailplay.confirmed"), Value: points(f.Points.Confirmed)},
		{Name: t.T("sailplay.unconfirmed"), Value: points(f.Points.Unconfirmed)},
		{Name: t.T("sailplay.spent"), Value: points(f.Points.Spent)},
	}
	m.Total, m.Word = points(f.Points.Total), t.With("sailplay.points", map[string]any{"Count": int(f.Points.Total)})
	m.Plot = plot(f)
	at, _ := strconv.Atoi(r.QueryParam("page"))
	last := max(0, (len(f.History)-1)/historyPage)
	at = min(max(at, 0), last)
	m.Page = strconv.Itoa(at)
	for _, e := range f.History[at*historyPage : min(len(f.History), (at+1)*historyPage)] {
		m.History = append(m.History, views.LoyaltyEntry{
			At: e.At, What: what(t, e), Points: signed(e.Delta), Waiting: !e.Completed,
		})
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
	kind := "other"
	if actions[e.Action] {
		kind = e.Action
	}
	text := cmp.Or(e.Name, t.T("sailplay.action."+kind))
	if e.OrderNum != "" {
		text = t.With("sailplay.numbered", map[string]any{"Name": text, "Number": e.OrderNum})
	}
	return text
}

func points(n int64) string { return strconv.FormatInt(n, 10) }

func signed(n int64) string {
	if n > 0 {
		return "+" + points(n)
	}
	return strings.Replace(points(n), "-", "−", 1)
}
