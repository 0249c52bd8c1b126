package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	"kabinet/store"
	"kabinet/views"
)

// Webim is what the portal needs to know of its account at Webim.
type Webim struct {
	Account  webim.Account
	Signer   *webim.Signer
	Keys     []secret.Text // any of which signs webhooks; two while the account's key is being changed
	Location string        // of the account; may be empty
	Life     time.Duration // how long a signed visitor holds; version 1.0 cannot say so
	// Anonymous lets strangers into the chat.
	Anonymous bool
	// AuthHandler answers at /webim/auth.
	AuthHandler bool
	Now         func() time.Time // time.Now when nil
}

// webimChat is the part of the portal with Webim's chat. It follows the vendor's page
// "Идентификация авторизованных клиентов" and its successor: who a customer is, the server signs.
type webimChat struct {
	*Portal
	config  Webim
	leftOut leftOut
}

// visitorFields says which of Webim's ten documented fields is filled from what. Nothing is sent
// that the operator does not need; source is a key of the catalogue, empty for what is not sent.
var visitorFields = []struct {
	field, source string
	value         func(visitorID string, u store.User) string
}{
	{"id", "webim.source.id", func(id string, _ store.User) string { return id }},
	{"display_name", "webim.source.name", func(_ string, u store.User) string { return u.Name }},
	{"phone", "webim.source.phone", func(_ string, u store.User) string { return u.Phone }},
	{"email", "webim.source.email", func(_ string, u store.User) string { return u.Email }},
	{"login", "webim.source.email", func(_ string, u store.User) string { return u.Email }},
	{"icq", "", nil},
	{"profile_url", "", nil},
	{"avatar_url", "", nil},
	{"comment", "", nil},
	{"info", "", nil},
}

func (w *webimChat) now() time.Time {
	if w.config.Now != nil {
		return w.config.Now()
	}
	return time.Now()
}

// sign signs a user as a visitor. A value that cannot be signed is left out and the administrator
// told: the chat stays identified.
func (w *webimChat) sign(ctx context.Context, u store.User) (webim.Visitor, error) {
	id, err := w.db.WebimVisitor(ctx, u.ID)
	if err != nil {
		return webim.Visitor{}, err
	}
	fields := webim.Fields{}
	for _, f := range visitorFields {
		if f.value != nil {
			fields[f.field] = f.value(id, u)
		}
	}
	var out []error
	for {
		v, err := w.config.Signer.Sign(fields, w.now().Add(w.config.Life))
		wrong, ok := errors.AsType[*webim.FieldError](err)
		if !ok || wrong.Field == "id" {
			if w.leftOut.note(u.ID, out) {
				w.Portal.config.Log.Warn("fields of a visitor cannot be signed and are left out", "user", u.ID, "error", errors.Join(out...))
			}
			return v, err
		}
		out = append(out, wrong)
		delete(fields, wrong.Field)
	}
}

// visitor answers a page whose visitor is about to expire, or has changed.
func (w *webimChat) visitor(c echo.Context) error {
	v := visitOf(c)
	if v.session == nil {
		return &Error{Code: codeUnauthorized}
	}
	visitor, err := w.sign(c.Request().Context(), v.user())
	if err != nil {
		return err
	}
	answer, err := json.Marshal(visitor)
	if err != nil {
		return err
	}
	v.said = string(answer)
	return c.JSONBlob(http.StatusOK, answer)
}

// ofReader is the visitor of the reader, nil for a stranger.
func (w *webimChat) ofReader(c echo.Context) (*webim.Visitor, error) {
	v := visitOf(c)
	if v.session == nil {
		return nil, nil
	}
	visitor, err := w.sign(c.Request().Context(), v.user())
	return &visitor, err
}

// chatPatience is how long the page waits for Webim's script before it says that something is wrong.
const chatPatience = 8 * time.Second

func (w *webimChat) chat(c echo.Context) error {
	v, account := visitOf(c), w.config.Account
	visitor, err := w.ofReader(c)
	if err != nil {
		return err
	}
	// What the script loads besides itself is not documented: all of it from the account's host, then.
	origin := []string{account.Origin()}
	v.policy = policy{script: origin, frame: origin, connect: append(origin, account.Socket()), image: origin, style: origin}
	m := views.ChatModel{
		Visitor: visitor, Account: account.Name, Domain: account.HostPort(), Location: w.config.Location, Button: account.Button(),
		Patience: strconv.FormatInt(w.Portal.config.PagePatience.Of(chatPatience).Milliseconds(), 10), Strangers: w.config.Anonymous,
	}
	if visitor != nil {
		said, err := json.Marshal(visitor)
		if err != nil {
			return err
		}
		v.said = string(said)
		m.Refresh = w.refreshAfter()
		m.Seen = w.seen(v.texts, visitor.Fields)
		if m.GoesOn, err = w.db.WebimChatGoesOn(c.Request().Context(), v.user().ID); err != nil {
			return err
		}
	}
	return render(c, http.StatusOK, views.Chat(w.explained(c, w.page(c, v.texts.T("webim.title")), w.how()), m))
}

