package app_test

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	mailbox "kabinet/integrations/mail/sandbox"
	"kabinet/integrations/sandbox"
	"kabinet/store"
)

// mailed is a demo with mail and a clock.
func mailed(t *testing.T) (*apptest.Program, *apptest.Clock) {
	t.Helper()
	clock := apptest.NewClock()
	s := app.Settings{Now: clock.Now}
	s.Mail = apptest.Mailbox
	return apptest.Start(t, app.Demo, s), clock
}

func mailboxOf(p *apptest.Program) *mailbox.Sandbox { return app.SandboxOf[*mailbox.Sandbox](p.App) }

// comes waits for the nth letter to an e-mail, and returns it.
func comes(tb testing.TB, p *apptest.Program, email string, n int) mailbox.Letter {
	tb.Helper()
	var all []mailbox.Letter
	apptest.Eventually(tb, "a letter to "+email, func() bool {
		all = mailboxOf(p).LettersTo(email)
		return len(all) >= n
	})
	return all[n-1]
}

// nothingWaits waits until all letters are sent.
func nothingWaits(tb testing.TB, p *apptest.Program) {
	tb.Helper()
	apptest.Eventually(tb, "the outbox being empty", func() bool {
		o, err := p.DB.Outbox(tb.Context())
		return err == nil && o.Waiting == 0
	})
}

// newest is the last letter to an e-mail, once all are sent.
func newest(tb testing.TB, p *apptest.Program, email string) mailbox.Letter {
	tb.Helper()
	nothingWaits(tb, p)
	all := mailboxOf(p).LettersTo(email)
	if len(all) == 0 {
		tb.Fatalf("no letter to %s", email)
	}
	return all[len(all)-1]
}

var linkOfALetter = regexp.MustCompile(`(?m)^https?://[^/\s]+(/\S+\?token=[\w-]+)`)

// linkIn is the link of a letter, as a path of the portal's.
func linkIn(tb testing.TB, l mailbox.Letter) string {
	tb.Helper()
	found := linkOfALetter.FindStringSubmatch(l.Text)
	if found == nil {
		tb.Fatalf("no link in %s", l.Text)
	}
	return found[1]
}

func asks(email string) url.Values { return url.Values{"email": {email}} }

