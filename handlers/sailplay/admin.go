package sailplay

import (
	"net/http"
	"strings"

	"kabinet/handlers/web"
	"kabinet/views"
)

// administer shows an administrator where SailPlay is and where it leads back to. No credential is there.
func (s *Room) administer(r *web.Request) error {
	t := r.Texts
	facts := []views.Fact{
		{Name: t.T("sailplay.admin.url"), Value: s.client.Origin()},
		{Name: t.T("sailplay.admin.partner"), Value: s.client.PartnerID()},
		{Name: t.T("sailplay.admin.department"), Value: s.client.DepartmentID()},
		{Name: t.T("sailplay.admin.return"), Value: s.config.RedirectBase + callbackPath},
	}
	warning := ""
	if !strings.HasPrefix(s.config.RedirectBase, "https://") {
		warning = t.T("sailplay.admin.not_https")
	}
	return r.Show(http.StatusOK, views.SailPlay(r.Page("SailPlay"), facts, warning))
}
