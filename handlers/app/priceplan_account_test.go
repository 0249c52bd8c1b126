package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/store"
)

func TestAnAdministratorSetsAPricePlanClientOnceAndNoTwice(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	admin, boris := r.Client(t), r.Client(t)
	admin.SignIn("admin@example.com")
	boris.SignIn("boris@example.com")
	set := func(id string) *http.Response {
		return admin.Post("/admin/users/2/priceplan", url.Values{"priceplan": {id}})
	}
	response := set("1001")
	page := apptest.PageOf(t, response)
	if response.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(page.Find("#errors").Text(), "anna@example.com") ||
		page.Find("#priceplan").AttrOr("value", "") != "1001" {
		t.Errorf("another's client: %s, %s", response.Status, page.Find("#errors").Text())
	}
	if back := page.Find(".languages input[name=next]").AttrOr("value", ""); back != "/admin/users/2" {
		t.Errorf("a change of language leads from there to %s", back)
	}
	for _, wrong := range []string{"0", "-1", "1002x", "1e3", "99999999999999999999", "1001 1002"} {
		if response := set(wrong); response.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q: %s", wrong, response.Status)
		}
	}
	apptest.Redirected(t, set(" 1002 "), "/admin/users/2?done=identifier")
	if text := apptest.PageOf(t, boris.Get("/profile")).Find(".facts").Text(); !strings.Contains(text, "1002") {
		t.Errorf("Boris sees %s", text)
	}
	if response := boris.Get("/pp-auth/"); response.StatusCode != http.StatusFound {
		t.Errorf("Boris's cabinet: %s", response.Status)
	}
	apptest.Redirected(t, set("1003"), "/admin/users/2?done=identifier")
	apptest.Redirected(t, set(""), "/admin/users/2?done=identifier")
	if response := boris.Get("/pp-auth/"); response.StatusCode != http.StatusNotFound {
		t.Errorf("Boris's cabinet afterwards: %s", response.Status)
	}
	audit, err := r.DB.Audit(t.Context(), store.AuditQuery{User: 2})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range audit.Rows {
		told = append(told, fmt.Sprintf("%s %s by %d", e.Kind, e.Detail, e.Actor.UserID))
	}
	want := []string{"priceplan_unlinked 1003 by 3", "priceplan_linked 1002 → 1003 by 3", "cabinet_opened 1002 by 2",
		"priceplan_linked 1002 by 3", "signed_in  by 2"}
	if !slices.Equal(told, want) {
		t.Errorf("the audit tells %q", told)
	}
	// The page shows the same, in words.
	if text := apptest.PageOf(t, admin.Get("/admin/users/2")).Find("table").Text(); !strings.Contains(text,
		"1002 → 1003") || !strings.Contains(text, "admin@example.com") {
		t.Errorf("the page tells %s", text)
	}
}

func TestTheExportHasTheClientAtPricePlan(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	anna.Get("/pp-auth/")
	var e struct {
		Vendors map[string]struct {
			ClientID int64 `json:"client_id"`
		}
		Events []struct{ Event string }
	}
	if err := json.Unmarshal([]byte(apptest.BodyOf(t, anna.Get("/profile/export"))), &e); err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, event := range e.Events {
		events = append(events, event.Event)
	}
	if got := strings.Join(events, " "); got != "cabinet_opened signed_in priceplan_linked" ||
		e.Vendors["priceplan"].ClientID != 1001 {
		t.Errorf("the events are %s, the client is %v", got, e.Vendors)
	}
}

func TestADeletedAccountTakesItsLinkToPricePlanAlong(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	if said := apptest.PageOf(t, anna.Get("/profile/delete")).Find("main").Text(); !strings.Contains(said, "1001") {
		t.Errorf("it is not said that 1001 goes: %s", said)
	}
	apptest.Redirected(t, anna.Post("/profile/delete", url.Values{"password": {app.DemoPassword}}), "/?deleted")
	if _, err := p.DB.PricePlanUser(t.Context(), 1001); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the link: %v", err)
	}
}

// Whoever could set their own client at PricePlan would open another's billing.
func TestNobodySetsTheirOwnClientAtPricePlan(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	c := p.Client(t)
	apptest.Redirected(t, c.Post("/register", registration("client_id", "1001", "priceplan", "1001")), "/dashboard")
	if _, err := p.DB.PricePlanClient(t.Context(), 4); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("who has registered has a client: %v", err)
	}
	anna := p.SignedInAs(t, "anna@example.com")
	anna.Post("/profile", url.Values{"name": {"Анна"}, "language": {"ru"}, "client_id": {"1002"},
		"priceplan": {"1002"}})
	if id, err := p.DB.PricePlanClient(t.Context(), 1); err != nil || id != 1001 {
		t.Errorf("Anna's client is %d, %v", id, err)
	}
}

func TestClientsAtPricePlanAreSetByTheCommand(t *testing.T) {
	t.Parallel()
	c := commands{t, filepath.Join(t.TempDir(), "new")}
	for _, step := range []struct {
		input, line string
		ok          bool
		says        string
	}{
		{"a good phrase\n", "user create root@example.com", true, "number 1"},
		{"another phrase\n", "user create anna@example.com", true, "number 2"},
		{"", "user set-priceplan anna@example.com 1001", true, "is client 1001"},
		{"", "user set-priceplan 1 1001", false, "belongs to anna@example.com"},
		{"", "user set-priceplan 1 -- -5", false, "no client number"},
		{"", "user set-priceplan 2 none", true, "no client number"},
	} {
		if said, ok := c.run(step.input, strings.Fields(step.line)...); ok != step.ok ||
			!strings.Contains(said, step.says) {
			t.Errorf("%s: %v, %s", step.line, ok, said)
		}
	}
}

func TestPricePlansCabinetIsClosedToWhoMustHaveASecondFactor(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{RequireSecondFactor: "everybody"})
	anna := r.SignedInAs(t, "anna@example.com")
	apptest.Redirected(t, anna.Get("/pp-auth/"), "/profile/security?required")
}
