package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// startProvisioning starts a demo that has clients created, with a clock that the test moves.
func startProvisioning(t *testing.T) (*apptest.Program, *apptest.Clock) {
	t.Helper()
	c := apptest.NewClock()
	return apptest.Start(t, app.Demo, app.Settings{Now: c.Now,
		Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Provision: "true"}}}), c
}

// registers registers somebody, and returns their browser and their id.
func registers(r *apptest.Program, t *testing.T, name string) (*apptest.Client, int64) {
	t.Helper()
	c := r.Client(t)
	email := strings.ToLower(name) + "@example.com"
	apptest.Redirected(t, c.Post("/register",
		url.Values{"name": {name}, "email": {email}, "password": {"a good new password"}}), "/dashboard")
	return c, r.User(t, email).ID
}

func provision(r *apptest.Program, t *testing.T, userID int64) store.ProvisionState {
	t.Helper()
	p, err := r.DB.PricePlanProvision(t.Context(), userID)
	if err != nil {
		return ""
	}
	return p.State
}

func hasClient(r *apptest.Program, userID int64) bool {
	_, err := r.DB.PricePlanClient(context.Background(), userID)
	return err == nil
}

// clientsAtPricePlan is how many there are; the sandbox begins with four.
func clientsAtPricePlan(r *apptest.Program, t *testing.T) int {
	t.Helper()
	return strings.Count(staff(r, t, http.MethodGet, "clients/?take=200&fields=client__id", ""), "client__id")
}

// With mail there is a client when the letter's link is used, and not when somebody asks for the letter.
func TestWhoeverRegistersByMailHasAPricePlanClientOnceTheyHaveConfirmed(t *testing.T) {
	t.Parallel()
	s := app.Settings{}
	s.Mail, s.PricePlan.Provision = apptest.Mailbox, "true"
	r := apptest.Start(t, app.Demo, s)
	c := r.Client(t)
	before := clientsAtPricePlan(r, t)
	c.Post("/register", asks("vera@example.com"))
	link := linkIn(t, comes(t, r, "vera@example.com", 1))
	c.Get(link)
	if n := clientsAtPricePlan(r, t); n != before {
		t.Errorf("%d clients, %d before", n, before)
	}
	sends(c, "/register/password", "name", "Vera", "password", "a good new password")
	vera := r.User(t, "vera@example.com").ID
	apptest.Eventually(t, "her client at PricePlan", func() bool { return hasClient(r, vera) })
}

func TestWhoeverRegistersHasAPricePlanCabinetSoonAfter(t *testing.T) {
	t.Parallel()
	r, _ := startProvisioning(t)
	vera, id := registers(r, t, "Vera")
	apptest.Eventually(t, "a client", func() bool { return hasClient(r, id) })
	response := vera.Get("/pp-auth/")
	if response.StatusCode != http.StatusFound ||
		!strings.HasPrefix(response.Header.Get("Location"), cabinetOrigin(r)+"/auth-key/") {
		t.Errorf("%s", response.Status)
	}
	if state := provision(r, t, id); state != "" || clientsAtPricePlan(r, t) != 5 {
		t.Errorf("left %q, %d clients", state, clientsAtPricePlan(r, t))
	}
	clientID, err := r.DB.PricePlanClient(t.Context(), id)
	if err != nil || clientID < 100_000 {
		t.Errorf("client %d, %v", clientID, err)
	}
	about := staff(r, t, http.MethodGet, fmt.Sprintf("clients/%d", clientID), "")
	if !strings.Contains(about, `"external_id":"5"`) || !strings.Contains(about, `"name":"Vera"`) ||
		!strings.Contains(about, `"type":2`) || id != 5 {
		t.Errorf("PricePlan knows %s of user %d", about, id)
	}
	if events := r.Events(t, id); events[0] != store.CabinetOpened || !slices.Contains(events, store.PricePlanLinked) {
		t.Errorf("the audit says %v", events)
	}
}

