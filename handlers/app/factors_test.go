package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/factor"
	"kabinet/handlers/web"
	mailbox "kabinet/integrations/mail/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// signIn is the form of the sign-in page, with the demo's password.
func signInForm(email string) url.Values {
	return url.Values{"email": {email}, "password": {app.DemoPassword}}
}

// toSecondStep sends the password, which leads to the second step.
func toSecondStep(c *apptest.Client, email string) {
	c.TB.Helper()
	apptest.Redirected(c.TB, c.Post("/login", signInForm(email)), "/login/second?next=%2Fdashboard")
}

// codeNow is what Lena's app shows now, as the demo says to who has not signed in.
func codeNow(c *apptest.Client) string {
	c.TB.Helper()
	return apptest.PageOf(c.TB, c.Get("/login")).Find(".demo .hint code").Text()
}

// wrongWith is what a page says is wrong, of a form that was refused.
func wrongWith(t *testing.T, response *http.Response, status int, says string) {
	t.Helper()
	if wrong := apptest.PageOf(t, response).Find(".summary li").Text(); response.StatusCode != status ||
		!strings.Contains(wrong, says) {
		t.Errorf("%s, %q is wrong, want %q", response.Status, wrong, says)
	}
}

// isTold waits for a letter about something.
func isTold(t *testing.T, p *apptest.Program, email, about string) {
	t.Helper()
	apptest.Eventually(t, about, func() bool {
		return slices.ContainsFunc(mailboxOf(p).Letters(), func(l mailbox.Letter) bool {
			return slices.Contains(l.EnvelopeTo, email) && strings.Contains(l.Subject, about)
		})
	})
}

func TestAPasswordIsNotEnoughWhereThereIsASecondFactor(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	lena := p.Client(t)
	toSecondStep(lena, "lena@example.com")
	if lena.SignedIn() {
		t.Fatal("the password was enough")
	}
	second := func(form url.Values) *http.Response { return lena.Post("/login/second", form) }
	wrongWith(t, second(url.Values{}), http.StatusUnprocessableEntity, "Введите код")
	wrongWith(t, second(url.Values{"code": {"000000"}}), http.StatusUnprocessableEntity, "Код не подошёл")
	wrongWith(t, second(url.Values{"code": {"AAAA-BBBB-CCCC"}}), http.StatusUnprocessableEntity, "Такого кода нет")
	code := codeNow(lena)
	form := url.Values{"code": {" " + code[:3] + " " + code[3:]}, "next": {"/profile"}}
	apptest.Redirected(t, second(form), "/profile")
	if !lena.SignedIn() {
		t.Error("not signed in")
	}
	for _, cookie := range lena.HTTP.Jar.Cookies(apptest.MustParse(t, p.URL)) {
		if cookie.Name == "kabinet-sign-in" {
			t.Error("what waits for the second step stays in the browser")
		}
	}
	// A code is good once, whoever saw it typed.
	thief := p.Client(t)
	toSecondStep(thief, "lena@example.com")
	wrongWith(t, thief.Post("/login/second", form), http.StatusUnprocessableEntity, "уже использован")
	clock.Forward(30 * time.Second)
	toSecondStep(thief, "lena@example.com")
	apptest.Redirected(t, thief.Post("/login/second", url.Values{"code": {codeNow(thief)}}), "/dashboard")

	kinds := p.Events(t, 4)
	want := []store.EventKind{store.SignedIn, store.FactorRefused, store.SignedIn, store.FactorRefused, store.FactorRefused}
	if !slices.Equal(kinds[:len(want)], want) {
		t.Errorf("the audit tells of %v", kinds)
	}
}

