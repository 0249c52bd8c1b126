package webim

import (
	"maps"
	"net/http"
	"slices"

	"kabinet/handlers/web"
	"kabinet/integrations/webim"
	"kabinet/views"
)

// administer shows an administrator how visitors are signed, which fields are sent, what could not be
// signed lately, and what Webim has told.
func (w *Room) administer(r *web.Request) error {
	told, err := w.db.WebimEvents(r.Request().Context(), 0, r.Cursor())
	if err != nil {
		return err
	}
	m := views.WebimModel{
		Facts: w.settings(r), Weak: w.config.Signer.Scheme().Algorithm == webim.MD5, Pager: web.Pager(r, told),
	}
	for _, field := range webim.Documented {
		m.Fields = append(m.Fields, views.Fact{Name: field, Value: w.config.Fields.describe(r.Texts, field)})
	}
	for _, event := range webim.Events {
		m.Addresses = append(m.Addresses, views.Fact{Name: event, Value: w.site.BaseURL.String() + eventPath(event)})
	}
	lacking := w.leftOut.remembered()
	users := slices.Collect(maps.Keys(lacking))
	for _, e := range told.Rows {
		users = append(users, e.UserID)
	}
	people, err := w.db.Emails(r.Request().Context(), users)
	if err != nil {
		return err
	}
	link := func(id int64) views.Link { return views.Link{Path: views.UserPath(id), Text: people[id]} }
	for _, id := range slices.Sorted(maps.Keys(lacking)) {
		if people[id] != "" { // else deleted meanwhile
			fields := describeLeftOut(r.Texts, lacking[id])
			m.LeftOut = append(m.LeftOut, views.WebimLeftOut{User: link(id), Fields: fields})
		}
	}
	for _, e := range told.Rows {
		line := views.WebimEvent{At: e.At, Event: r.Texts.T("webim.event." + e.Event), ChatID: e.ChatID,
			Operator: e.Operator}
		if e.UserID != 0 {
			line.User = link(e.UserID)
		}
		m.Events = append(m.Events, line)
	}
	return r.Show(http.StatusOK, views.Webim(r.Page("Webim"), m))
}

// settings are those that an administrator may see; the key is not among them.
func (w *Room) settings(r *web.Request) []views.Fact {
	t, scheme := r.Texts, w.config.Signer.Scheme()
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
