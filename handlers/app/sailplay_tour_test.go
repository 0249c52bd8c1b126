package app_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/integrations/secret"
)

// A stop whose vendor is a real one has nothing to show.
func TestTheTourHasNoStopAtARealSailPlay(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Vendors: app.Vendors{SailPlay: app.SailPlaySettings{
		PartnerID: "1", DepartmentID: "2", Secret: secret.New("0a1b2c3d4e5f60718293a4b5c6d7e9"),
		DepartmentKey: secret.New("key-of-ours"), PinCode: secret.New("1234"),
	}}})
	anna := r.SignedInAs(t, "anna@example.com")
	for stop := range stops() {
		if to := anna.Post("/demo/tour",
			url.Values{"stop": {strconv.Itoa(stop + 1)}}).Header.Get("Location"); to == "/loyalty#tour" {
			t.Errorf("stop %d leads to SailPlay", stop+1)
		}
	}
	if broken := apptest.PageOf(t, anna.Get("/how/sailplay")).Find(".step button").Length(); broken != 0 {
		t.Errorf("%d steps of a real vendor can be broken", broken)
	}
	if got := anna.Post("/demo/break", url.Values{"vendor": {"sailplay"},
		"step": {"sailplay.how.points"}}); got.StatusCode != http.StatusBadRequest {
		t.Error(got.Status)
	}
}
