package app_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kabinet/handlers/app"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// leaves presses the button that leads to SailPlay, and returns the address there.
func leaves(c *apptest.Client, form url.Values) string {
	c.TB.Helper()
	return apptest.GoesOn(c.TB, c.Post("/sailplay/connect", form))
}

// consents signs in at SailPlay, says yes, and returns the address that SailPlay leads back to.
func consents(c *apptest.Client, address, name string) string {
	c.TB.Helper()
	u := apptest.MustParse(c.TB, address)
	asked := url.Values{"name": {name}, "password": {sailplaysandbox.DemoPassword}, "answer": {"join"}}
	for _, p := range []string{"partner_id", "store_department_id", "redirect_url"} {
		asked.Set(p, u.Query().Get(p))
	}
	at := u.Scheme + "://" + u.Host + "/auth/authorize/"
	c.Visit(http.MethodPost, at+"not-me", asked)
	if answer := c.Visit(http.MethodPost, at+"sign-in", asked); answer.StatusCode != http.StatusSeeOther {
		c.TB.Fatalf("signing in at SailPlay as %s: %s", name, answer.Status)
	}
	return c.Visit(http.MethodPost, at+"consent", asked).Header.Get("Location")
}

// comesBack follows SailPlay's redirect to the portal.
func comesBack(c *apptest.Client, address string) *http.Response {
	c.TB.Helper()
	return c.Visit(http.MethodGet, address, nil)
}

// originOf is the account at SailPlay that a user is linked to; empty for none.
func originOf(r *apptest.Program, t *testing.T, userID int64) string {
	t.Helper()
	l, _ := r.DB.SailPlayLink(t.Context(), userID)
	return l.OriginUserID
}

