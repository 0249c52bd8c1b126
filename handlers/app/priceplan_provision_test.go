package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
	"kabinet/store"
)

// startProvisioning starts a demo that has clients created, with a clock that the test moves.
func startProvisioning(t *testing.T) (*running, *clock) {
	t.Helper()
	c := newClock()
	return start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, Now: c.Now, PricePlan: app.PricePlanSettings{Provision: "true"}}), c
}

// registers registers somebody, and returns their browser and their id.
func (r *running) registers(t *testing.T, name string) (*client, int64) {
	t.Helper()
	c := r.client(t)
	email := strings.ToLower(name) + "@example.com"
	redirected(t, c.post("/register", url.Values{"name": {name}, "email": {email}, "password": {"a good new password"}}), "/dashboard")
	return c, r.user(t, email).ID
}

func (r *running) provision(t *testing.T, userID int64) store.ProvisionState {
	t.Helper()
	p, err := r.DB.PricePlanProvision(t.Context(), userID)
	if err != nil {
		return ""
	}
	return p.State
}

func (r *running) hasClient(userID int64) bool {
	_, err := r.DB.PricePlanClient(context.Background(), userID)
	return err == nil
}

// clientsAtPricePlan is how many there are; the sandbox begins with four.
func (r *running) clientsAtPricePlan(t *testing.T) int {
	t.Helper()
	return strings.Count(r.staff(t, http.MethodGet, "clients/?take=200&fields=client__id", ""), "client__id")
}

func TestWhoeverRegistersHasACabinetSoonAfter(t *testing.T) {
	t.Parallel()
	r, _ := startProvisioning(t)
	vera, id := r.registers(t, "Vera")
	eventually(t, "a client", func() bool { return r.hasClient(id) })
	response := vera.get("/pp-auth/")
	if response.StatusCode != http.StatusFound || !strings.HasPrefix(response.Header.Get("Location"), r.cabinetOrigin()+"/auth-key/") {
		t.Errorf("%s", response.Status)
	}
	if state := r.provision(t, id); state != "" || r.clientsAtPricePlan(t) != 5 {
		t.Errorf("left %q, %d clients", state, r.clientsAtPricePlan(t))
	}
	clientID, err := r.DB.PricePlanClient(t.Context(), id)
	if err != nil || clientID < 100_000 {
		t.Errorf("client %d, %v", clientID, err)
	}
	about := r.staff(t, http.MethodGet, fmt.Sprintf("clients/%d", clientID), "")
	if !strings.Contains(about, `"external_id":"4"`) || !strings.Contains(about, `"name":"Vera"`) || !strings.Contains(about, `"type":2`) || id != 4 {
		t.Errorf("PricePlan knows %s of user %d", about, id)
	}
	if events := r.events(t, id); events[0] != store.CabinetOpened || events[1] != store.PricePlanLinked {
		t.Errorf("the audit says %v", events)
	}
}

func TestRegisteringDoesNotWaitForPricePlan(t *testing.T) {
	t.Parallel()
	r, _ := startProvisioning(t)
	if err := r.PricePlan.Faults().Set("login", sandbox.Fault{Hang: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	vera, id := r.registers(t, "Vera") // answered, although PricePlan does not
	eventually(t, "asking", func() bool { return r.provision(t, id) == store.ProvisionAsking })
	if page := pageOf(t, vera.get("/dashboard")).Text(); !strings.Contains(page, "Создаётся") {
		t.Error("the card does not say that the cabinet is being created")
	}
	response := vera.get("/pp-auth/")
	if page := pageOf(t, response).Text(); response.StatusCode != http.StatusNotFound || !strings.Contains(page, "Кабинет создаётся") {
		t.Errorf("%s: %s", response.Status, page)
	}
	r.PricePlan.Faults().Clear()
}

func TestACreationThatWasCertainlyNotDoneIsTriedAgainLaterAndLater(t *testing.T) {
	t.Parallel()
	r, clock := startProvisioning(t)
	if err := r.PricePlan.Faults().Set("create-client", sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: 45}); err != nil {
		t.Fatal(err)
	}
	_, id := r.registers(t, "Vera")
	admin := r.client(t)
	admin.signIn("admin@example.com")
	for i, delay := range []time.Duration{45 * time.Second, 60 * time.Second, 120 * time.Second} {
		var p store.Provision
		eventually(t, "waiting again", func() (is bool) {
			p, _ = r.DB.PricePlanProvision(t.Context(), id)
			return p.State == store.ProvisionWaiting && p.Attempts == i+1
		})
		if due := p.Due.Sub(clock.Now()); due != delay {
			t.Errorf("after attempt %d it waits %v, want %v", i+1, due, delay)
		}
		if i == 2 {
			r.PricePlan.Faults().Clear()
		}
		clock.forward(delay)
		// The clock of a test moves no timer; asking again for what is on its way changes nothing, and wakes.
		redirected(t, admin.post("/admin/users/4/priceplan/create", url.Values{}), "/admin/users/4/priceplan")
	}
	eventually(t, "a client", func() bool { return r.hasClient(id) })
	if n := r.clientsAtPricePlan(t); n != 5 {
		t.Errorf("%d clients", n)
	}
}

func TestWhenPricePlanIsDownOneWhoWaitsTriesForAll(t *testing.T) {
	t.Parallel()
	r, clock := startProvisioning(t)
	if err := r.PricePlan.Faults().Set("login", sandbox.Fault{Status: http.StatusUnauthorized}); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		r.registers(t, fmt.Sprintf("Somebody%d", i))
	}
	r.waitForLog(t, "a client was not created at PricePlan")
	tries := func() int { return strings.Count(r.log.String(), "/api/login") }
	if n := tries(); n > 2 { // the exchange, and the log's line about the creation
		t.Errorf("the manager's password was sent %d times", n)
	}
	r.PricePlan.Faults().Clear()
	clock.forward(time.Minute)
	_, last := r.registers(t, "Last")
	eventually(t, "everybody", func() bool { return r.hasClient(last) && r.clientsAtPricePlan(t) == 10 })
}

