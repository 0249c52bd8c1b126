package amocrm

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"kabinet/handlers/brand"
	"kabinet/handlers/web"

	"kabinet/integrations/amocrm"
	"kabinet/views"
)

// administer shows an administrator how the widget is connected, and offers its archive. The secret is not there.
func (a *Room) administer(r *web.Request) error {
	return a.showSettings(r, http.StatusOK, views.Form{Values: map[string]string{"version": amocrm.WidgetVersion}})
}

func (a *Room) showSettings(r *web.Request, status int, form views.Form) error {
	t := r.Texts
	account := t.T("amocrm.admin.any_account")
	if a.config.AccountID != 0 {
		account = strconv.FormatInt(a.config.AccountID, 10)
	}
	facts := []views.Fact{
		{Name: t.T("amocrm.admin.client_id"), Value: a.config.ClientID},
		{Name: t.T("amocrm.admin.account"), Value: account},
		{Name: t.T("amocrm.admin.audience"), Value: a.site.BaseURL.String()},
		{Name: t.T("amocrm.admin.origins"), Value: strings.Join(a.config.CabinetOrigins, ", ")},
		{Name: t.T("amocrm.admin.claim"), Value: a.config.DealClaim},
	}
	page := r.Page("amoCRM")
	page.Return = "/admin/amocrm"
	return r.Show(status, views.AmoCRM(page, facts, form))
}

// archive sends widget.zip in the version that was asked for.
func (a *Room) archive(r *web.Request) error {
	version := strings.TrimSpace(r.QueryParam("version"))
	name := a.site.Brand.Name
	if name == brand.DefaultName { // a company that gives the portal no name has none
		name = ""
	}
	archive, err := amocrm.WidgetArchive(a.site.BaseURL.String(), name, version)
	if _, ok := errors.AsType[amocrm.Problems](err); ok {
		return a.showSettings(r, http.StatusUnprocessableEntity, views.Form{
			Values: map[string]string{"version": version},
			Errors: []views.FieldError{{Field: "version", Text: r.Texts.T("amocrm.admin.version_wrong")}},
		})
	}
	if err != nil {
		return err
	}
	h := r.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="widget.zip"`)
	h.Set("Cache-Control", "no-store")
	return r.Blob(http.StatusOK, "application/zip", archive)
}

// userDeals shows a user's deals to an administrator.
func (a *Room) userDeals(r *web.Request) error {
	user, err := r.UserInPath()
	if err != nil {
		return err
	}
	deals, err := a.linkedDeals(r.Request().Context(), r.Texts, user.ID)
	if err != nil {
		return err
	}
	page := r.Page(r.Texts.T("amocrm.title"))
	owner := views.Link{Path: views.UserPath(user.ID), Text: user.Email}
	return r.Show(http.StatusOK, views.AmoCRMUser(page, owner, deals, r.QueryParams().Has("unlinked")))
}

// unlinkUser forgets one of a user's deals.
func (a *Room) unlinkUser(r *web.Request) error {
	user, err := r.UserInPath()
	if err != nil {
		return err
	}
	if err := a.forget(r, user.ID); err != nil {
		return err
	}
	return r.Redirect(http.StatusSeeOther, views.UserPath(user.ID)+"/amocrm?unlinked")
}