// sends fills in the form that a link has led to, and sends it.
func sends(c *apptest.Client, path string, fields ...string) *http.Response {
	c.TB.Helper()
	form := url.Values{"link": {apptest.PageOf(c.TB, c.Get(path)).Find("[name=link]").AttrOr("value", "")}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return c.Post(path, form)
}

func TestRegisteringByMailTellsAStrangerNothing(t *testing.T) {
	t.Parallel()
	p, _ := mailed(t)
	if err := p.DB.SetDisabled(t.Context(), p.User(t, "boris@example.com").ID, true, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, email := range []string{"vera@example.com", "anna@example.com", "boris@example.com"} {
		c := p.Client(t)
		response := c.Post("/register", asks(email))
		location := response.Header.Get("Location")
		shown = append(shown, response.Status+location+apptest.PageOf(t, c.Get(location)).Find("body").Text())
		if c.SignedIn() {
			t.Errorf("%s: signed in", email)
		}
	}
	if shown[0] != shown[1] || shown[0] != shown[2] || !strings.Contains(shown[0], "письмо") {
		t.Errorf("the pages differ: %q", shown)
	}
	if _, err := p.DB.UserByEmail(t.Context(), "vera@example.com"); err == nil {
		t.Error("there is an account before anybody has read the letter")
	}
	if has := comes(t, p, "anna@example.com", 1); !strings.Contains(has.Text, "/recover?email=anna%40example.com") ||
		linkOfALetter.MatchString(has.Text) {
		t.Errorf("to who has an account: %s", has.Text)
	}
	if off := comes(t, p, "boris@example.com", 1); !strings.Contains(off.Text, "отключена") ||
		linkOfALetter.MatchString(off.Text) {
		t.Errorf("to who is switched off: %s", off.Text)
	}
	c := p.Client(t)
	chosen := c.Get(linkIn(t, comes(t, p, "vera@example.com", 1)))
	apptest.Redirected(t, chosen, "/register/password")
	apptest.Redirected(t, sends(c, "/register/password", "name", "Вера Новая", "password", "a long enough phrase"), "/dashboard")
	u := p.User(t, "vera@example.com")
	if !c.SignedIn() || u.Name != "Вера Новая" || u.Role != store.Customer {
		t.Errorf("%+v", u)
	}
	if again := sends(c, "/register/password", "name", "Вера Новая", "password", "another long phrase"); again.StatusCode != http.StatusNotFound {
		t.Errorf("a second time: %s", again.Status)
	}
}

func TestWhatNobodyConfirmsIsGoneAfterADay(t *testing.T) {
	t.Parallel()
	p, clock := mailed(t)
	c := p.Client(t)
	c.Post("/register", asks("vera@example.com"))
	link := linkIn(t, comes(t, p, "vera@example.com", 1))
	clock.Forward(24 * time.Hour)
	c.Get(link)
	if response := c.Get("/register/password"); response.StatusCode != http.StatusNotFound {
		t.Errorf("after a day: %s", response.Status)
	}
	c.Post("/register", asks("vera@example.com"))
	first := linkIn(t, comes(t, p, "vera@example.com", 2))
	c.Post("/register", asks("vera@example.com"))
	second := linkIn(t, comes(t, p, "vera@example.com", 3))
	for link, want := range map[string]int{first: http.StatusNotFound, second: http.StatusOK} {
		c.Get(link)
		if response := c.Get("/register/password"); response.StatusCode != want {
			t.Errorf("newest only: %s, want %d", response.Status, want)
		}
	}
}

// databaseOf is what the program's database has in its files.
func databaseOf(t *testing.T, p *apptest.Program) string {
	t.Helper()
	all := ""
	for _, name := range []string{p.Database, p.Database + "-wal"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	return all
}

func TestAForgottenPasswordIsRecoveredByALetter(t *testing.T) {
	t.Parallel()
	p, clock := mailed(t)
	there := p.SignedInAs(t, "anna@example.com")
	comes(t, p, "anna@example.com", 1) // about the new device
	c := p.Client(t)
	known, unknown := c.Post("/recover", asks(" ANNA@example.com")), c.Post("/recover", asks("nobody@example.com"))
	if a, b := known.Header.Get("Location"), unknown.Header.Get("Location"); a != b || a != "/recover?sent" {
		t.Errorf("known: %s, unknown: %s", a, b)
	}
	old := linkIn(t, comes(t, p, "anna@example.com", 2))
	c.Post("/recover", asks("anna@example.com"))
	link := linkIn(t, comes(t, p, "anna@example.com", 3))
	nothingWaits(t, p)
	if got := mailboxOf(p).LettersTo("nobody@example.com"); len(got) != 0 {
		t.Errorf("to nobody: %v", got)
	}

	// A scanner opens what it finds, and it uses nothing.
	scanner := p.Client(t)
	for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodGet} {
		opened := scanner.Do(method, link, nil)
		apptest.Redirected(t, opened, "/recover/password")
		if opened.Header.Get("Referrer-Policy") != "no-referrer" || opened.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v", opened.Header)
		}
		scanner.Get("/recover/password")
	}
	for link, want := range map[string]int{old: http.StatusNotFound, link[:len(link)-1]: http.StatusNotFound} {
		c.Get(link)
		if response := c.Get("/recover/password"); response.StatusCode != want {
			t.Errorf("%s: %s", link, response.Status)
		}
	}
	c.Get(link)
	page := apptest.BodyOf(t, c.Get("/recover/password"))
	token := link[strings.Index(link, "=")+1:]
	hash := sha256.Sum256([]byte(token))
	if stored := databaseOf(t, p); strings.Contains(stored, token) || !strings.Contains(stored, string(hash[:])) {
		t.Error("the database has the token, or not its hash")
	}
	if strings.Contains(page, token) || !strings.Contains(page, "anna@example.com") {
		t.Error("the page has the token, or does not say whose password it is")
	}
	if wrong := sends(c, "/recover/password", "password", "short"); wrong.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a short one: %s", wrong.Status)
	}
	clock.Forward(29 * time.Minute)
	apptest.Redirected(t, sends(c, "/recover/password", "password", "совсем другая фраза"), "/login?recovered")
	if there.SignedIn() {
		t.Error("a session goes on")
	}
	if used := sends(c, "/recover/password", "password", "ещё одна другая фраза"); used.StatusCode != http.StatusNotFound {
		t.Errorf("a second time: %s", used.Status)
	}
	if told := comes(t, p, "anna@example.com", 4); !strings.Contains(told.Subject, "Пароль") {
		t.Errorf("%s", told.Subject)
	}
	// No browser is known any more, but the one in which it was chosen.
	for _, browser := range []*apptest.Client{c, there} {
		apptest.Redirected(t, browser.Post("/login", url.Values{"email": {"anna@example.com"},
			"password": {"совсем другая фраза"}}), "/dashboard")
	}
	nothingWaits(t, p)
	if all := mailboxOf(p).LettersTo("anna@example.com"); len(all) != 5 || !strings.Contains(all[4].Subject, "нового устройства") {
		t.Errorf("%d letters", len(all))
	}
	if log := p.Log.String(); strings.Contains(log, token) || strings.Contains(log, "token=") {
		t.Error("the log has the token")
	}
}