func TestWhoWantsToBeRememberedIsAlsoByTheSecondStep(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	for _, remember := range []string{"", "yes"} {
		c := p.Client(t)
		form := signInForm("lena@example.com")
		form.Set("remember", remember)
		apptest.Redirected(t, c.Post("/login", form), "/login/second?next=%2Fdashboard")
		if err := apptest.ExecuteIn(p.Database, `UPDATE totp SET last_step = 0`); err != nil { // the same code again
			t.Fatal(err)
		}
		answer := c.Post("/login/second", url.Values{"code": {codeNow(c)}})
		lasting := slices.ContainsFunc(answer.Cookies(), func(c *http.Cookie) bool { return c.Name == "kabinet" && c.MaxAge > 0 })
		if lasting != (remember != "") {
			t.Errorf("remember %q: lasting is %v (%s)", remember, lasting, answer.Status)
		}
	}
}

func TestTheSecondStepIsWorthNothingWithoutTheFirst(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	const first = "/login?again=&next=%2Fdashboard"
	for name, change := range map[string]func(c *apptest.Client){
		"no first step": nil,
		"a cookie of one's own": func(c *apptest.Client) {
			c.HTTP.Jar.SetCookies(apptest.MustParse(t, p.URL), []*http.Cookie{{Name: "kabinet-sign-in", Value: "eyJ1c2VyX2lkIjo0fQ"}})
		},
		"another password since": func(c *apptest.Client) {
			toSecondStep(c, "lena@example.com")
			if err := p.DB.ResetPassword(t.Context(), 4, p.User(t, "boris@example.com").PasswordHash+"x", store.Actor{}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		c := p.Client(t)
		if change != nil {
			change(c)
		}
		apptest.Redirected(t, c.Get("/login/second"), first)
		apptest.Redirected(t, c.Post("/login/second", url.Values{"code": {"123456"}}), first)
		if c.SignedIn() {
			t.Errorf("%s: signed in", name)
		}
	}
	p = apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	late := p.Client(t)
	toSecondStep(late, "lena@example.com")
	clock.Forward(10 * time.Minute)
	apptest.Redirected(t, late.Get("/login/second"), first)
	if said := apptest.PageOf(t, late.Get(first)).Find("main .note").Text(); !strings.Contains(said, "слишком много времени") {
		t.Errorf("it says %q", said)
	}
}

// 64 wrong codes at once let nobody in, and a restart lifts nothing.
func TestWrongCodesAreThrottledAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	settings := app.Settings{Now: clock.Now, Vendors: app.Vendors{Mail: apptest.Mailbox}}
	p := apptest.Start(t, app.Demo, settings)
	guesses := func(p *apptest.Program) (taken int) {
		t.Helper()
		c := p.Client(t)
		toSecondStep(c, "lena@example.com")
		right := codeNow(c)
		var all sync.WaitGroup
		var mu sync.Mutex
		for i := range 64 {
			code := fmt.Sprintf("%06d", i)
			if code == right {
				code = "999999"
			}
			all.Go(func() {
				answer := c.Post("/login/second", url.Values{"code": {code}})
				mu.Lock()
				defer mu.Unlock()
				switch answer.StatusCode {
				case http.StatusUnprocessableEntity:
					taken++
				case http.StatusTooManyRequests:
				default:
					t.Errorf("%s: %s", code, answer.Status)
				}
			})
		}
		all.Wait()
		wrongWith(t, c.Post("/login/second", url.Values{"code": {right}}), http.StatusTooManyRequests, "")
		if c.SignedIn() {
			t.Error("a wrong code has signed in")
		}
		return taken
	}
	if n := guesses(p); n != 5 {
		t.Errorf("%d guesses were taken", n)
	}
	isTold(t, p, "lena@example.com", "знает ваш пароль")
	settings.Data = t.TempDir()
	if err := store.Backup(t.Context(), p.Database, filepath.Join(settings.Data, filepath.Base(p.Database))); err != nil {
		t.Fatal(err)
	}
	restarted := apptest.Start(t, app.Demo, settings)
	if n := guesses(restarted); n != 0 {
		t.Errorf("after a restart %d guesses were taken", n)
	}
	clock.Forward(15 * time.Minute)
	if n := guesses(restarted); n != 1 {
		t.Errorf("a quarter of an hour later %d guesses were taken", n)
	}
}

// Whoever guesses elsewhere does not keep the owner out of a browser of theirs.
func TestTheOwnersBrowserHasGuessesOfItsOwn(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	owner, thief := p.SignedInAs(t, "lena@example.com"), p.Client(t)
	owner.Post("/logout", url.Values{})
	toSecondStep(thief, "lena@example.com")
	for range 6 {
		thief.Post("/login/second", url.Values{"code": {"000000"}})
	}
	clock.Forward(time.Minute)
	toSecondStep(owner, "lena@example.com")
	apptest.Redirected(t, owner.Post("/login/second", url.Values{"code": {codeNow(owner)}}), "/dashboard")
}

func TestATrustedBrowserIsNotAskedForTheSecondFactor(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	lena, boris := p.Client(t), p.Client(t)
	toSecondStep(lena, "lena@example.com")
	apptest.Redirected(t, lena.Post("/login/second", url.Values{"code": {codeNow(lena)}, "trust": {"yes"}}), "/dashboard")
	lena.Post("/logout", url.Values{})
	apptest.Redirected(t, lena.Post("/login", signInForm("lena@example.com")), "/dashboard")
	if said := apptest.PageOf(t, lena.Get("/profile/security")).Text(); !strings.Contains(said, "В 1 браузере при входе хватает пароля") {
		t.Error("the page does not tell of it")
	}
	// The mark is of one account.
	for _, cookie := range lena.HTTP.Jar.Cookies(apptest.MustParse(t, p.URL)) {
		if cookie.Name == "kabinet-trusted" {
			boris.HTTP.Jar.SetCookies(apptest.MustParse(t, p.URL), []*http.Cookie{cookie})
		}
	}
	addsTOTP(boris, "boris@example.com", clock.Now)
	boris.Post("/logout", url.Values{})
	toSecondStep(boris, "boris@example.com")

	apptest.Redirected(t, lena.Post("/profile/browsers/forget", url.Values{}), "/profile/security?done=forgotten")
	lena.Post("/logout", url.Values{})
	toSecondStep(lena, "lena@example.com")
}

// addsTOTP signs in and connects an app; it returns the app, and the codes to recover.
func addsTOTP(c *apptest.Client, email string, now func() time.Time) (factor.TOTP, []string) {
	c.TB.Helper()
	if !c.SignedIn() {
		c.SignIn(email)
	}
	page := apptest.PageOf(c.TB, c.Get("/profile/totp"))
	connected := factor.TOTP{Secret: secret.New(strings.ReplaceAll(page.Find("code.secret").Text(), " ", ""))}
	code, err := connected.Code(now())
	if err != nil {
		c.TB.Fatal(err)
	}
	sealed := page.Find("[name=sealed]").AttrOr("value", "")
	answer := c.Post("/profile/totp", url.Values{"sealed": {sealed}, "code": {code}})
	return connected, codesIn(c, answer)
}

// codesIn are the codes to recover that an answer shows.
func codesIn(c *apptest.Client, answer *http.Response) (codes []string) {
	c.TB.Helper()
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "no-store" {
		c.TB.Fatalf("%s, %v", answer.Status, answer.Header)
	}
	for _, code := range apptest.PageOf(c.TB, answer).Find(".codes code").EachIter() {
		codes = append(codes, code.Text())
	}
	if len(codes) != 10 {
		c.TB.Fatalf("%d codes to recover", len(codes))
	}
	return codes
}

func TestAnAppCountsOnceACodeHasConfirmedIt(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now, Vendors: app.Vendors{Mail: apptest.Mailbox}})
	anna, boris := p.SignedInAs(t, "anna@example.com"), p.SignedInAs(t, "boris@example.com")
	page := apptest.PageOf(t, anna.Get("/profile/totp"))
	sealed, text := page.Find("[name=sealed]").AttrOr("value", ""), page.Find("code.secret").Text()
	if page.Find("svg.qr path").AttrOr("d", "") == "" || strings.Contains(sealed, strings.ReplaceAll(text, " ", "")) {
		t.Error("the picture is missing, or the form has the secret as it is")
	}
	wrong := anna.Post("/profile/totp", url.Values{"sealed": {sealed}, "code": {"000000"}})
	wrongWith(t, wrong, http.StatusUnprocessableEntity, "Код не подошёл")
	if has, err := p.DB.HasFactor(t.Context(), 1); has || err != nil {
		t.Errorf("a wrong code has connected it: %v", err)
	}
	again := apptest.PageOf(t, anna.Post("/profile/totp", url.Values{"sealed": {sealed}, "code": {""}}))
	if again.Find("code.secret").Text() != text {
		t.Error("another picture after a wrong code")
	}
	apptest.Redirected(t, boris.Post("/profile/totp", url.Values{"sealed": {sealed}, "code": {"000000"}}), "/profile/totp")
	if answer := anna.Post("/profile/totp", url.Values{"sealed": {"%"}}); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("nonsense: %s", answer.Status)
	}

	connected, codes := addsTOTP(anna, "anna@example.com", clock.Now)
	isTold(t, p, "anna@example.com", "добавлен второй фактор")
	f, err := p.DB.Factors(t.Context(), 1)
	if err != nil || f.TOTP == nil || strings.Contains(string(f.TOTP), connected.Secret.Reveal()) {
		t.Errorf("what is stored: %q, %v", f.TOTP, err)
	}
	anna.Post("/logout", url.Values{})
	toSecondStep(anna, "anna@example.com")
	code, err := connected.Code(clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	wrongWith(t, anna.Post("/login/second", url.Values{"code": {code}}), http.StatusUnprocessableEntity, "уже использован")
	// A code to recover, as somebody types it; once.
	typed := url.Values{"code": {strings.ToLower(strings.ReplaceAll(codes[3], "-", " "))}, "recovery": {"yes"}}
	apptest.Redirected(t, anna.Post("/login/second", typed), "/dashboard")
	isTold(t, p, "anna@example.com", "резервному коду")
	if said := apptest.PageOf(t, anna.Get("/profile/security")).Text(); !strings.Contains(said, "Осталось 9 резервных кодов") {
		t.Error("the codes are not counted")
	}
	anna.Post("/logout", url.Values{})
	toSecondStep(anna, "anna@example.com")
	wrongWith(t, anna.Post("/login/second", typed), http.StatusUnprocessableEntity, "Такого кода нет")
	apptest.Redirected(t, anna.Post("/login/second", url.Values{"code": {codes[4]}}), "/dashboard")

	newer := codesIn(anna, anna.Post("/profile/recovery-codes", url.Values{}))
	anna.Post("/logout", url.Values{})
	toSecondStep(anna, "anna@example.com")
	wrongWith(t, anna.Post("/login/second", url.Values{"code": {codes[5]}}), http.StatusUnprocessableEntity, "Такого кода нет")
	apptest.Redirected(t, anna.Post("/login/second", url.Values{"code": {newer[0]}}), "/dashboard")

	apptest.Redirected(t, anna.Post("/profile/totp/remove", url.Values{}), "/profile/security?done=totp-removed")
	isTold(t, p, "anna@example.com", "Второй фактор убран")
	anna.Post("/logout", url.Values{})
	apptest.Redirected(t, anna.Post("/login", signInForm("anna@example.com")), "/dashboard")
}

