package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kabinet/handlers/contact"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// Audit shows who did what, filtered by what happened, to whom, and by whom.
func (a *Room) Audit(r *web.Request) error {
	m := views.AuditModel{User: strings.TrimSpace(r.QueryParam("user")), By: strings.TrimSpace(r.QueryParam("by")),
		Event: r.QueryParam("event")}
	for _, kind := range store.EventKinds {
		m.Events = append(m.Events, views.Option{Value: string(kind), Text: r.Texts.T("audit.event." + string(kind))})
	}
	m.Filtered = m.User != "" || m.By != "" || m.Event != ""
	q := store.AuditQuery{Page: r.Cursor()}
	if slices.Contains(store.EventKinds, store.EventKind(m.Event)) {
		q.Kind = store.EventKind(m.Event)
	}
	var err error
	if q.User, err = a.userNamed(r, m.User); err == nil {
		q.Actor, err = a.userNamed(r, m.By)
	}
	if errors.Is(err, store.ErrNotFound) {
		m.NoUser = true
		return r.Show(http.StatusOK, views.Audit(r.Page(r.Texts.T("audit.title")), m))
	}
	if err != nil {
		return err
	}
	page, err := a.site.DB.Audit(r.Request().Context(), q)
	if err != nil {
		return err
	}
	m.Pager = web.Pager(r, page)
	if m.Lines, err = a.auditLines(r, page.Rows); err != nil {
		return err
	}
	return r.Show(http.StatusOK, views.Audit(r.Page(r.Texts.T("audit.title")), m))
}

// userNamed is the id of the user with an e-mail, or the id itself, which may be a deleted
// user's; 0 for no name at all.
func (a *Room) userNamed(r *web.Request, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		return id, nil
	}
	u, err := a.site.DB.UserByEmail(r.Request().Context(), contact.CanonicalEmail(name))
	return u.ID, err
}

// auditLines puts lines of the audit in words, with the present e-mails of users that there still are.
func (a *Room) auditLines(r *web.Request, events []store.Event) ([]views.AuditLine, error) {
	t := r.Texts
	var ids []int64
	for _, e := range events {
		ids = append(ids, e.UserID, e.Actor.UserID)
	}
	emails, err := a.site.DB.Emails(r.Request().Context(), ids)
	if err != nil {
		return nil, err
	}
	person := func(id int64) views.Link {
		if email, ok := emails[id]; ok {
			return views.Link{Path: views.UserPath(id), Text: email}
		}
		return views.Link{Text: t.With("audit.deleted", map[string]any{"ID": id})}
	}
	lines := make([]views.AuditLine, 0, len(events))
	for _, e := range events {
		line := views.AuditLine{At: e.At, What: t.T("audit.event." + string(e.Kind)), Detail: detail(e, t),
			User: views.Link{Text: t.T("audit.nobody")}, Address: e.Actor.Address}
		if e.UserID != 0 {
			line.User = person(e.UserID)
		}
		switch {
		case e.Actor == store.Itself:
			line.By, line.Address = views.Link{Text: t.T("audit.itself")}, ""
		case e.Actor.UserID == 0 && e.Actor.Address == "":
			line.By = views.Link{Text: t.T("audit.command_line")}
		case e.Actor.UserID == 0:
			line.By = views.Link{Text: t.T("audit.stranger")}
		case e.Actor.UserID != e.UserID:
			line.By = person(e.Actor.UserID)
		default:
			line.By = views.Link{Text: t.T("audit.self")}
		}
		if line.Address == store.AddressGone {
			line.Address = t.T("audit.address_gone")
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// detail puts an event's detail in words, where it is a word of ours.
func detail(e store.Event, t *catalogue.Texts) string {
	switch e.Kind {
	case store.RoleChanged, store.UserCreated:
		return t.T("role." + e.Detail)
	case store.Throttled:
		return t.T("audit.event." + e.Detail)
	}
	if strings.HasSuffix(string(e.Kind), "_expired") {
		gone := store.ExpiryOf(e)
		if gone.Number == 0 {
			return t.With("audit.expires", map[string]any{"Before": t.Date(gone.Before)})
		}
		return t.With("audit.expired", map[string]any{"Before": t.Date(gone.Before), "Number": gone.Number})
	}
	return t.Or("audit.detail."+e.Detail, e.Detail)
}