func TestACustomerLinksTheirSailPlayAccountAndSeesPoints(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	apptest.Redirected(t, comesBack(anna, consents(anna, leaves(anna, url.Values{}), "+79120000001")),
		"/loyalty?linked")
	page := apptest.PageOf(t, anna.Get("/loyalty"))
	text := page.Find("main").Text()
	for _, want := range []string{"165 баллов", "Подтверждено", "125", "Ждут подтверждения", "40", "Потрачено", "50",
		"Покупка № A-1002", "+75", "−50", "ждёт подтверждения", "наименьшее — 100, наибольшее — 175"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if page.Find("svg path").Length() != 1 {
		t.Error("there is no plot")
	}
	if got := r.Events(t, 1); !slices.Equal(got[:2], []store.EventKind{store.SailPlayLinked, store.SailPlayAsked}) {
		t.Errorf("the audit tells of %v", got)
	}
	if card := apptest.BodyOf(t, anna.Get("/dashboard")); !strings.Contains(card, "165 баллов") {
		t.Error("the card does not say it")
	}
	page = apptest.PageOf(t, anna.Get("/sailplay/disconnect"))
	if page.Find(`form[action="/sailplay/disconnect"] button.danger`).Length() != 1 {
		t.Error("nothing asks whether to unlink")
	}
	apptest.Redirected(t, anna.Post("/sailplay/disconnect", url.Values{}), "/loyalty?unlinked")
	if originOf(r, t, 1) != "" {
		t.Error("the link is still there")
	}
}

func TestWhatComesBackWronglyFromSailPlayChangesNothing(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	anna, boris := r.SignedInAs(t, "anna@example.com"), r.SignedInAs(t, "boris@example.com")
	problem := func(c *apptest.Client, address, want string) {
		t.Helper()
		apptest.Redirected(t, comesBack(c, address), "/loyalty?problem="+want)
		if text := apptest.PageOf(t, c.Get("/loyalty?problem="+want)).Find("[role=alert]").Text(); text == "" {
			t.Errorf("nothing is said of %s", want)
		}
	}
	callback := r.URL + "/sailplay/callback/"
	state := func(address string) string {
		return strings.TrimPrefix(apptest.MustParse(t, apptest.MustParse(t, address).Query().Get("redirect_url")).Path,
			"/sailplay/callback/")
	}

	// Another's way back, pasted into a victim's browser.
	attackers := consents(boris, leaves(boris, url.Values{}), "boris@example.com")
	problem(anna, attackers, "foreign")
	// The attacker's code under the victim's own state is the attacker's account, unless the code is bound to the way
	// that it was asked for on.
	stolen := apptest.MustParse(t, attackers).Query()
	problem(anna, callback+state(leaves(anna, url.Values{}))+"?"+stolen.Encode(), "refused")
	problem(anna, callback+"nonsense?"+stolen.Encode(), "unknown")
	problem(anna, callback+strings.Repeat("A", 43)+"?"+stolen.Encode(), "unknown")
	problem(anna, callback+state(leaves(anna, url.Values{}))+"?origin_user_id=x", "refused")
	problem(anna, callback+state(leaves(anna, url.Values{}))+"?error=access_denied", "cancelled")
	late := leaves(anna, url.Values{})
	clock.Forward(10 * time.Minute)
	problem(anna, callback+state(late)+"?"+stolen.Encode(), "old")
	if originOf(r, t, 1) != "" || originOf(r, t, 2) != "" {
		t.Error("something is linked")
	}

	back := consents(anna, leaves(anna, url.Values{}), "anna@example.com")
	apptest.Redirected(t, comesBack(anna, back), "/loyalty?linked")
	problem(anna, back, "used")
	problem(boris, consents(boris, leaves(boris, url.Values{}), "anna@example.com"), "taken")
	problem(anna, consents(anna, leaves(anna, url.Values{}), "boris@example.com"), "linked")
	if originOf(r, t, 2) != "" {
		t.Error("another's account is linked")
	}
	stranger := r.Client(t)
	apptest.Redirected(t, stranger.Get(strings.TrimPrefix(back, r.URL)), "/login?next=%2Floyalty")
	if log := r.Log.String(); strings.Contains(log, apptest.MustParse(t, back).Query().Get("code")) ||
		strings.Contains(log, state(late)) {
		t.Error("a code or a state is in the log")
	}
}

func TestAnotherSailPlayAccountTakesThePlaceOfTheFirst(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	first := originOf(r, t, 1)
	answer := anna.Post("/loyalty/replace", url.Values{})
	apptest.Redirected(t, comesBack(anna, consents(anna, apptest.GoesOn(t, answer), "boris@example.com")), "/loyalty?linked")
	if now := originOf(r, t, 1); now == first || now == "" {
		t.Errorf("it is %s still", now)
	}
}

func TestTwoWaysBackFromSailPlayAtOnceAreOneLink(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	var ways []string
	for range 4 {
		ways = append(ways, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	}
	var all sync.WaitGroup
	for _, way := range append(ways, ways...) {
		all.Go(func() {
			q, err := http.NewRequest(http.MethodGet, way, nil)
			if err != nil {
				t.Error(err)
				return
			}
			answer, err := anna.HTTP.Do(q)
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			if to := answer.Header.Get("Location"); to != "/loyalty?linked" && to != "/loyalty?problem=used" {
				t.Errorf("it leads to %s", to)
			}
		})
	}
	all.Wait()
	linked := 0
	page, err := r.DB.Audit(t.Context(), store.AuditQuery{User: 1, Kind: store.SailPlayLinked})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page.Rows {
		if e.Detail == "" { // the others are the same account again
			linked++
		}
	}
	if linked != 1 || originOf(r, t, 1) == "" {
		t.Errorf("linked %d times", linked)
	}
}

func TestWhenSailPlayIsDownTheLastKnownFiguresStay(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	for _, operation := range []string{"users/info", "login"} {
		for name, fault := range map[string]sandbox.Fault{
			"refusing": {Status: 200, Body: `{"status": "error", "status_code": -4000}`}, "broken": {Break: true},
			"failing": {Status: 502},
			"odd":     {Status: 200, Body: `[]`}, "no page": {Status: 404, Body: "<html>"}, "cut": {Status: 200,
				Body: `{"status": "ok"}`, Cut: true},
		} {
			sailPlaySandbox(r).ExpireTokens()
			if err := sailPlaySandbox(r).Faults().Set(operation, fault); err != nil {
				t.Fatal(err)
			}
			apptest.Redirected(t, anna.Post("/loyalty/refresh", url.Values{}), "/loyalty?down&page=0")
			page := apptest.PageOf(t, anna.Get("/loyalty?down")).Find("main").Text()
			if !strings.Contains(page, "165") || !strings.Contains(page, "SailPlay сейчас не отвечает") {
				t.Errorf("%s of %s: %s", name, operation, page)
			}
			sailPlaySandbox(r).Faults().Clear()
			clock.Forward(time.Minute) // a refused sign-in is not tried again at once, nor a SailPlay that is down
		}
	}
}

func TestWhatFailsOnTheWayBackFromSailPlayChangesNothingAndFiguresCanWait(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]string{"get-auth-hash": "unavailable", "users/info": "", "login": ""} {
		r := apptest.StartDemo(t)
		boris := r.SignedInAs(t, "boris@example.com")
		if err := sailPlaySandbox(r).Faults().Set(operation, sandbox.Fault{Status: 502}); err != nil {
			t.Fatal(err)
		}
		answer := comesBack(boris, consents(boris, leaves(boris, url.Values{}), "boris@example.com"))
		sailPlaySandbox(r).Faults().Clear()
		if want == "" { // linked all the same: the figures come later
			apptest.Redirected(t, answer, "/loyalty?linked")
			if page := apptest.BodyOf(t, boris.Get("/loyalty")); !strings.Contains(page, "Баллы ещё не получены") {
				t.Error("the page without figures does not say so")
			}
			continue
		}
		apptest.Redirected(t, answer, "/loyalty?problem="+want)
	}
}

func TestTheStoredSailPlayHashCanBeReadInItsRowOnly(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := apptest.Start(t, app.Demo, app.Settings{Data: folder})
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	link, err := r.DB.SailPlayLink(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	sealer := secret.NewSealer("sailplay", secret.New(app.DemoSecret))
	hash, err := sealer.Open(link.AuthHash, "1 "+link.OriginUserID)
	if err != nil || len(hash.Reveal()) != 40 {
		t.Fatalf("%d, %v", len(hash.Reveal()), err)
	}
	for _, row := range []string{"2 " + link.OriginUserID, "1 another"} {
		if _, err := sealer.Open(link.AuthHash, row); err == nil {
			t.Errorf("it opens in the row %s", row)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), hash.Reveal()) {
			t.Errorf("%s has it in clear", filepath.Base(file))
		}
	}
}

func TestTheWayBackIsFoundHoweverSailPlayAddsItsParameters(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	back := consents(anna, leaves(anna, url.Values{}), "anna@example.com")
	apptest.Redirected(t, comesBack(anna, strings.Replace(back, "?", "&", 1)), "/loyalty?linked")
}

func TestAnotherAddressForSailPlayLeadsToTheOneWithTheSession(t *testing.T) {
	t.Parallel()
	const other = "http://www.portal.localhost:1"
	r := apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{SailPlay: app.SailPlaySettings{RedirectBase: "HTTP://WWW.portal.localhost:1/"}}})
	anna := r.SignedInAs(t, "anna@example.com")
	back := consents(anna, leaves(anna, url.Values{}), "anna@example.com")
	if !strings.HasPrefix(back, other+"/sailplay/callback/") {
		t.Fatalf("SailPlay leads to %s", back)
	}
	there := comesBack(anna, back)
	apptest.Redirected(t, there, strings.Replace(strings.Replace(back, other, r.URL, 1), "&origin", "&home=&origin",
		1))
	if again := r.Client(t).Get(strings.TrimPrefix(there.Header.Get("Location"),
		r.URL)); again.Header.Get("Location") != "/login?next=%2Floyalty" {
		t.Errorf("a stranger is led to %s", again.Header.Get("Location"))
	}
	apptest.Redirected(t, comesBack(anna, there.Header.Get("Location")), "/loyalty?linked")

	// It is what SailPlay documents, so that its sandbox insists on that.
	refused := anna.Visit(http.MethodGet, sailPlayOrigin(r)+"/auth/authorize/?"+url.Values{
		"partner_id": {sailplaysandbox.DefaultPartnerID}, "store_department_id": {sailplaysandbox.DefaultDepartmentID},
		"redirect_url": {r.URL + "/sailplay/callback/x"},
	}.Encode(), nil)
	if page := apptest.PageOf(t, refused).Text(); !strings.Contains(page, "SAILPLAY_REDIRECT_BASE") {
		t.Errorf("another address: %s %s", refused.Status, page)
	}
	for program, warnings := range map[*apptest.Program]int{r: 1, apptest.StartDemo(t): 2} {
		admin := apptest.PageOf(t, program.SignedInAs(t, "admin@example.com").Get("/admin/sailplay"))
		if got := admin.Find(".note.bad").Length(); got != warnings {
			t.Errorf("an administrator reads %d warnings, not %d", got, warnings)
		}
	}
}