func TestALinkToRecoverHoldsForHalfAnHourAndNotForWhoIsSwitchedOff(t *testing.T) {
	t.Parallel()
	p, clock := mailed(t)
	c := p.Client(t)
	c.Post("/recover", asks("anna@example.com"))
	c.Get(linkIn(t, comes(t, p, "anna@example.com", 1)))
	clock.Forward(30 * time.Minute)
	if late := sends(c, "/recover/password", "password", "совсем другая фраза"); late.StatusCode != http.StatusNotFound {
		t.Errorf("after half an hour: %s", late.Status)
	}
	c.Post("/recover", asks("anna@example.com"))
	c.Get(linkIn(t, comes(t, p, "anna@example.com", 2)))
	if err := p.DB.SetDisabled(t.Context(), p.User(t, "anna@example.com").ID, true, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	if off := sends(c, "/recover/password", "password", "совсем другая фраза"); off.StatusCode != http.StatusNotFound {
		t.Errorf("switched off meanwhile: %s", off.Status)
	}
	page := apptest.BodyOf(t, c.Post("/recover", asks("anna@example.com")))
	if off := comes(t, p, "anna@example.com", 3); !strings.Contains(off.Text, "отключена") || strings.Contains(page, "отключена") {
		t.Errorf("%s\n%s", off.Text, page)
	}
}

func TestLettersThatStrangersAskForAreThrottled(t *testing.T) {
	t.Parallel()
	s := app.Settings{TrustedProxies: []string{"127.0.0.1"}}
	s.Mail = apptest.Mailbox
	p := apptest.Start(t, app.Demo, s)
	c := p.Client(t)
	asked := func(path, email, from string) int {
		return c.Do(http.MethodPost, path, asks(email), apptest.Header("X-Forwarded-For", from)).StatusCode
	}
	const free, full = http.StatusSeeOther, http.StatusTooManyRequests
	for _, path := range []string{"/recover", "/register"} {
		for i := range 4 {
			for n, email := range []string{"anna@example.com", "nobody@example.com"} { // whoever has an account or not
				want := map[bool]int{true: free, false: full}[i < 3]
				if got := asked(path, email, fmt.Sprintf("10.0.%d.1", n)); got != want {
					t.Errorf("%s for %s, %d: %d", path, email, i, got)
				}
			}
		}
	}
	// Who asks for another's letters from one network keeps nobody else from asking for theirs; ten are all there are.
	for i := range 8 {
		got := asked("/recover", "anna@example.com", fmt.Sprintf("203.0.%d.7", i))
		if want := map[bool]int{true: free, false: full}[i < 7]; got != want {
			t.Errorf("from further networks, %d: %d", i, got)
		}
	}
	for i := range 20 {
		got := asked("/recover", strings.Repeat("x", i+1)+"@example.com", "192.0.2.9")
		if want := map[bool]int{true: free, false: full}[i < 10]; got != want {
			t.Errorf("from one address, %d: %d", i, got)
		}
	}
}

func TestAnEmailIsChangedByWhoReadsItsLettersAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	p, clock := mailed(t)
	anna := p.SignedInAs(t, "anna@example.com")
	change := func(email string) {
		t.Helper()
		form := url.Values{"email": {email}, "password": {app.DemoPassword}}
		apptest.Redirected(t, anna.Post("/profile/email", form), "/profile?saved=email-asked")
	}
	change("boris@example.com")
	if taken := comes(t, p, "boris@example.com", 1); linkOfALetter.MatchString(taken.Text) {
		t.Errorf("to who has an account: %s", taken.Text)
	}
	change("anna2@example.com")
	link := linkIn(t, comes(t, p, "anna2@example.com", 1))
	reader := p.Client(t) // she may read it on another machine, where she has to sign in
	apptest.Redirected(t, reader.Get(link), "/email/confirm")
	apptest.Redirected(t, reader.Get("/email/confirm"), "/login?next=%2Femail%2Fconfirm")
	reader.SignIn("boris@example.com") // whose account it is not
	if got := reader.Get("/email/confirm"); got.StatusCode != http.StatusNotFound {
		t.Errorf("another's: %s", got.Status)
	}
	reader.SignIn("anna@example.com")
	mark := apptest.PageOf(t, reader.Get("/email/confirm")).Find("[name=link]").AttrOr("value", "")
	reader.SignIn("boris@example.com")
	if got := reader.Post("/email/confirm", url.Values{"link": {mark}}); got.StatusCode != http.StatusNotFound || mark == "" {
		t.Errorf("another's form: %s", got.Status)
	}
	reader.SignIn("anna@example.com")
	if page := apptest.BodyOf(t, reader.Get("/email/confirm")); !strings.Contains(page, "anna2@example.com") {
		t.Error("the page does not say which e-mail")
	}
	if _, err := p.DB.UserByEmail(t.Context(), "anna2@example.com"); err == nil {
		t.Error("it is changed before anybody has confirmed")
	}
	sends(reader, "/email/confirm")
	id := p.User(t, "anna2@example.com").ID
	told := newest(t, p, "anna@example.com")
	if !strings.Contains(told.Text, "anna2@example.com") {
		t.Errorf("the previous address is told: %s", told.Text)
	}
	clock.Forward(7*24*time.Hour - time.Minute)
	owner := p.Client(t)
	apptest.Redirected(t, owner.Get(linkIn(t, told)), "/email/back")
	owner.Get("/email/back")
	if got := p.User(t, "anna2@example.com").ID; got != id {
		t.Error("looking takes it back")
	}
	apptest.Redirected(t, sends(owner, "/email/back"), "/recover/password?email_back")
	if p.User(t, "anna@example.com").ID != id || anna.SignedIn() {
		t.Error("it is not taken back, or a session goes on")
	}
	left := newest(t, p, "anna2@example.com")
	for _, part := range []string{"anna2@example.com больше не почта", "08.11.2026", "127.0.0.1", "обратитесь"} {
		if !strings.Contains(left.Text, part) || linkOfALetter.MatchString(left.Text) {
			t.Errorf("the address that is left is told: %s", left.Text)
		}
	}
	thief := p.Client(t).Post("/login", url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}})
	if thief.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("who knew the password is let in: %s", thief.Status)
	}
	apptest.Redirected(t, sends(owner, "/recover/password", "password", app.DemoPassword), "/login?recovered")
	if again := sends(owner, "/email/back"); again.StatusCode != http.StatusNotFound {
		t.Errorf("a second time: %s", again.Status)
	}
	late := p.SignedInAs(t, "anna@example.com")
	late.Post("/profile/email", url.Values{"email": {"anna3@example.com"}, "password": {app.DemoPassword}})
	late.Get(linkIn(t, comes(t, p, "anna3@example.com", 1)))
	sends(late, "/email/confirm")
	p.User(t, "anna3@example.com")
	told = newest(t, p, "anna@example.com")
	clock.Forward(7 * 24 * time.Hour)
	owner.Get(linkIn(t, told))
	if after := sends(owner, "/email/back"); after.StatusCode != http.StatusNotFound {
		t.Errorf("after seven days: %s", after.Status)
	}
}