func TestRegisteringDoesNotWaitForPricePlan(t *testing.T) {
	t.Parallel()
	r, _ := startProvisioning(t)
	if err := pricePlanSandbox(r).Faults().Set("login", sandbox.Fault{Hang: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	vera, id := registers(r, t, "Vera") // answered, although PricePlan does not
	apptest.Eventually(t, "asking", func() bool { return provision(r, t, id) == store.ProvisionAsking })
	if page := apptest.PageOf(t, vera.Get("/dashboard")).Text(); !strings.Contains(page, "Создаётся") {
		t.Error("the card does not say that the cabinet is being created")
	}
	response := vera.Get("/pp-auth/")
	if page := apptest.PageOf(t, response).Text(); response.StatusCode != http.StatusNotFound ||
		!strings.Contains(page, "Кабинет создаётся") {
		t.Errorf("%s: %s", response.Status, page)
	}
	pricePlanSandbox(r).Faults().Clear()
}

func TestACreationThatPricePlanHasCertainlyNotDoneIsTriedAgainLaterAndLater(t *testing.T) {
	t.Parallel()
	r, clock := startProvisioning(t)
	if err := pricePlanSandbox(r).Faults().Set("create-client",
		sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: 45}); err != nil {
		t.Fatal(err)
	}
	_, id := registers(r, t, "Vera")
	admin := r.SignedInAs(t, "admin@example.com")
	for i, delay := range []time.Duration{45 * time.Second, 60 * time.Second, 120 * time.Second} {
		var p store.Provision
		apptest.Eventually(t, "waiting again", func() (is bool) {
			p, _ = r.DB.PricePlanProvision(t.Context(), id)
			return p.State == store.ProvisionWaiting && p.Attempts == i+1
		})
		if due := p.Due.Sub(clock.Now()); due != delay {
			t.Errorf("after attempt %d it waits %v, want %v", i+1, due, delay)
		}
		if i == 2 {
			pricePlanSandbox(r).Faults().Clear()
		}
		clock.Forward(delay)
		// The clock of a test moves no timer; asking again for what is on its way changes nothing, and wakes.
		apptest.Redirected(t, admin.Post("/admin/users/5/priceplan/create", url.Values{}), "/admin/users/5/priceplan")
	}
	apptest.Eventually(t, "a client", func() bool { return hasClient(r, id) })
	if n := clientsAtPricePlan(r, t); n != 5 {
		t.Errorf("%d clients", n)
	}
}

func TestWhenPricePlanIsDownOneWhoWaitsTriesForAll(t *testing.T) {
	t.Parallel()
	r, clock := startProvisioning(t)
	if err := pricePlanSandbox(r).Faults().Set("login", sandbox.Fault{Status: http.StatusUnauthorized}); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		registers(r, t, fmt.Sprintf("Somebody%d", i))
	}
	r.WaitForLog(t, "a client was not created at PricePlan")
	tries := func() int { return strings.Count(r.Log.String(), "/api/login") }
	if n := tries(); n > 2 { // the exchange, and the log's line about the creation
		t.Errorf("the manager's password was sent %d times", n)
	}
	pricePlanSandbox(r).Faults().Clear()
	clock.Forward(time.Minute)
	_, last := registers(r, t, "Last")
	apptest.Eventually(t, "everybody", func() bool { return hasClient(r, last) && clientsAtPricePlan(r, t) == 10 })
}

// A database that fails between PricePlan's answer and our note of it.
func TestACreationAtPricePlanWhoseNoteWasLostIsLeftToAnAdministrator(t *testing.T) {
	t.Parallel()
	r, clock := startProvisioning(t)
	const refuse = `CREATE TRIGGER full BEFORE INSERT ON priceplan_clients BEGIN SELECT RAISE(ABORT, 'full'); END`
	if err := apptest.ExecuteIn(r.Database, refuse); err != nil {
		t.Fatal(err)
	}
	_, id := registers(r, t, "Vera")
	r.WaitForLog(t, "having clients created at PricePlan")
	if log := r.Log.String(); !strings.Contains(log, `msg="a client was created at PricePlan" user=5 client=`) {
		t.Errorf("nobody knows the client's number: %s", log)
	}
	if err := apptest.ExecuteIn(r.Database, `DROP TRIGGER full`); err != nil {
		t.Fatal(err)
	}
	clock.Forward(time.Hour)
	registers(r, t, "Gleb") // wakes it
	apptest.Eventually(t, "unclear", func() bool { return provision(r, t, id) == store.ProvisionUnclear })
}