// A database that fails between PricePlan's answer and our note of it.
func TestACreationWhoseNoteWasLostIsLeftToAnAdministrator(t *testing.T) {
	t.Parallel()
	r, clock := startProvisioning(t)
	const refuse = `CREATE TRIGGER full BEFORE INSERT ON priceplan_clients BEGIN SELECT RAISE(ABORT, 'full'); END`
	if err := executeIn(r.Database, refuse); err != nil {
		t.Fatal(err)
	}
	_, id := r.registers(t, "Vera")
	r.waitForLog(t, "having clients created at PricePlan")
	if log := r.log.String(); !strings.Contains(log, `msg="a client was created at PricePlan" user=4 client=`) {
		t.Errorf("nobody knows the client's number: %s", log)
	}
	if err := executeIn(r.Database, `DROP TRIGGER full`); err != nil {
		t.Fatal(err)
	}
	clock.forward(time.Hour)
	r.registers(t, "Gleb") // wakes it
	eventually(t, "unclear", func() bool { return r.provision(t, id) == store.ProvisionUnclear })
}

func TestACreationOfWhichNobodyKnowsWaitsForAnAdministrator(t *testing.T) {
	t.Parallel()
	r, clock := startProvisioning(t)
	if err := r.PricePlan.Faults().Set("create-client", sandbox.Fault{Forget: true, Status: http.StatusInternalServerError, Times: 1}); err != nil {
		t.Fatal(err)
	}
	vera, id := r.registers(t, "Vera")
	eventually(t, "unclear", func() bool { return r.provision(t, id) == store.ProvisionUnclear })
	clock.forward(25 * time.Minute)
	_, other := r.registers(t, "Gleb")
	eventually(t, "the next one", func() bool { return r.hasClient(other) })
	if r.hasClient(id) || r.clientsAtPricePlan(t) != 6 { // four, Vera's although nobody learned of it, and Gleb's
		t.Errorf("%d clients: it was tried again", r.clientsAtPricePlan(t))
	}
	r.waitForLog(t, "an administrator must look")
	if page := pageOf(t, vera.get("/pp-auth/")).Text(); !strings.Contains(page, "Попросите администратора") {
		t.Errorf("the customer is told %s", page)
	}
	if events := r.events(t, id); events[0] != store.PricePlanUnclear {
		t.Errorf("the audit says %v", events)
	}

	// The administrator finds the client by its name and links it; nothing is left to be created.
	admin := r.client(t)
	admin.signIn("admin@example.com")
	path := "/admin/users/4/priceplan"
	if page := pageOf(t, admin.get("/admin/audit?event=priceplan_unclear")).Text(); !strings.Contains(page, "сам портал") || strings.Contains(page, "командная строка") {
		t.Errorf("the audit's page: %s", page)
	}
	if page := pageOf(t, admin.get("/admin/users/4")).Text(); !strings.Contains(page, "не узнал, создан ли он") {
		t.Errorf("the administrator is told %s", page)
	}
	page := pageOf(t, admin.get(path+"?search=Vera"))
	found := page.Find(`.rows li form input[name="priceplan"]`)
	if found.Length() != 1 || page.Find(`form[action="`+path+`/create"]`).Length() != 1 {
		t.Error("the client is not found, or cannot be created again")
	}
	redirected(t, admin.post(path, url.Values{"priceplan": {found.AttrOr("value", "")}}), "/admin/users/4?done=identifier")
	if state := r.provision(t, id); state != "" {
		t.Errorf("left %q", state)
	}
	if page := pageOf(t, admin.get(path)); page.Find(`form[action="`+path+`/create"]`).Length() != 0 {
		t.Error("a second client can be asked for")
	}
	redirected(t, admin.post(path+"/create", url.Values{}), path)
	if n := r.clientsAtPricePlan(t); r.provision(t, id) != "" || n != 6 {
		t.Errorf("a second client was asked for: %d", n)
	}
}

