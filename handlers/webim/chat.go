package webim

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/webim"
	"kabinet/views"
)

// chatPatience is how long the page waits for Webim's script before it says that something is wrong.
const chatPatience = 8 * time.Second

// chat is the page with the chat, for the reader as a visitor that the server has signed.
func (w *Room) chat(r *web.Request) error {
	visitor, err := w.visitor(r)
	if err != nil {
		return err
	}
	account, ctx := w.config.Account, r.Request().Context()
	// What the script loads besides itself is not documented: all of it from the account's host, then.
	origin := []string{account.Origin()}
	r.Policy = web.Policy{
		Script: origin, Frame: origin, Connect: append(origin, account.Socket()), Image: origin, Style: origin,
	}
	m := views.ChatModel{
		Visitor: visitor, Account: account.Name, Domain: account.HostPort(), Location: w.config.Location,
		Button: account.Button(), Strangers: w.config.Anonymous,
		Patience: strconv.FormatInt(w.site.PagePatience.Of(chatPatience).Milliseconds(), 10),
	}
	if visitor != nil {
		outgoing.Handed(ctx, visitor)
		m.Refresh, m.Seen = w.renewAfter(), w.seen(r.Texts, visitor.Fields)
		if m.GoesOn, err = w.db.WebimChatGoesOn(ctx, r.User().ID); err != nil {
			return err
		}
	}
	return r.Show(http.StatusOK, views.Chat(r.Page(r.Texts.T("webim.title")), m))
}

// maxRenewal bounds how long a page goes without looking whether somebody is still signed in.
const maxRenewal = 5 * time.Minute

// renewAfter is when a page fetches a fresh visitor, in milliseconds from now: well before the end, which neither a
// slow answer may miss nor a browser that lets pages in the background do something once a minute only. An object says
// its end in whole seconds.
func (w *Room) renewAfter() string {
	after := w.config.Life - min(w.config.Life/4, 2*time.Minute) - time.Second
	return strconv.FormatInt(min(after, w.site.PagePatience.Of(maxRenewal)).Milliseconds(), 10)
}

// seen is what the operator sees of a visitor, for the customer to know.
func (w *Room) seen(t *catalogue.Texts, fields webim.Fields) []views.Fact {
	var seen []views.Fact
	for _, field := range webim.Documented {
		value := strings.TrimSpace(strings.ReplaceAll(fields[field], endOfText, " "))
		if value == "" || field == "id" || strings.HasSuffix(field, "_url") ||
			field == "login" && value == fields["email"] {
			continue
		}
		fact := views.Fact{Name: field, Value: value}
		if of := names(w.config.Fields[field]); len(of) == 1 && w.config.Fields[field] == "{"+of[0]+"}" {
			fact.Name = t.T("webim.source." + of[0])
		}
		seen = append(seen, fact)
	}
	return seen
}

// link leads to the chat as a page of its own. The address is a credential until the visitor expires.
func (w *Room) link(r *web.Request) error {
	visitor, err := w.visitor(r)
	if err != nil {
		return err
	}
	link := webim.Link{
		Visitor: visitor, Location: w.config.Location,
		StartPage: &webim.StartPage{Title: r.Texts.T("webim.title"), URL: w.site.URL("/chat")},
	}
	address, err := link.URL(w.config.Account.Origin())
	if err != nil {
		return err
	}
	r.Response().Header().Set("Cache-Control", "no-store")
	return r.Redirect(http.StatusFound, address)
}
