package app_test

import (
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

func TestTheInspectorTellsWhatHappensInPricePlansFrame(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(p, "anna@example.com")
	tab.Open(p.URL + "/cabinet")
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	happened := func(event string) {
		t.Helper()
		apptest.Eventually(t, event, func() bool {
			for _, e := range p.Recorder.Exchanges() {
				if e.Event == event && e.UserID == 1 {
					return true
				}
			}
			return false
		})
	}
	happened("frame_ready")
	tab.Frame(cabinetOrigin(p) + "/").Click("#logout")
	happened("logout")
}

func TestACallToPricePlanIsTakenAlongWithoutItsSession(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	apptest.BodyOf(t, p.SignedInAs(t, "anna@example.com").Get("/pp-auth/"))
	page := apptest.PageOf(t, p.SignedInAs(t, "admin@example.com").Get("/admin/inspector?text=auth-key"))
	id := page.Find("[data-copy]").AttrOr("data-copy", "")
	if curl := page.Find("#" + id).Text(); !strings.HasPrefix(curl,
		"curl -X POST 'http://demo-lk.priceplan.localhost") || strings.Contains(curl, "sessionid") {
		t.Errorf("taken along is %q", curl)
	}
}