func TestALongSailPlayHistoryIsKeptInPart(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	for range 600 {
		if err := sailPlaySandbox(r).AddPoints("anna@example.com", 1); err != nil {
			t.Fatal(err)
		}
	}
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	for path, want := range map[string]int{"/loyalty": 20, "/loyalty?page=24": 20, "/loyalty?page=25": 20,
		"/loyalty?page=-1": 20, "/loyalty?page=x": 20} {
		if n := apptest.PageOf(t, anna.Get(path)).Find(".rows li").Length(); n != want {
			t.Errorf("%s has %d lines", path, n)
		}
	}
	if page := apptest.PageOf(t, anna.Get("/loyalty?page=24")); page.Find(`[rel=next]`).Length() != 0 ||
		page.Find(`[rel=prev]`).Length() != 1 {
		t.Error("the last page leads on")
	}
}

func TestWhoIsSignedOutWhileSailPlayIsAskedLinksNothing(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	back := consents(anna, leaves(anna, url.Values{}), "anna@example.com")
	set(t, sailPlaySandbox(r).Faults(), "get-auth-hash", sandbox.Fault{Hold: true})
	answered := make(chan string)
	go func() {
		q, _ := http.NewRequest(http.MethodGet, back, nil)
		answer, err := anna.HTTP.Do(q)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer answer.Body.Close()
		answered <- answer.Header.Get("Location")
	}()
	untilHeld(t, sailPlaySandbox(r).Faults(), "get-auth-hash", 1)
	if err := r.DB.EndSessions(t.Context(), 1, nil, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	sailPlaySandbox(r).Faults().Clear()
	if to := <-answered; to != "/loyalty?problem=unknown" || originOf(r, t, 1) != "" {
		t.Errorf("it leads to %s, linked to %q", to, originOf(r, t, 1))
	}
}

func TestTheWaysToSailPlayAndBackAreLimited(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	try := func(times, well int, do func() int) {
		t.Helper()
		for i := range times {
			if got := do(); got != well {
				t.Errorf("try %d: %d", i, got)
			}
		}
		if got := do(); got != http.StatusTooManyRequests {
			t.Errorf("one more: %d", got)
		}
	}
	try(10, http.StatusOK, func() int { return anna.Post("/sailplay/connect", url.Values{}).StatusCode })
	try(20, http.StatusSeeOther, func() int { return anna.Get("/sailplay/callback/nonsense").StatusCode })
}

func TestASailPlayWidgetWhoseHashCannotBeOpenedIsNotShown(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Vendors: app.Vendors{SailPlay: app.SailPlaySettings{Widget: "true"}}})
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	if err := apptest.ExecuteIn(r.Database, `UPDATE sailplay_links SET auth_hash = x'00'`); err != nil {
		t.Fatal(err)
	}
	if page := apptest.PageOf(t, anna.Get("/loyalty")); page.Find("#widget").Length() != 0 ||
		page.Find(".total").Length() != 1 {
		t.Error("the page is not as it should be")
	}
	anna.Post("/loyalty/refresh", url.Values{}) // which brings a fresh one
	if apptest.PageOf(t, anna.Get("/loyalty")).Find("#widget").Length() != 1 {
		t.Error("a fresh hash brings no widget")
	}
}