// What was sealed and hashed under a secret is good under the next one.
func TestSecondFactorsOutliveAChangeOfTheSecret(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	before := apptest.StartServe(t, app.Settings{Now: clock.Now}, apptest.Secret)
	anna := before.SignedInAs(t, "anna@example.com")
	connected, codes := addsTOTP(anna, "anna@example.com", clock.Now)
	const newer = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	p := apptest.Start(t, app.Serve, app.Settings{Now: clock.Now, Data: apptest.CopyDatabase(t, before),
		Secret: secret.New(newer), OldSecrets: secret.New(apptest.Secret)})
	clock.Forward(time.Minute)
	code, err := connected.Code(clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{code, codes[0]} {
		c := p.Client(t)
		toSecondStep(c, "anna@example.com")
		apptest.Redirected(t, c.Post("/login/second", url.Values{"code": {code}}), "/dashboard")
	}
}

func TestWhoMustHaveASecondFactorGetsOneFirst(t *testing.T) {
	t.Parallel()
	for who, must := range map[string]map[string]bool{
		"administrators": {"admin@example.com": true}, "everybody": {"admin@example.com": true, "anna@example.com": true}, "": {},
	} {
		clock := apptest.NewClock()
		p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now, RequireSecondFactor: who})
		for _, email := range []string{"admin@example.com", "anna@example.com"} {
			c := p.SignedInAs(t, email)
			open := map[string]bool{"/profile/security": true, "/profile/totp": true, "/profile/passkeys": true, "/confirm": true}
			for _, l := range routes(p, func(r web.Route) bool { return r.Method == "" && r.Who == web.SignedIn && !r.NoHead && !r.Background }) {
				if l.method == http.MethodHead || strings.Contains(l.path, ":") || strings.HasPrefix(l.path, "/email") {
					continue
				}
				answer := c.Get(l.path)
				sent := answer.Header.Get("Location") == "/profile/security?required"
				if sent != (must[email] && !open[l.path]) {
					t.Errorf("%q, %s: %s is %s to %q", who, email, l.path, answer.Status, answer.Header.Get("Location"))
				}
			}
			for _, l := range routes(p, func(r web.Route) bool { return r.Method == http.MethodPost && r.Who == web.SignedIn && !r.JSON }) {
				if strings.HasPrefix(l.path, "/email") || l.path == "/profile/delete" {
					continue
				}
				answer := c.Post(l.path, everyForm)
				sent := answer.Header.Get("Location") == "/profile/security?required"
				if sent != (must[email] && !open[l.path]) {
					t.Errorf("%q, %s: POST %s is %s to %q", who, email, l.path, answer.Status, answer.Header.Get("Location"))
				}
			}
			if !must[email] {
				continue
			}
			if said := apptest.PageOf(t, c.Get("/profile/security?required")).Find(".note.bad").Text(); said == "" {
				t.Error("the page does not say why it is there")
			}
			addsTOTP(c, email, clock.Now)
			if !c.SignedIn() {
				t.Errorf("%q, %s is still kept out", who, email)
			}
		}
	}
}

