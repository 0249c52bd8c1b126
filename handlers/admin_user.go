package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

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
		Path: userPath(user.ID), Self: user.ID == v.user().ID, Form: form, Since: user.CreatedAt, DisabledAt: user.DisabledAt,
		Administrator: user.Role == store.Administrator,
		Facts: []views.Fact{
			{Name: v.texts.T("user.id"), Value: strconv.FormatInt(user.ID, 10)},
			{Name: v.texts.T("field.email"), Value: user.Email},
			{Name: v.texts.T("field.name"), Value: user.Name},
			{Name: v.texts.T("field.phone"), Value: orDash(user.Phone)},
			{Name: v.texts.T("user.role"), Value: v.texts.T("role." + string(user.Role))},
		},
	}
	if key, ok := done[c.QueryParam("done")]; ok && status == http.StatusOK {
		m.Done = v.texts.T(key)
	}
	for _, f := range p.features {
		identifier, err := f.identifier(ctx, v.texts, user.ID)
		if err != nil {
			return err
		}
		m.Identifiers = append(m.Identifiers, identifier)
	}
	sessions, err := p.db.Sessions(ctx, user.ID)
	if err != nil {
		return err
	}
	m.Sessions = describe(sessions, v.texts)
	page, err := p.db.Audit(ctx, store.AuditQuery{User: user.ID})
	if err != nil {
		return err
	}
	if m.Audit, err = p.auditLines(c, page.Rows[:min(len(page.Rows), userAudit)]); err != nil {
		return err
	}
	return render(c, status, views.AdminUser(p.page(c, user.Email), m))
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