// While a form is open, another page has the browser open another link.
func TestAFormIsForTheLinkThatItWasShownFor(t *testing.T) {
	t.Parallel()
	p, _ := mailed(t)
	c := p.Client(t)
	for _, email := range []string{"vera@example.com", "evil@example.com"} {
		c.Post("/register", asks(email))
	}
	c.Get(linkIn(t, comes(t, p, "vera@example.com", 1)))
	shown := apptest.PageOf(t, c.Get("/register/password")).Find("[name=link]").AttrOr("value", "")
	c.Get(linkIn(t, comes(t, p, "evil@example.com", 1)))
	form := url.Values{"link": {shown}, "name": {"Вера"}, "password": {"a long enough phrase"}}
	if got := c.Post("/register/password", form); got.StatusCode != http.StatusNotFound || c.SignedIn() || shown == "" {
		t.Errorf("%s", got.Status)
	}
}

// Somebody who knew the password has asked for it, and the owner has chosen another password since.
func TestAChangeOfEmailThatWasAskedForWithAPreviousPasswordIsWorthNothing(t *testing.T) {
	t.Parallel()
	p, _ := mailed(t)
	thief, owner := p.SignedInAs(t, "anna@example.com"), p.SignedInAs(t, "anna@example.com")
	thief.Post("/profile/email", url.Values{"email": {"thief@example.com"}, "password": {app.DemoPassword}})
	link := linkIn(t, comes(t, p, "thief@example.com", 1))
	owner.Post("/profile/password", url.Values{"password": {"совсем другая фраза"}})
	for _, c := range []*apptest.Client{thief, owner} {
		c.Get(link)
		sends(c, "/email/confirm")
		if got := c.Get("/email/confirm"); got.StatusCode == http.StatusOK {
			t.Errorf("%s", got.Status)
		}
	}
	p.User(t, "anna@example.com")
}

