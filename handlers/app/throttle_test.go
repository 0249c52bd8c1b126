package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

func wrongPassword(email string) url.Values {
	return url.Values{"email": {email}, "password": {"wrong"}}
}

func TestWrongPasswordsAreThrottledAndItIsSaidForHowLong(t *testing.T) {
	t.Parallel()
	now := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: now.Now})
	c := r.Client(t)
	// One who does not exist is treated the same.
	for _, email := range []string{"anna@example.com", "nobody@example.com"} {
		for i := range 5 {
			if response := c.Post("/login",
				wrongPassword(email)); response.StatusCode != http.StatusUnprocessableEntity {
				t.Fatalf("%s, try %d: %s", email, i, response.Status)
			}
		}
		// However it is written, and with the right password too.
		for _, password := range []string{"wrong", app.DemoPassword} {
			response := c.Post("/login", url.Values{"email": {strings.ToUpper(email)}, "password": {password}})
			page := apptest.PageOf(t, response)
			if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") != "60" ||
				!strings.Contains(page.Find("#errors").Text(), "через 1 минуту") {
				t.Errorf("%s: %s, Retry-After %s, %s", email, response.Status, response.Header.Get("Retry-After"),
					page.Find("#errors").Text())
			}
			if page.Find("#email").AttrOr("value", "") != strings.ToUpper(email) {
				t.Error("what was typed is lost")
			}
		}
	}
	anna := r.User(t, "anna@example.com").ID
	if got := r.Events(t, anna); !slices.Equal(got[:6],
		[]store.EventKind{store.Throttled, store.SignInFailed, store.SignInFailed, store.SignInFailed,
			store.SignInFailed, store.SignInFailed}) {
		t.Errorf("the audit tells of %v", got)
	}
	// Trying again makes it no longer.
	now.Forward(59 * time.Second)
	if response := c.Post("/login", wrongPassword("anna@example.com")); response.Header.Get("Retry-After") != "1" {
		t.Errorf("after 59 seconds: Retry-After %s", response.Header.Get("Retry-After"))
	}
	now.Forward(time.Second)
	c.SignIn("anna@example.com")
}

func TestABrowserThatIsKnownIsNotKeptOutByItsNeighbours(t *testing.T) {
	t.Parallel()
	now := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: now.Now})
	anna, boris, attacker := r.Client(t), r.Client(t), r.Client(t)
	anna.SignIn("anna@example.com")
	boris.SignIn("boris@example.com")
	apptest.Redirected(t, anna.Post("/logout", url.Values{}), "/login?signed-out")
	apptest.Redirected(t, boris.Post("/logout", url.Values{}), "/login?signed-out")
	right := url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}
	guess := func() {
		for range 8 { // takes whatever comes back
			attacker.Post("/login", wrongPassword("anna@example.com"))
		}
	}
	for range 3 {
		guess()
		now.Forward(time.Minute)
		guess()
		apptest.Redirected(t, anna.Post("/login", right), "/dashboard")
		apptest.Redirected(t, anna.Post("/logout", url.Values{}), "/login?signed-out")
		// Somebody else's browser has no such privilege, nor has a mark that is made up.
		forged := func(q *http.Request) { q.Header.Set("Cookie", "kabinet-device=MADEUP."+strings.Repeat("A", 43)) }
		for _, response := range []*http.Response{boris.Post("/login", right),
			r.Client(t).Do(http.MethodPost, "/login", right, forged), r.Client(t).Post("/login", right)} {
			if response.StatusCode != http.StatusTooManyRequests {
				t.Errorf("an unknown browser: %s", response.Status)
			}
		}
	}
	// The known browser guesses no more than others.
	for i := range 7 {
		response := anna.Post("/login", wrongPassword("anna@example.com"))
		if got := response.StatusCode == http.StatusTooManyRequests; got != (i >= 5) {
			t.Errorf("try %d by the known browser: %s", i, response.Status)
		}
	}
}