// The attack that the portal's state is for: an attacker has a customer's browser bring the attacker's code, or start
// the way there by itself. SailPlay asks nobody; the portal refuses.
func TestACustomerWhoIsLedThroughSailPlayByAnotherPageIsNotLinked(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	links := func(c *apptest.Client) bool {
		_, err := r.DB.SailPlayLink(t.Context(), 1)
		return err == nil
	}
	anna := r.SignedInAs(t, "anna@example.com")
	asked := url.Values{"name": {"anna@example.com"}, "password": {sailplaysandbox.DemoPassword},
		"partner_id":          {sailplaysandbox.DefaultPartnerID},
		"store_department_id": {sailplaysandbox.DefaultDepartmentID},
		"redirect_url":        {r.URL + "/sailplay/callback/made-up-by-somebody-else"}}
	at := sailPlayOrigin(r)
	anna.Visit(http.MethodPost, at+"/auth/authorize/sign-in", asked) // she is signed in at SailPlay
	for by, refused := range map[string]string{"code": "unknown", "redirect": "unknown"} {
		answer := anna.Visit(http.MethodPost, at+"/_sandbox/attack", url.Values{"by": {by}})
		if by == "redirect" { // to SailPlay, which asks nobody
			answer = anna.Visit(http.MethodGet, at+answer.Header.Get("Location"), nil)
		}
		if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther ||
			!strings.HasPrefix(to, r.URL+"/sailplay/callback/") || !strings.Contains(to, "code=") {
			t.Fatalf("the attack by %s: %s to %s", by, answer.Status, to)
		}
		answer = comesBack(anna, answer.Header.Get("Location"))
		if to := answer.Header.Get("Location"); to != "/loyalty?problem="+refused || links(anna) {
			t.Errorf("by %s she is led to %s, linked %v", by, to, links(anna))
		}
	}
	page := apptest.PageOf(t, anna.Visit(http.MethodGet, at+"/_sandbox/attack", nil))
	if became := page.Find("#became").Text(); !strings.Contains(became, "ждёт обмена") {
		t.Errorf("the attacker's code %s", became)
	}
}