func TestASecondFactorThatWasTakenAwayMeanwhileIsNotAskedFor(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	lena := p.Client(t)
	toSecondStep(lena, "lena@example.com")
	if err := p.DB.TakeFactors(t.Context(), 4, store.Actor{}, store.Letter{}); err != nil {
		t.Fatal(err)
	}
	apptest.Redirected(t, lena.Get("/login/second"), "/login?again=&next=%2Fdashboard")
	apptest.Redirected(t, lena.Post("/login", signInForm("lena@example.com")), "/dashboard")
}

func TestALostSecondFactorIsTakenAwayByAnAdministrator(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	admin := p.SignedInAs(t, "admin@example.com")
	page := apptest.PageOf(t, admin.Get("/admin/users/4"))
	if said := page.Find(".facts").Text(); !strings.Contains(said, "Приложение-аутентификатор") || !strings.Contains(said, "Резервные коды10") {
		t.Errorf("the administrator reads %q", said)
	}
	if page.Find(`form[action="/admin/users/4/factors"]`).Length() != 1 ||
		apptest.PageOf(t, admin.Get("/admin/users/1")).Find(`form[action$="/factors"]`).Length() != 0 {
		t.Error("it is offered for who has none, or not for who has")
	}
	for range 2 {
		apptest.Redirected(t, admin.Post("/admin/users/4/factors", url.Values{}), "/admin/users/4?done=factors")
	}
	told := comes(t, p, "lena@example.com", 1)
	if !strings.Contains(told.Subject, "Администратор убрал") || strings.Contains(told.Text, "127.0.0.1") {
		t.Errorf("the owner is told %s: %s", told.Subject, told.Text)
	}
	if kinds := p.Events(t, 4); kinds[0] != store.FactorsTaken || slices.Index(kinds[1:], store.FactorsTaken) >= 0 {
		t.Errorf("the audit tells of %v", kinds)
	}
	apptest.Redirected(t, p.Client(t).Post("/login", signInForm("lena@example.com")), "/dashboard")
}