func TestAnAdministratorHasARefusedClientCreatedAgain(t *testing.T) {
	t.Parallel()
	r, _ := startProvisioning(t)
	if err := r.PricePlan.Faults().Set("create-client", sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[{"code":36}]}`, Times: 1}); err != nil {
		t.Fatal(err)
	}
	vera, id := r.registers(t, "Vera")
	eventually(t, "refused", func() bool { return r.provision(t, id) == store.ProvisionRefused })
	admin := r.client(t)
	admin.signIn("admin@example.com")
	if page := pageOf(t, admin.get("/admin/users/4/priceplan")).Text(); !strings.Contains(page, "код 36") {
		t.Errorf("the administrator is told %s", page)
	}
	if response := vera.post("/admin/users/4/priceplan/create", url.Values{}); response.StatusCode != http.StatusNotFound {
		t.Errorf("a customer: %s", response.Status)
	}
	redirected(t, admin.post("/admin/users/4/priceplan/create", url.Values{}), "/admin/users/4/priceplan")
	eventually(t, "a client", func() bool { return r.hasClient(id) })
	if r.clientsAtPricePlan(t) != 5 {
		t.Errorf("%d clients", r.clientsAtPricePlan(t))
	}
	// Boris had his account before; he can be given a client too.
	redirected(t, admin.post("/admin/users/2/priceplan/create", url.Values{}), "/admin/users/2/priceplan")
	eventually(t, "a client", func() bool { return r.hasClient(2) })
	if events := r.events(t, 2); events[1] != store.PricePlanAsked {
		t.Errorf("the audit says %v", events)
	}
}

func TestAnAnswerThatWasLostWithTheProgramWaitsForAnAdministrator(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	settings := app.Settings{Data: folder, QuickPasswords: true, PricePlan: app.PricePlanSettings{Provision: "true"}}
	first := start(t, app.Demo, settings)
	if err := first.PricePlan.Faults().Set("create-client", sandbox.Fault{Hang: true}); err != nil {
		t.Fatal(err)
	}
	_, id := first.registers(t, "Vera")
	eventually(t, "asking", func() bool { return first.provision(t, id) == store.ProvisionAsking })

	copied := copyOf(t, first) // as a crash at this moment would leave it
	if err := os.Rename(filepath.Join(copied, "kabinet.db"), filepath.Join(copied, "demo.db")); err != nil {
		t.Fatal(err)
	}
	settings.Data = copied
	second := start(t, app.Demo, settings)
	eventually(t, "unclear", func() bool { return second.provision(t, id) == store.ProvisionUnclear })
	if n := second.clientsAtPricePlan(t); n != 4 {
		t.Errorf("%d clients: it was tried again", n)
	}
	first.PricePlan.Faults().Clear()
}

func TestAClientOfAnAccountThatWasDeletedMeanwhileIsNotForgotten(t *testing.T) {
	t.Parallel()
	r, _ := startProvisioning(t)
	if err := r.PricePlan.Faults().Set("create-client", sandbox.Fault{Delay: 500 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	vera, id := r.registers(t, "Vera")
	eventually(t, "asking", func() bool { return r.provision(t, id) == store.ProvisionAsking })
	if response := vera.post("/profile/delete", url.Values{"password": {"a good new password"}}); response.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s", response.Status)
	}
	r.waitForLog(t, "could not be linked")
	// The deleted user's number is all that is left, and the client's, for whoever tidies up at PricePlan.
	if n, events := r.clientsAtPricePlan(t), r.events(t, id); n != 5 || events[0] != store.PricePlanOrphan {
		t.Errorf("%d clients; the audit says %v", n, events)
	}
}

func TestWithoutProvisioningNobodyIsCreated(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	_, id := r.registers(t, "Vera")
	if r.provision(t, id) != "" || r.hasClient(id) {
		t.Error("a client is being created")
	}
	admin := r.client(t)
	admin.signIn("admin@example.com")
	if response := admin.post("/admin/users/4/priceplan/create", url.Values{}); response.StatusCode != http.StatusNotFound {
		t.Errorf("%s", response.Status)
	}
	if page := pageOf(t, admin.get("/admin/users/4/priceplan")); page.Find(`form[action$="/create"]`).Length() != 0 {
		t.Error("the page offers it")
	}
}
