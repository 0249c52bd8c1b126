package sailplay

import (
	"net/http"
	"strings"

	"kabinet/handlers/web"
	"kabinet/integrations/sailplay"
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
	var warnings []string
	if !strings.HasPrefix(s.config.RedirectBase, "https://") {
		warnings = append(warnings, t.T("sailplay.admin.not_https"))
	}
	if !sailplay.IsDocumentedReturn(s.config.RedirectBase) {
		warnings = append(warnings, t.T("sailplay.admin.not_www"))
	}
	return r.Show(http.StatusOK, views.SailPlay(r.Page("SailPlay"), facts, warnings))
}