func TestALostSecondFactorIsTakenAwayOnTheCommandLine(t *testing.T) {
	t.Parallel()
	demo := apptest.StartDemoWithMail(t)
	before := apptest.StartServe(t, app.Settings{}, apptest.Secret)
	addsTOTP(before.Client(t), "anna@example.com", time.Now)
	server := "smtp://" + mailboxOf(demo).Address()
	c := commands{t, apptest.CopyDatabase(t, before)}
	said, ok := c.run("", "user", "remove-second-factor", "anna@example.com", "--smtp-url", server, "--mail-from", "portal@example.com")
	if !ok || !strings.Contains(said, "has no second factor any more") {
		t.Fatal(said)
	}
	s := app.Settings{Data: c.data, Secret: secret.New(apptest.Secret)}
	s.Mail = app.MailSettings{URL: secret.New(server), From: "portal@example.com"}
	portal := apptest.Start(t, app.Serve, s)
	nothingWaits(t, portal)
	if told := newest(t, demo, "anna@example.com"); !strings.Contains(told.Subject, "Администратор убрал") ||
		!strings.Contains(told.Text, portal.URL+"/profile/security") {
		t.Errorf("the owner is told %s: %s", told.Subject, told.Text)
	}
	apptest.Redirected(t, portal.Client(t).Post("/login", signInForm("anna@example.com")), "/dashboard")
}

