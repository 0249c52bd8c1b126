package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/webim"
	"kabinet/store"
	"kabinet/views"
)

// administer shows an administrator how visitors are signed, which fields are sent, what could not be
// signed lately, and what Webim has told.
func (w *webimChat) administer(c echo.Context) error {
	v := visitOf(c)
	told, err := w.db.WebimEvents(c.Request().Context(), 0, cursor(c))
	if err != nil {
		return err
	}
	m := views.WebimModel{Facts: w.settings(c), Weak: w.config.Signer.Scheme().Algorithm == webim.MD5, Pager: pager(c, told)}
	for _, f := range visitorFields {
		source := v.texts.T("webim.source.none")
		if f.source != "" {
			source = v.texts.T(f.source)
		}
		m.Fields = append(m.Fields, views.Fact{Name: f.field, Value: source})
	}
	for _, event := range webim.Events {
		m.Addresses = append(m.Addresses, views.Fact{Name: event, Value: w.Portal.config.BaseURL.String() + webimEventPath(event)})
	}
	people, err := w.db.Emails(c.Request().Context(), append(w.leftOut.users(), usersOf(told.Rows)...))
	if err != nil {
		return err
	}
	for _, id := range w.leftOut.users() {
		if people[id] == "" {
			continue // deleted meanwhile
		}
		m.LeftOut = append(m.LeftOut, views.WebimLeftOut{
			User: views.Link{Path: userPath(id), Text: people[id]}, Fields: describeLeftOut(v.texts, w.leftOut.of(id)),
		})
	}
	for _, e := range told.Rows {
		line := views.WebimEvent{At: e.At, Event: v.texts.T("webim.event." + e.Event), ChatID: e.ChatID, Operator: e.Operator}
		if e.UserID != 0 {
			line.User = views.Link{Path: userPath(e.UserID), Text: people[e.UserID]}
		}
		m.Events = append(m.Events, line)
	}
	return render(c, http.StatusOK, views.Webim(w.page(c, "Webim"), m))
}

func usersOf(events []store.WebimEvent) []int64 {
	var ids []int64
	for _, e := range events {
		ids = append(ids, e.UserID)
	}
	return ids
}

// settings are those that an administrator may see; the key is not among them.
func (w *webimChat) settings(c echo.Context) []views.Fact {
	t, scheme := visitOf(c).texts, w.config.Signer.Scheme()
	onOff := map[bool]string{true: t.T("webim.on"), false: t.T("webim.off")}
	life := t.T("webim.life_none")
	if scheme.Version == webim.V2 {
		life = t.With("webim.life_seconds", map[string]any{"Count": int(w.config.Life.Seconds())})
	}
	return []views.Fact{
		{Name: t.T("webim.account"), Value: w.config.Account.HostPort()},
		{Name: t.T("webim.version"), Value: string(scheme.Version)},
		{Name: t.T("webim.algorithm"), Value: string(scheme.Algorithm)},
		{Name: t.T("webim.charset"), Value: string(scheme.Charset)},
		{Name: t.T("webim.life"), Value: life},
		{Name: t.T("webim.anonymous"), Value: onOff[w.config.Anonymous]},
		{Name: t.T("webim.auth_handler"), Value: onOff[w.config.AuthHandler]},
	}
}