// maxRefresh bounds how long a page goes without looking whether somebody is still signed in.
const maxRefresh = 5 * time.Minute

// refreshAfter is when a page fetches a fresh visitor, in milliseconds from now: well before the end, which
// neither a slow answer may miss nor a browser that lets pages in the background do something once a
// minute only. An object says its end in whole seconds.
func (w *webimChat) refreshAfter() string {
	after := w.config.Life - min(w.config.Life/4, 2*time.Minute) - time.Second
	return strconv.FormatInt(min(after, w.Portal.config.PagePatience.Of(maxRefresh)).Milliseconds(), 10)
}

// seen is what the operator sees of a visitor, for the customer to know.
func (w *webimChat) seen(t *catalogue.Texts, fields webim.Fields) []views.Fact {
	var seen []views.Fact
	for _, f := range visitorFields {
		if value := fields[f.field]; value != "" && f.field != "id" && f.field != "login" {
			seen = append(seen, views.Fact{Name: t.T(f.source), Value: value})
		}
	}
	return seen
}

// link leads to the chat as a page of its own. The address is a credential until the visitor expires.
func (w *webimChat) link(c echo.Context) error {
	visitor, err := w.ofReader(c)
	if err != nil {
		return err
	}
	link := webim.Link{
		Visitor: visitor, Location: w.config.Location,
		StartPage: &webim.StartPage{Title: visitOf(c).texts.T("webim.title"), URL: w.portalURL("/chat")},
	}
	address, err := link.URL(w.config.Account.Origin())
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusFound, address)
}

func (w *webimChat) portalURL(path string) string {
	return w.Portal.config.BaseURL.ResolveReference(&url.URL{Path: path}).String()
}

func (w *webimChat) integration() integration {
	return integration{vendor: "webim", title: "Webim", origins: []string{w.config.Account.Origin()}, asks: true}
}

func (w *webimChat) nav(v *visit) []views.Link {
	var links []views.Link
	if v.session != nil || w.config.Anonymous {
		links = append(links, views.Link{Path: "/chat", Text: v.texts.T("webim.title")})
	}
	if v.isAdministrator() {
		links = append(links, views.Link{Path: "/admin/webim", Text: "Webim"})
	}
	return links
}

func (w *webimChat) card(_ context.Context, v *visit) (views.Card, error) {
	t := v.texts
	return views.Card{
		Title: t.T("webim.title"), State: t.T("webim.state_ready"), Tone: "good", Text: t.T("webim.card_text"),
		Action: &views.Link{Path: "/chat", Text: t.T("webim.card_open")},
	}, nil
}

func (w *webimChat) fact(ctx context.Context, t *catalogue.Texts, userID int64) (views.Fact, error) {
	id, err := w.db.WebimVisitor(ctx, userID)
	return views.Fact{Name: t.T("webim.visitor_id"), Value: id}, err
}

func (w *webimChat) identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error) {
	id, err := w.db.WebimVisitor(ctx, userID)
	i := views.Identifier{Name: t.T("webim.visitor_id"), Value: id, Hint: t.T("webim.visitor_id_hint")}
	if out := w.leftOut.of(userID); len(out) > 0 {
		i.Note = t.With("webim.left_out_of_user", map[string]any{"Fields": describeLeftOut(t, out)})
	}
	return i, err
}

// exportedWebim is what the portal knows of a user at Webim.
type exportedWebim struct {
	VisitorID string               `json:"visitor_id"`
	Chats     []exportedWebimEvent `json:"chats"`
}

type exportedWebimEvent struct {
	At     time.Time `json:"at"`
	Event  string    `json:"event"`
	ChatID string    `json:"chat_id"`
}

func (w *webimChat) exported(ctx context.Context, userID int64) (string, any, error) {
	id, err := w.db.WebimVisitor(ctx, userID)
	e := exportedWebim{VisitorID: id, Chats: []exportedWebimEvent{}}
	for at := (&store.Cursor{}); at != nil && err == nil; {
		var page store.Page[store.WebimEvent]
		page, err = w.db.WebimEvents(ctx, userID, *at)
		for _, told := range page.Rows {
			e.Chats = append(e.Chats, exportedWebimEvent{told.At.UTC(), told.Event, told.ChatID})
		}
		at = page.Down
	}
	return "webim", e, err
}

func (w *webimChat) signedOut(store.Handle) {}

func (w *webimChat) work(context.Context) {}

func (w *webimChat) section(context.Context, views.Page, int64) (templ.Component, error) {
	return nil, nil
}
