package app_test

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kabinet/handlers/app/apptest"
	"kabinet/handlers/factor"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"
)

// balance leads each request to the next of the instances.
func balance(t *testing.T, port string, instances []string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	var turn atomic.Int64
	server := &http.Server{Handler: &httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: instances[int(turn.Add(1))%len(instances)]})
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}}
	go server.Serve(listener) //nolint:errcheck // it is closed
	t.Cleanup(func() { server.Close() })
}

// cluster are two instances of the portal on one PostgreSQL, behind a balancer that never leads to the same one twice,
// and the sandboxes beside.
type cluster struct {
	portal    *apptest.Program // as browsers know it
	sandboxes *apptest.Program
	instances []*apptest.Process
	address   string // of the database
}

func startCluster(t *testing.T, settings ...string) *cluster {
	t.Helper()
	port, vendorPort := apptest.FreePort(t), apptest.FreePort(t)
	c := &cluster{
		portal:    &apptest.Program{URL: "http://localhost:" + port},
		sandboxes: &apptest.Program{Addr: "127.0.0.1:" + vendorPort}, address: apptest.Postgres(t),
	}
	var odd []string
	for _, v := range everyVendor() {
		odd = append(odd, v.environment...)
	}
	about := []string{"sandbox", "--addr", c.sandboxes.Addr, "--portal", c.portal.URL}
	apptest.Run(t, odd, about...).Printed(`(Stop with Ctrl-C)`)
	db, err := store.Open(t.Context(), c.address, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	id := apptest.AddCustomer(t, db, secret.New(apptest.Secret))
	for _, v := range everyVendor() {
		if v.customer != nil {
			v.customer(t, db, id)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	program, err := apptest.Binary()
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for range 2 {
		address := "127.0.0.1:" + apptest.FreePort(t)
		addresses = append(addresses, address)
		environment := append(append(odd[:len(odd):len(odd)], settings...), "KABINET_BCRYPT_COST=10", "KABINET_SECRET="+apptest.Secret, "KABINET="+program,
			"KABINET_DATABASE_URL="+c.address, "KABINET_BASE_URL="+c.portal.URL, "KABINET_TRUSTED_PROXIES=127.0.0.1")
		one := apptest.Begin(t, apptest.Shell(t, environment,
			`set -a; eval "$("$KABINET" `+strings.Join(about, " ")+` --print-env)"; exec "$KABINET" serve --addr `+address))
		one.Answers("http://" + address + "/readyz")
		c.instances = append(c.instances, one)
	}
	balance(t, port, addresses)
	return c
}

func (c *cluster) client(t *testing.T) *apptest.Client {
	t.Helper()
	return c.portal.Client(t)
}

func TestTwoInstancesAreOnePortal(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	anna, other := c.client(t), c.client(t)
	anna.SignIn("anna@example.com")
	other.SignIn("anna@example.com")
	connected, _ := addsTOTP(anna, "anna@example.com", time.Now)
	for range 4 { // on both
		if !anna.SignedIn() || !other.SignedIn() {
			t.Fatal("an instance knows a session that the other has begun not")
		}
	}
	apptest.Redirected(t, anna.Post("/profile/sessions/end-others", url.Values{}), "/profile/sessions?ended")
	anna.Post("/logout", url.Values{})
	for range 2 {
		if anna.SignedIn() || other.SignedIn() {
			t.Error("a session has not ended on the other instance")
		}
	}
	// The second factor: the code that connected it is used, on both.
	code, err := connected.Code(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		toSecondStep(other, "anna@example.com")
		if answer := other.Post("/login/second", url.Values{"code": {code}}); answer.StatusCode == http.StatusSeeOther {
			t.Error("a code is good twice")
		}
	}
	// Throttles are counted together.
	stranger := c.client(t)
	var statuses []int
	for range 7 {
		form := url.Values{"email": {"boris@example.com"}, "password": {"wrong"}}
		statuses = append(statuses, stranger.Post("/login", form).StatusCode)
	}
	if statuses[4] != http.StatusUnprocessableEntity || statuses[5] != http.StatusTooManyRequests ||
		statuses[6] != http.StatusTooManyRequests {
		t.Errorf("guesses: %v", statuses)
	}
	c.saysNothingWrong(t)

	// The work is done by one of them, and by the other once that is killed.
	sent := func(i int) int { return strings.Count(c.instances[i].Stderr.String(), "a letter is sent") }
	apptest.Eventually(t, "a letter", func() bool { return sent(0)+sent(1) > 0 })
	leads, remains := 0, 1
	if sent(1) > 0 {
		leads, remains = 1, 0
	}
	if sent(remains) > 0 {
		t.Error("both have sent letters")
	}
	if err := c.instances[leads].Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	c.instances[leads].Cmd.Wait() //nolint:errcheck // killed
	apptest.Eventually(t, "a letter by the other", func() bool {
		stranger.Post("/recover", asks("anna@example.com")) // every second one finds nobody
		return sent(remains) > 0
	})
}

// saysNothingWrong looks for errors, and for what must not be there, in the logs.
func (c *cluster) saysNothingWrong(t *testing.T) {
	t.Helper()
	for _, one := range c.instances {
		if log := one.Stderr.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "postgres://") {
			t.Error(log)
		}
	}
}

// Every vendor is opened in the browser, each request by another instance than the one before.
func TestEveryVendorIsOpenedThroughTwoInstances(t *testing.T) {
	t.Parallel()
	tab := apptest.OpenTab(t)
	c := startCluster(t)
	tab.SignIn(c.portal, "anna@example.com")
	for _, v := range everyVendor() {
		if v.opens != nil {
			v.opens(tab, c.portal, c.sandboxes)
		}
	}
	signsInTwice(tab, c)
	c.saysNothingWrong(t)
}

// signsInTwice adds a second factor, signs out, is out on both instances, and signs in with both factors.
func signsInTwice(tab *apptest.Tab, c *cluster) {
	tab.TB.Helper()
	tab.Open(c.portal.URL + "/profile/totp")
	shown := apptest.Eval[string](tab, `document.querySelector("code.secret").innerText`)
	code, err := factor.TOTP{Secret: secret.New(strings.ReplaceAll(shown, " ", ""))}.Code(time.Now())
	if err != nil {
		tab.TB.Fatal(err)
	}
	tab.Fill("code", code)
	tab.Click("main button.button")
	tab.Wait(`document.querySelectorAll(".codes li").length === 10`)
	recovery := apptest.Eval[string](tab, `document.querySelector(".codes code").innerText`)
	tab.Click(`.account form button`)
	tab.Wait(`location.pathname === "/login" && document.readyState === "complete"`)
	for range 2 {
		tab.Open(c.portal.URL + "/dashboard")
		tab.Wait(`location.pathname === "/login" && document.readyState === "complete"`)
	}
	apptest.SubmitSignIn(tab, "anna@example.com")
	tab.Wait(asked)
	tab.Click(`a[href*="recovery"]`)
	tab.Wait(`document.querySelector("[name=recovery]")`)
	tab.Fill("code", recovery)
	tab.Click("main button.button")
	for range 2 {
		tab.Wait(`location.pathname === "/dashboard" && document.readyState === "complete"`)
		tab.Open(c.portal.URL + "/dashboard")
	}
}