// Device cookies are easily gathered by whoever knows the password, and must not be worth anything once it is changed.
func TestTheDevicesOfAnAccountShareTheirGuessesAndEndWithThePassword(t *testing.T) {
	t.Parallel()
	now := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: now.Now})
	var gathered []*apptest.Client
	for range 4 {
		c := p.SignedInAs(t, "anna@example.com")
		apptest.Redirected(t, c.Post("/logout", url.Values{}), "/login?signed-out")
		gathered = append(gathered, c)
	}
	guesses := func() (taken int) {
		for i := range 20 {
			answer := gathered[i%len(gathered)].Post("/login", wrongPassword("anna@example.com"))
			if answer.StatusCode != http.StatusTooManyRequests {
				taken++
			}
		}
		return taken
	}
	if n := guesses(); n != 5 {
		t.Errorf("four devices have %d guesses", n)
	}
	now.Forward(time.Hour)
	owner := p.SignedInAs(t, "anna@example.com")
	answer := owner.Post("/profile/password", url.Values{"password": {"совсем другая фраза"}})
	apptest.Redirected(t, answer, "/profile?saved=password")
	apptest.Redirected(t, owner.Post("/logout", url.Values{}), "/login?signed-out")
	for range 10 { // an address' guesses are used up
		p.Client(t).Post("/login", wrongPassword("anna@example.com"))
	}
	if n := guesses(); n != 0 {
		t.Errorf("previous devices have %d guesses of their own", n)
	}
	right := url.Values{"email": {"anna@example.com"}, "password": {"совсем другая фраза"}}
	apptest.Redirected(t, owner.Post("/login", right), "/dashboard") // the browser in which it was changed is known
}

func TestRightPasswordsAreLimitedByAccountAndByNetwork(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now, TrustedProxies: []string{"127.0.0.1"}})
	signIns := func(email, from string) int {
		return p.Client(t).Do(http.MethodPost, "/login", url.Values{"email": {email}, "password": {app.DemoPassword}},
			apptest.Header("X-Forwarded-For", from)).StatusCode
	}
	for name, tt := range map[string]struct {
		from  func(i int) string
		most  int
		other string // a neighbour's, who is limited too
		email string
	}{
		"a network of IPv4": {func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }, 60, "198.51.100.255", "boris@example.com"},
		"a network of IPv6": {func(i int) string { return fmt.Sprintf("2001:db8:7:%x::1", i) }, 60, "2001:db8:7:ffff::1", "admin@example.com"},
	} {
		taken := 0
		for i := range tt.most + 5 {
			if signIns(tt.email, tt.from(i)) == http.StatusSeeOther {
				taken++
			}
		}
		if taken > tt.most || signIns("anna@example.com", tt.other) != http.StatusTooManyRequests {
			t.Errorf("%s: %d sign-ins go through", name, taken)
		}
		if got := signIns("anna@example.com", "203.0.113.7"); got != http.StatusSeeOther {
			t.Errorf("%s: from elsewhere %d", name, got)
		}
	}
	taken := 0
	for i := range 120 {
		if signIns("anna@example.com", fmt.Sprintf("192.0.%d.1", i)) == http.StatusSeeOther {
			taken++
		}
	}
	if taken > 100 || taken < 95 { // she has signed in before
		t.Errorf("%d sign-ins to one account go through", taken)
	}
}

func TestExportsAreThrottledByUser(t *testing.T) {
	t.Parallel()
	checkThrottled(t, apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now}), "/profile/export", 5)
}

// checkThrottled fails the test unless a customer is given a page so often, and is then told when to come again.
func checkThrottled(t *testing.T, p *apptest.Program, path string, allowed int) {
	t.Helper()
	c := p.SignedInAs(t, "anna@example.com")
	for i := range allowed + 2 {
		response := c.Get(path)
		if got := response.StatusCode == http.StatusTooManyRequests; got != (i >= allowed) {
			t.Fatalf("%s, time %d: %s", path, i, response.Status)
		}
		if i >= allowed && (response.Header.Get("Retry-After") == "" ||
			apptest.PageOf(t, response).Find("h1").Length() != 1) {
			t.Errorf("%s says nothing of when to come again", path)
		}
	}
}

func TestAProxyThatIsNotBelievedIsWarnedOfOnce(t *testing.T) {
	t.Parallel()
	for proxies, want := range map[string]int{"": 1, "127.0.0.0/8": 0} {
		s := app.Settings{}
		if proxies != "" {
			s.TrustedProxies = []string{proxies}
		}
		r := apptest.StartServe(t, s, apptest.Secret)
		for range 3 {
			r.Client(t).Do(http.MethodGet, "/", nil, apptest.Header("X-Forwarded-For", "198.51.100.1"))
		}
		if got := strings.Count(r.Log.String(), "KABINET_TRUSTED_PROXIES"); got != want {
			t.Errorf("trusting %q: %d warnings", proxies, got)
		}
	}
}

func TestRightPasswordsAreNotCounted(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now})
	for range 20 {
		r.SignedInAs(t, "anna@example.com")
	}
}

func TestAnAddressIsThrottledAcrossAccounts(t *testing.T) {
	t.Parallel()
	c := apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now}).Client(t)
	for i := range 50 {
		if response := c.Post("/login",
			wrongPassword(fmt.Sprintf("%d@example.com", i))); response.StatusCode != http.StatusUnprocessableEntity {
			t.Fatalf("try %d: %s", i, response.Status)
		}
	}
	if response := c.Post("/login",
		wrongPassword("another@example.com")); response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the 51st: %s", response.Status)
	}
}

func TestWhoGuessesElsewhereKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	r := apptest.StartServe(t, app.Settings{TrustedProxies: []string{"127.0.0.1"}, Now: apptest.NewClock().Now},
		apptest.Secret)
	from := func(address string, form url.Values) int {
		return r.Client(t).Do(http.MethodPost, "/login", form, apptest.Header("X-Forwarded-For", address)).StatusCode
	}
	right := url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}
	for range 6 {
		from("198.51.100.1", wrongPassword("anna@example.com"))
		from("2001:db8:0:1::1", wrongPassword("anna@example.com"))
	}
	for address, want := range map[string]int{
		"198.51.100.1":        http.StatusTooManyRequests,
		"198.51.100.2":        http.StatusSeeOther,
		"2001:db8:0:1::1":     http.StatusTooManyRequests,
		"2001:db8:0:1::ffff":  http.StatusTooManyRequests, // the same customer's network
		"2001:db8:0:2::1":     http.StatusSeeOther,
		"::ffff:198.51.100.1": http.StatusTooManyRequests, // the same address, written otherwise
	} {
		if got := from(address, right); got != want {
			t.Errorf("%s: %d, want %d", address, got, want)
		}
	}
}

func TestAForgedAddressDoesNotLiftAThrottle(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]app.Settings{
		"no proxy":        {},
		"another proxy":   {TrustedProxies: []string{"10.0.0.0/8"}},
		"the proxy's own": {TrustedProxies: []string{"127.0.0.1"}}, // the last hop is what the proxy saw
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.Now = apptest.NewClock().Now
			c := apptest.StartServe(t, s, apptest.Secret).Client(t)
			for i := range 7 {
				forged := fmt.Sprintf("203.0.113.%d", i)
				if name == "the proxy's own" {
					forged += ", 198.51.100.1"
				}
				response := c.Do(http.MethodPost, "/login", wrongPassword("anna@example.com"),
					apptest.Header("X-Forwarded-For", forged), apptest.Header("X-Real-Ip", forged),
					apptest.Header("Forwarded", "for="+forged))
				if got := response.StatusCode == http.StatusTooManyRequests; got != (i >= 5) {
					t.Errorf("try %d: %s", i, response.Status)
				}
			}
		})
	}
}

func TestWhetherAnEmailHasAnAccountCanBeAskedSeldomOnly(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now})
	c := r.Client(t)
	for i := range 10 {
		form := registration("email", fmt.Sprintf("%d@example.com", i))
		if response := r.Client(t).Post("/register", form); response.StatusCode != http.StatusSeeOther {
			t.Fatalf("registration %d: %s", i, response.Status)
		}
	}
	response := c.Post("/register", registration("email", "one-more@example.com"))
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") != "600" {
		t.Errorf("the eleventh registration: %s, Retry-After %s", response.Status, response.Header.Get("Retry-After"))
	}
	// What does not ask is not counted, and goes on working.
	c.SignIn("anna@example.com")
	// A change of e-mail asks the same, and draws on the same allowance.
	form := url.Values{"email": {"boris@example.com"}, "password": {app.DemoPassword}}
	if response := c.Post("/profile/email", form); response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a change of e-mail: %s", response.Status)
	}
}

func TestAUserAsksSeldomOnlyWhateverTheAddress(t *testing.T) {
	t.Parallel()
	r := apptest.StartServe(t, app.Settings{TrustedProxies: []string{"127.0.0.1"}, Now: apptest.NewClock().Now},
		apptest.Secret)
	c := r.SignedInAs(t, "anna@example.com")
	for i := range 6 {
		form := url.Values{"email": {fmt.Sprintf("%d@example.com", i)}, "password": {app.DemoPassword}}
		response := c.Do(http.MethodPost, "/profile/email", form,
			apptest.Header("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i)))
		if got := response.StatusCode == http.StatusTooManyRequests; got != (i >= 5) {
			t.Errorf("change %d: %s", i, response.Status)
		}
	}
}

func TestAStolenSessionCannotGuessThePassword(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	c := r.SignedInAs(t, "anna@example.com")
	clock.Forward(10 * time.Minute)
	paths := []string{"/profile/email", "/confirm", "/profile/delete"}
	for i := range 7 {
		form := url.Values{"email": {"new@example.com"}, "again_password": {"wrong"}}
		response := c.Post(paths[i%len(paths)], form)
		if got := response.StatusCode == http.StatusTooManyRequests; got != (i >= 5) {
			t.Errorf("try %d: %s", i, response.Status)
		}
	}
	if !c.SignedIn() {
		t.Error("the owner was signed out by it")
	}
}