// Whoever guesses elsewhere does not keep the owner waiting either, who has chosen another password because of that.
func TestANewPasswordLeavesTheSecondFactor(t *testing.T) {
	t.Parallel()
	p, clock := mailed(t)
	c, thief := p.Client(t), p.Client(t)
	trusted := p.Client(t)
	toSecondStep(trusted, "lena@example.com")
	trusted.Post("/login/second", url.Values{"code": {codeNow(trusted)}, "trust": {"yes"}})
	trusted.Post("/logout", url.Values{})
	apptest.Redirected(t, trusted.Post("/login", signInForm("lena@example.com")), "/dashboard")
	trusted.Post("/logout", url.Values{})
	clock.Forward(time.Minute)
	toSecondStep(thief, "lena@example.com")
	for range 6 {
		thief.Post("/login/second", url.Values{"code": {"000000"}})
	}
	isTold(t, p, "lena@example.com", "знает ваш пароль")
	c.Post("/recover", asks("lena@example.com"))
	isTold(t, p, "lena@example.com", "Новый пароль")
	c.Get(linkIn(t, newest(t, p, "lena@example.com")))
	page := apptest.PageOf(t, c.Get("/recover/password"))
	form := url.Values{"link": {page.Find("[name=link]").AttrOr("value", "")}, "password": {"совсем другая фраза"}}
	apptest.Redirected(t, c.Post("/recover/password", form), "/login?recovered")
	form = url.Values{"email": {"lena@example.com"}, "password": {"совсем другая фраза"}}
	for _, browser := range []*apptest.Client{c, trusted} { // none is trusted any more
		apptest.Redirected(t, browser.Post("/login", form), "/login/second?next=%2Fdashboard")
		if browser.SignedIn() {
			t.Error("signed in")
		}
	}
	shown := apptest.PageOf(t, c.Get("/login/second")).Find("main .hint code").Text()
	apptest.Redirected(t, c.Post("/login/second", url.Values{"code": {shown}}), "/dashboard")
}