// No page waits for the mail server: while that holds a letter, pages are answered. Administrators see what waits.
func TestNoPageWaitsForTheMailServer(t *testing.T) {
	t.Parallel()
	p, _ := mailed(t)
	faults := mailboxOf(p).Faults()
	set(t, faults, "letter", sandbox.Fault{Hold: true})
	c := p.Client(t)
	c.Post("/register", asks("vera@example.com"))
	untilHeld(t, faults, "letter", 1)
	for _, path := range []string{"/register", "/recover"} {
		if got := c.Post(path, asks("anna@example.com")); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
	admin := p.SignedInAs(t, "admin@example.com") // of whose new device a letter tells
	page := apptest.PageOf(t, admin.Get("/admin/integrations"))
	if waiting := page.Find("[data-waiting]").Text(); !strings.HasPrefix(waiting, "4 ") {
		t.Errorf("%q", waiting)
	}
	if faults.Held("letter") != 1 {
		t.Error("the letter was not held all the time")
	}
	faults.Clear()
	nothingWaits(t, p)
	c.Post("/recover", asks("boris@example.com"))
	reset(t, p)
	if o, err := p.DB.Outbox(t.Context()); err != nil || o.Waiting != 0 {
		t.Errorf("after a reset %d wait, %v", o.Waiting, err)
	}
}

func TestWithoutMailNothingIsOfferedThatNeedsIt(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	c := p.Client(t)
	off := 0
	for _, r := range p.Routes() {
		if !r.Off || !strings.HasPrefix(r.Path, "/recover") && !strings.HasPrefix(r.Path, "/email") &&
			!strings.HasPrefix(r.Path, "/register/") {
			continue
		}
		off++
		if got := c.Do(cmp.Or(r.Method, http.MethodGet), r.Path, url.Values{}); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", r.Path, got.Status)
		}
	}
	if off != 14 {
		t.Errorf("%d routes are off", off)
	}
	if page := apptest.BodyOf(t, c.Get("/login")); strings.Contains(page, "/recover") || !strings.Contains(page, "Забыли пароль") {
		t.Error("the page to sign in offers to recover")
	}
	if o, err := p.DB.Outbox(t.Context()); err != nil || o.Waiting != 0 {
		t.Errorf("%+v, %v", o, err)
	}
	if slices.ContainsFunc(p.Sandboxes, func(a app.Address) bool { return strings.Contains(a.Origin, "mail.") }) {
		t.Error("there is a mailbox")
	}
}
