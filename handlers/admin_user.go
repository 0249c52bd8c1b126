package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// userAudit is how many lines of a user's audit their page shows.
const userAudit = 20

func (p *Portal) user(c echo.Context) error {
	user, err := p.userInPath(c)
	if err != nil {
		return err
	}
	return p.showUser(c, http.StatusOK, user, views.Form{})
}

// done are the notes that a user's page can be opened with.
var done = map[string]string{
	"disabled": "user.done_disabled", "enabled": "user.done_enabled", "ended": "user.done_ended",
	"role": "user.done_role", "identifier": "user.done_identifier",
}

// showUser shows a user to an administrator; form is what is wrong with the one that was sent.
func (p *Portal) showUser(c echo.Context, status int, user store.User, form views.Form) error {
	v, ctx := visitOf(c), c.Request().Context()
	m := views.UserModel{
		Path: userPath(user.ID), AuditPath: "/admin/audit?user=" + strconv.FormatInt(user.ID, 10), Self: user.ID == v.user().ID, Form: form, Since: user.CreatedAt, DisabledAt: user.DisabledAt,
		Administrator: user.Role == store.Administrator, Facts: userFacts(user, v.texts),
	}
	if key, ok := done[c.QueryParam("done")]; ok && status == http.StatusOK {
		m.Done = v.texts.T(key)
	}
	for _, f := range p.features {
		identifier, err := f.identifier(ctx, v.texts, user.ID)
		if err != nil {
			return err
		}
		if typed, ok := form.Values[identifier.Field]; ok { // what was refused stays in its field
			identifier.Value = typed
		}
		m.Identifiers = append(m.Identifiers, identifier)
	}
	sessions, err := p.db.Sessions(ctx, user.ID)
	if err != nil {
		return err
	}
	m.Sessions = describe(sessions, v.texts)
	audit, err := p.db.Audit(ctx, store.AuditQuery{User: user.ID})
	if err != nil {
		return err
	}
	if m.Audit, err = p.auditLines(c, audit.Rows[:min(len(audit.Rows), userAudit)]); err != nil {
		return err
	}
	page := p.page(c, user.Email)
	page.Return = m.Path // the forms have addresses of their own
	return render(c, status, views.AdminUser(page, m))
}

func userFacts(u store.User, t *catalogue.Texts) []views.Fact {
	return []views.Fact{
		{Name: t.T("user.id"), Value: strconv.FormatInt(u.ID, 10)},
		{Name: t.T("field.email"), Value: u.Email},
		{Name: t.T("field.name"), Value: u.Name},
		{Name: t.T("field.phone"), Value: orDash(u.Phone)},
		{Name: t.T("user.role"), Value: t.T("role." + string(u.Role))},
	}
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// change answers a form of the user's page, which does one thing to the user.
func (p *Portal) change(note string, do func(c echo.Context, userID int64) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		user, err := p.userInPath(c)
		if err != nil {
			return err
		}
		err = do(c, user.ID)
		if errors.Is(err, store.ErrLastAdministrator) {
			return p.showUser(c, http.StatusUnprocessableEntity, user,
				views.Form{Errors: []views.FieldError{{Field: "actions", Text: visitOf(c).texts.T("admin.last")}}})
		}
		if isNotFound(err) { // deleted meanwhile
			return notFound()
		}
		if err != nil {
			return err
		}
		if user.ID == visitOf(c).user().ID && note == "role" { // no administrator any more
			return c.Redirect(http.StatusSeeOther, "/dashboard")
		}
		return c.Redirect(http.StatusSeeOther, userPath(user.ID)+"?done="+note)
	}
}

func (p *Portal) disableUser(c echo.Context, userID int64) error {
	return p.db.SetDisabled(c.Request().Context(), userID, true, by(c))
}

func (p *Portal) enableUser(c echo.Context, userID int64) error {
	return p.db.SetDisabled(c.Request().Context(), userID, false, by(c))
}

func (p *Portal) endUserSessions(c echo.Context, userID int64) error {
	return p.db.EndSessions(c.Request().Context(), userID, nil, by(c))
}

func (p *Portal) setUserRole(c echo.Context, userID int64) error {
	role := store.Role(c.Request().PostFormValue("role"))
	if role != store.Administrator && role != store.Customer {
		return &Error{Code: codeBadRequest}
	}
	return p.db.SetRole(c.Request().Context(), userID, role, by(c))
}
