package admin

import (
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// userAudit is how many lines of a user's audit their page shows.
const userAudit = 20

// User shows a user.
func (a *Room) User(r *web.Request) error {
	user, err := r.UserInPath()
	if err != nil {
		return err
	}
	return a.showUser(r, http.StatusOK, user, views.Form{})
}

// done are the notes that a user's page can be opened with.
var done = map[string]string{
	"disabled": "user.done_disabled", "enabled": "user.done_enabled", "ended": "user.done_ended",
	"role": "user.done_role", "factors": "user.done_factors", "identifier": "user.done_identifier",
}

// showUser shows a user to an administrator; form is what is wrong with the one that was sent.
func (a *Room) showUser(r *web.Request, status int, user store.User, form views.Form) error {
	ctx := r.Request().Context()
	m := views.UserModel{
		Path: views.UserPath(user.ID), AuditPath: "/admin/audit?user=" + strconv.FormatInt(user.ID, 10),
		Self: user.ID == r.User().ID, Form: form, Since: user.CreatedAt, DisabledAt: user.DisabledAt,
		Administrator: user.Role == store.Administrator, Facts: userFacts(user, r.Texts),
	}
	if key, ok := done[r.QueryParam("done")]; ok && status == http.StatusOK {
		m.Done = r.Texts.T(key)
	}
	for _, with := range web.Having[identified](a.vendors) {
		identifier, err := with.Identifier(ctx, r.Texts, user.ID)
		if err != nil {
			return err
		}
		if typed, ok := form.Values[identifier.Field]; ok { // what was refused stays in its field
			identifier.Value = typed
		}
		m.Identifiers = append(m.Identifiers, identifier)
	}
	var err error
	if m.Sessions, err = r.SessionsOf(user.ID); err != nil {
		return err
	}
	factors, err := a.site.DB.Factors(ctx, user.ID)
	if err != nil {
		return err
	}
	m.Factors = factors.Any()
	m.Facts = append(m.Facts, views.Fact{Name: r.Texts.T("user.factors"), Value: inWords(r.Texts, factors)})
	if m.Factors {
		left := strconv.Itoa(factors.RecoveryCodes)
		m.Facts = append(m.Facts, views.Fact{Name: r.Texts.T("codes.title"), Value: left})
	}
	audit, err := a.site.DB.Audit(ctx, store.AuditQuery{User: user.ID})
	if err != nil {
		return err
	}
	if m.Audit, err = a.auditLines(r, audit.Rows[:min(len(audit.Rows), userAudit)]); err != nil {
		return err
	}
	page := r.Page(user.Email)
	page.Return = m.Path // the forms have addresses of their own
	return r.Show(status, views.AdminUser(page, m))
}

// inWords are a user's second factors.
func inWords(t *catalogue.Texts, f store.Factors) string {
	if !f.Any() {
		return t.T("user.no_factors")
	}
	var parts []string
	if f.TOTP != nil {
		parts = append(parts, t.T("security.totp"))
	}
	if n := len(f.Passkeys); n > 0 {
		parts = append(parts, t.With("user.passkeys", map[string]any{"Count": n}))
	}
	return strings.Join(parts, ", ")
}

func userFacts(u store.User, t *catalogue.Texts) []views.Fact {
	return []views.Fact{
		{Name: t.T("user.id"), Value: strconv.FormatInt(u.ID, 10)},
		{Name: t.T("field.email"), Value: u.Email},
		{Name: t.T("field.name"), Value: u.Name},
		{Name: t.T("field.phone"), Value: views.OrDash(u.Phone)},
		{Name: t.T("user.role"), Value: t.T("role." + string(u.Role))},
	}
}

// SetIdentifier changes what a user is known by at a vendor.
func (a *Room) SetIdentifier(r *web.Request) error {
	name := r.Param("vendor")
	with, ok := maps.Collect(web.Having[changeable](a.vendors))[name]
	if !ok {
		return &web.Error{Status: http.StatusNotFound}
	}
	f := r.Form(name)
	return a.change(r, f, "identifier", func(user store.User) error {
		wrong, err := with.SetIdentifier(r, user, strings.TrimSpace(f.Values[name]))
		if wrong != "" {
			f.Wrong(name, wrong)
		}
		return err
	})
}

// change answers a form of the user's page, which does one thing to the user.
func (a *Room) change(r *web.Request, f *web.Form, note string, do func(user store.User) error) error {
	user, err := r.UserInPath()
	if err != nil {
		return err
	}
	err = do(user)
	switch {
	case errors.Is(err, store.ErrLastAdministrator):
		f.Wrong("actions", r.Texts.T("admin.last"))
	case errors.Is(err, store.ErrNotFound): // deleted meanwhile
		return &web.Error{Status: http.StatusNotFound}
	case err != nil:
		return err
	case user.ID == r.User().ID && note == "role": // no administrator any more
		return r.Redirect(http.StatusSeeOther, "/dashboard")
	}
	if f.IsWrong() {
		return a.showUser(r, http.StatusUnprocessableEntity, user, f.Form)
	}
	return r.Redirect(http.StatusSeeOther, views.UserPath(user.ID)+"?done="+note)
}

// Disable switches a user off.
func (a *Room) Disable(r *web.Request) error { return a.setDisabled(r, "disabled", true) }

// Enable switches a user on again.
func (a *Room) Enable(r *web.Request) error { return a.setDisabled(r, "enabled", false) }

func (a *Room) setDisabled(r *web.Request, note string, disabled bool) error {
	return a.change(r, r.Form(), note, func(user store.User) error {
		return a.site.DB.SetDisabled(r.Request().Context(), user.ID, disabled, r.Actor())
	})
}

// EndSessions signs a user out everywhere.
func (a *Room) EndSessions(r *web.Request) error {
	return a.change(r, r.Form(), "ended", func(user store.User) error {
		return a.site.DB.EndSessions(r.Request().Context(), user.ID, nil, r.Actor())
	})
}

// TakeFactors takes a user's second factors away, who has lost them.
func (a *Room) TakeFactors(r *web.Request) error {
	return a.change(r, r.Form(), "factors", func(user store.User) error {
		letter := a.mail.Letter(mail.FactorsTaken, user.Email, user.Language,
			mail.Says{Name: user.Name, Email: user.Email, UserID: user.ID, At: a.site.DB.Now()})
		defer a.mail.Wake()
		err := a.site.DB.TakeFactors(r.Request().Context(), user.ID, r.Actor(), letter)
		if errors.Is(err, store.ErrNotFound) { // which is what was wanted
			return nil
		}
		return err
	})
}

// SetRole makes a user an administrator, or a customer.
func (a *Room) SetRole(r *web.Request) error {
	return a.change(r, r.Form(), "role", func(user store.User) error {
		role := store.Role(r.Typed("role"))
		if role != store.Administrator && role != store.Customer {
			return &web.Error{Status: http.StatusBadRequest}
		}
		return a.site.DB.SetRole(r.Request().Context(), user.ID, role, r.Actor())
	})
}