func TestACreationAtPricePlanOfWhichNobodyKnowsWaitsForAnAdministrator(t *testing.T) {
	t.Parallel()
	r, clock := startProvisioning(t)
	if err := pricePlanSandbox(r).Faults().Set("create-client",
		sandbox.Fault{Forget: true, Status: http.StatusInternalServerError, Times: 1}); err != nil {
		t.Fatal(err)
	}
	vera, id := registers(r, t, "Vera")
	apptest.Eventually(t, "unclear", func() bool { return provision(r, t, id) == store.ProvisionUnclear })
	clock.Forward(25 * time.Minute)
	_, other := registers(r, t, "Gleb")
	apptest.Eventually(t, "the next one", func() bool { return hasClient(r, other) })
	if hasClient(r, id) || clientsAtPricePlan(r, t) != 6 { // four, Vera's although nobody learned of it, and Gleb's
		t.Errorf("%d clients: it was tried again", clientsAtPricePlan(r, t))
	}
	r.WaitForLog(t, "an administrator must look")
	if page := apptest.PageOf(t, vera.Get("/pp-auth/")).Text(); !strings.Contains(page, "Попросите администратора") {
		t.Errorf("the customer is told %s", page)
	}
	if events := r.Events(t, id); !slices.Contains(events, store.PricePlanUnclear) {
		t.Errorf("the audit says %v", events)
	}

	// The administrator finds the client by its name and links it; nothing is left to be created.
	admin := r.SignedInAs(t, "admin@example.com")
	path := "/admin/users/5/priceplan"
	if page := apptest.PageOf(t, admin.Get("/admin/audit?event=priceplan_unclear")).Text(); !strings.Contains(page,
		"сам портал") || strings.Contains(page, "командная строка") {
		t.Errorf("the audit's page: %s", page)
	}
	if page := apptest.PageOf(t, admin.Get("/admin/users/5")).Text(); !strings.Contains(page,
		"не узнал, создан ли он") {
		t.Errorf("the administrator is told %s", page)
	}
	page := apptest.PageOf(t, admin.Get(path+"?search=Vera"))
	found := page.Find(`.rows li form input[name="priceplan"]`)
	if found.Length() != 1 || page.Find(`form[action="`+path+`/create"]`).Length() != 1 {
		t.Error("the client is not found, or cannot be created again")
	}
	apptest.Redirected(t, admin.Post(path, url.Values{"priceplan": {found.AttrOr("value", "")}}),
		"/admin/users/5?done=identifier")
	if state := provision(r, t, id); state != "" {
		t.Errorf("left %q", state)
	}
	if page := apptest.PageOf(t, admin.Get(path)); page.Find(`form[action="`+path+`/create"]`).Length() != 0 {
		t.Error("a second client can be asked for")
	}
	apptest.Redirected(t, admin.Post(path+"/create", url.Values{}), path)
	if n := clientsAtPricePlan(r, t); provision(r, t, id) != "" || n != 6 {
		t.Errorf("a second client was asked for: %d", n)
	}
}