// Whoever has added a passkey of theirs by a stolen password is out again, whatever they did first.
func TestASecondFactorThatSomebodyElseHasAddedIsTakenBack(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	thief, owner := p.Client(t), p.Client(t)
	d := addsDevice(thief, "anna@example.com")
	isTold(t, p, "anna@example.com", "добавлен второй фактор")
	owner.Get(linkIn(t, newest(t, p, "anna@example.com")))
	page := apptest.PageOf(t, owner.Get("/factors/back"))
	form := url.Values{"link": {page.Find("[name=link]").AttrOr("value", "")}}
	if has, err := p.DB.HasFactor(t.Context(), 1); !has || err != nil {
		t.Fatal("opening the link has used it up")
	}
	apptest.Redirected(t, owner.Post("/factors/back", form), "/recover/password?factor_back")
	isTold(t, p, "anna@example.com", "Второй фактор убран")
	if thief.SignedIn() {
		t.Error("the thief is still signed in")
	}
	page = apptest.PageOf(t, owner.Get("/recover/password?factor_back"))
	if said := page.Find(".note").Text(); !strings.Contains(said, "Второй фактор убран") {
		t.Errorf("it says %q", said)
	}
	form = url.Values{"link": {page.Find("[name=link]").AttrOr("value", "")}, "password": {"совсем другая фраза"}}
	apptest.Redirected(t, owner.Post("/recover/password", form), "/login?recovered")
	wrongWith(t, thief.Post("/login", byPasskey(thief, d)), http.StatusUnprocessableEntity, "не подходит")
	apptest.Redirected(t, owner.Post("/login", url.Values{"email": {"anna@example.com"}, "password": {"совсем другая фраза"}}), "/dashboard")
}

func TestNobodyFloodsAuditAndMailboxesByFactors(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now})
	anna := p.Client(t)
	d := addsDevice(anna, "anna@example.com")
	stranger := p.Client(t)
	if anna.Post("/logout", url.Values{}); anna.SignedIn() {
		t.Fatal("signed in")
	}
	if err := apptest.ExecuteIn(p.Database, `UPDATE passkeys SET sign_count = 1000`); err != nil {
		t.Fatal(err)
	}
	copied := byPasskey(stranger, d)
	for range 20 {
		stranger.Post("/login", copied)
	}
	refusals := 0
	for _, k := range p.Events(t, 1) {
		if k == store.FactorRefused {
			refusals++
		}
	}
	if refusals != 5 {
		t.Errorf("one copy is told of %d times", refusals)
	}
	d.Credential.Counter = 2000
	in := 0
	for range 40 {
		c := p.Client(t)
		if c.Post("/login", byPasskey(c, d)).StatusCode == http.StatusSeeOther {
			in++
		}
	}
	if in != 30 {
		t.Errorf("%d sign-ins at once", in)
	}
	boris := p.SignedInAs(t, "boris@example.com")
	limited := 0
	for range 30 {
		if boris.Post("/profile/recovery-codes", url.Values{}).StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited != 10 {
		t.Errorf("%d changes of 30 are refused", limited)
	}
}

// A second tab that fails ends nothing in the first.
func TestASignInThatFailsEndsNoSession(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now})
	lena := p.SignedInAs(t, "lena@example.com")
	apptest.Redirected(t, lena.Post("/login", signInForm("lena@example.com")), "/login/second?next=%2Fdashboard")
	code := codeNow(p.Client(t))
	wrongWith(t, lena.Post("/login/second", url.Values{"code": {code}}), http.StatusUnprocessableEntity, "уже использован")
	if !lena.SignedIn() {
		t.Error("the session has ended")
	}
}

// Registering again with the password of an account is signing in, with the second step too.
func TestRegisteringAgainAsksForTheSecondFactor(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	form := signInForm("lena@example.com")
	form.Set("name", "Лена")
	apptest.Redirected(t, c.Post("/register", form), "/login/second?next=%2Fdashboard")
	if c.SignedIn() {
		t.Error("signed in")
	}
}
