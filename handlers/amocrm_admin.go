package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/amocrm"
	"kabinet/views"
)

// administer shows an administrator how the widget is connected, and offers its archive. The secret is not there.
func (a *amoCRM) administer(c echo.Context) error {
	return a.showSettings(c, http.StatusOK, views.Form{Values: map[string]string{"version": amocrm.WidgetVersion}})
}

func (a *amoCRM) showSettings(c echo.Context, status int, form views.Form) error {
	t := visitOf(c).texts
	account := t.T("amocrm.admin.any_account")
	if a.config.AccountID != 0 {
		account = strconv.FormatInt(a.config.AccountID, 10)
	}
	facts := []views.Fact{
		{Name: t.T("amocrm.admin.client_id"), Value: a.config.ClientID},
		{Name: t.T("amocrm.admin.account"), Value: account},
		{Name: t.T("amocrm.admin.audience"), Value: a.Portal.config.BaseURL.String()},
		{Name: t.T("amocrm.admin.origins"), Value: strings.Join(a.config.CabinetOrigins, ", ")},
		{Name: t.T("amocrm.admin.claim"), Value: a.config.DealClaim},
	}
	page := a.page(c, "amoCRM")
	page.Return = "/admin/amocrm"
	return render(c, status, views.AmoCRM(page, facts, form))
}

// archive sends widget.zip in the version that was asked for.
func (a *amoCRM) archive(c echo.Context) error {
	version := strings.TrimSpace(c.QueryParam("version"))
	archive, err := amocrm.WidgetArchive(a.Portal.config.BaseURL.String(), version)
	if _, ok := errors.AsType[amocrm.Problems](err); ok {
		return a.showSettings(c, http.StatusUnprocessableEntity, views.Form{
			Values: map[string]string{"version": version},
			Errors: []views.FieldError{{Field: "version", Text: visitOf(c).texts.T("amocrm.admin.version_wrong")}},
		})
	}
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="widget.zip"`)
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "application/zip", archive)
}

// userDeals shows a user's deals to an administrator.
func (a *amoCRM) userDeals(c echo.Context) error {
	user, err := a.userInPath(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	deals, err := a.linkedDeals(c.Request().Context(), v.texts, user.ID)
	if err != nil {
		return err
	}
	page := a.page(c, v.texts.T("amocrm.title"))
	return render(c, http.StatusOK, views.AmoCRMUser(page, views.Link{Path: userPath(user.ID), Text: user.Email}, deals, c.QueryParams().Has("unlinked")))
}

// unlinkUser forgets one of a user's deals.
func (a *amoCRM) unlinkUser(c echo.Context) error {
	user, err := a.userInPath(c)
	if err != nil {
		return err
	}
	if err := a.forget(c, user.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, userPath(user.ID)+"/amocrm?unlinked")
}