func TestAnAdministratorHasAClientThatPricePlanRefusedCreatedAgain(t *testing.T) {
	t.Parallel()
	r, _ := startProvisioning(t)
	if err := pricePlanSandbox(r).Faults().Set("create-client",
		sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[{"code":36}]}`, Times: 1}); err != nil {
		t.Fatal(err)
	}
	vera, id := registers(r, t, "Vera")
	apptest.Eventually(t, "refused", func() bool { return provision(r, t, id) == store.ProvisionRefused })
	admin := r.SignedInAs(t, "admin@example.com")
	if page := apptest.PageOf(t, admin.Get("/admin/users/5/priceplan")).Text(); !strings.Contains(page, "код 36") {
		t.Errorf("the administrator is told %s", page)
	}
	if response := vera.Post("/admin/users/5/priceplan/create",
		url.Values{}); response.StatusCode != http.StatusNotFound {
		t.Errorf("a customer: %s", response.Status)
	}
	apptest.Redirected(t, admin.Post("/admin/users/5/priceplan/create", url.Values{}), "/admin/users/5/priceplan")
	apptest.Eventually(t, "a client", func() bool { return hasClient(r, id) })
	if clientsAtPricePlan(r, t) != 5 {
		t.Errorf("%d clients", clientsAtPricePlan(r, t))
	}
	// Boris had his account before; he can be given a client too.
	apptest.Redirected(t, admin.Post("/admin/users/2/priceplan/create", url.Values{}), "/admin/users/2/priceplan")
	apptest.Eventually(t, "a client", func() bool { return hasClient(r, 2) })
	if events := r.Events(t, 2); events[1] != store.PricePlanAsked {
		t.Errorf("the audit says %v", events)
	}
}

func TestAnAnswerOfPricePlansThatWasLostWithTheProgramWaitsForAnAdministrator(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	settings := app.Settings{Data: folder, Vendors: app.Vendors{PricePlan: app.PricePlanSettings{Provision: "true"}}}
	first := apptest.Start(t, app.Demo, settings)
	if err := pricePlanSandbox(first).Faults().Set("create-client", sandbox.Fault{Hang: true}); err != nil {
		t.Fatal(err)
	}
	_, id := registers(first, t, "Vera")
	apptest.Eventually(t, "asking", func() bool { return provision(first, t, id) == store.ProvisionAsking })

	copied := apptest.CopyDatabase(t, first) // as a crash at this moment would leave it
	if err := os.Rename(filepath.Join(copied, "kabinet.db"), filepath.Join(copied, "demo.db")); err != nil {
		t.Fatal(err)
	}
	settings.Data = copied
	second := apptest.Start(t, app.Demo, settings)
	apptest.Eventually(t, "unclear", func() bool { return provision(second, t, id) == store.ProvisionUnclear })
	if n := clientsAtPricePlan(second, t); n != 4 {
		t.Errorf("%d clients: it was tried again", n)
	}
	pricePlanSandbox(first).Faults().Clear()
}

func TestAPricePlanClientOfAnAccountThatWasDeletedMeanwhileIsNotForgotten(t *testing.T) {
	t.Parallel()
	r, _ := startProvisioning(t)
	set(t, pricePlanSandbox(r).Faults(), "create-client", sandbox.Fault{Hold: true})
	vera, id := registers(r, t, "Vera")
	untilHeld(t, pricePlanSandbox(r).Faults(), "create-client", 1)
	if response := vera.Post("/profile/delete",
		url.Values{"password": {"a good new password"}}); response.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s", response.Status)
	}
	pricePlanSandbox(r).Faults().Clear()
	r.WaitForLog(t, "could not be linked")
	// The deleted user's number is all that is left, and the client's, for whoever tidies up at PricePlan.
	if n, events := clientsAtPricePlan(r, t), r.Events(t, id); n != 5 || events[0] != store.PricePlanOrphan {
		t.Errorf("%d clients; the audit says %v", n, events)
	}
}

func TestWithoutProvisioningNobodyIsCreatedAtPricePlan(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	_, id := registers(r, t, "Vera")
	if provision(r, t, id) != "" || hasClient(r, id) {
		t.Error("a client is being created")
	}
	admin := r.SignedInAs(t, "admin@example.com")
	if response := admin.Post("/admin/users/5/priceplan/create",
		url.Values{}); response.StatusCode != http.StatusNotFound {
		t.Errorf("%s", response.Status)
	}
	if page := apptest.PageOf(t, admin.Get("/admin/users/5/priceplan")); page.Find(`form[action$="/create"]`).Length() != 0 {
		t.Error("the page offers it")
	}
}
