package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	letters "kabinet/handlers/mail"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/mail"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

func mailboxOrigin(p *apptest.Program) string { return p.SandboxOrigin("mail.localhost") }

// opensLetter opens the newest letter in the mailbox, and follows its button into a window of its own.
func opensLetter(mailbox *apptest.Tab, p *apptest.Program, leads string) *apptest.Tab {
	mailbox.TB.Helper()
	const link = `#text a[href*="token="]` // which a letter about a new device has not
	apptest.Eventually(mailbox.TB, "a letter with a link", func() bool {
		mailbox.OpenUntil(mailboxOrigin(p)+"/", `document.querySelector("#letters a")`)
		letters := `[...document.querySelectorAll("#letters a")].map((a) => a.href)`
		return slices.ContainsFunc(apptest.Eval[[]string](mailbox, letters), func(letter string) bool {
			mailbox.OpenUntil(letter, `document.getElementById("text")`)
			return apptest.Eval[bool](mailbox, "document.querySelector('"+link+"') !== null")
		})
	})
	mailbox.Click(link)
	return mailbox.Window(p.URL + leads)
}

func TestTheTokenOfALinkLeavesTheAddressBarAtOnce(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	tab := apptest.OpenTab(t)
	tab.Open(p.URL + "/login")
	tab.Click(`a[href="/recover"]`)
	tab.Wait(`document.getElementById("email")`)
	tab.Fill("email", "anna@example.com")
	tab.Click("main button.button")
	tab.Wait(`document.querySelector("main [role=status]")`)
	window := opensLetter(tab.Sibling(), p, "/recover/password")
	window.Wait(`document.getElementById("password")`)
	told := apptest.Eval[string](window, `location.href + " " + document.referrer + " " + JSON.stringify(history.state) +
		" " + performance.getEntriesByType("navigation").map(e => e.name)`)
	if strings.Contains(told, "token") || apptest.Eval[int](window, `history.length`) > 1 {
		t.Errorf("the window knows %s", told)
	}
	window.Fill("password", "совсем другая фраза")
	window.Click("main button.button")
	window.Wait(`location.pathname === "/login" && document.querySelector("main [role=status]")`)
	window.Fill("email", "anna@example.com")
	window.Fill("password", "совсем другая фраза")
	window.Click("main button.button")
	window.Wait(`location.pathname === "/dashboard"`)
}

// types goes to an element by the Tab key, and types there.
func types(tab *apptest.Tab, selector, text string) {
	tab.TB.Helper()
	tab.Wait(`document.readyState === "complete" && document.querySelector(` + "`" + selector + "`" + `)`)
	for range 60 {
		if apptest.Eval[bool](tab, "document.activeElement.matches(`"+selector+"`)") {
			tab.Do(chromedp.KeyEvent(text))
			return
		}
		tab.Do(chromedp.KeyEvent("\t"))
	}
	tab.TB.Fatalf("the keyboard does not reach %s", selector)
}

// From the page to sign in to the letter's page, and the new password.
func TestAnAccountIsRecoveredByTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	tab := apptest.OpenTab(t)
	tab.Open(p.URL + "/login")
	types(tab, `a[href="/recover"]`, "\r")
	types(tab, "#email", "anna@example.com\r")
	tab.Wait(`document.querySelector("main [role=status]")`)
	comes(t, p, "anna@example.com", 1)
	tab.Open(mailboxOrigin(p) + "/")
	types(tab, "#letters a", "\r")
	types(tab, "#text a", "\r")
	window := tab.Window(p.URL + "/recover/password")
	types(window, "#password", "a good new password\r")
	window.Wait(`location.pathname === "/login" && document.querySelector("main [role=status]")`)
}

func TestWhatOtherLettersLeadToIsDoneByTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	tab := apptest.OpenTab(t)
	for _, step := range []struct {
		page    string   // empty for where the newest letter to the e-mail leads
		email   string   // of the letter
		typed   []string // elements, and what is typed there
		arrives string
	}{
		{"/register", "", []string{"#email", "vera@example.com\r"}, `document.querySelector("main [role=status]")`},
		{"", "vera@example.com", []string{"#name", "Vera", "#password", "a good new password\r"},
			`location.pathname === "/dashboard"`},
		{"/profile/email", "", []string{"#email", "vera2@example.com\r"}, `location.search === "?saved=email-asked"`},
		{"", "vera2@example.com", []string{"main button.button", "\r"}, `location.search === "?saved=email"`},
		{"", "vera@example.com", []string{"main button.button", "\r"}, `location.search === "?email_back"`},
		{"/recover/password", "", []string{"#password", "another good password\r"}, `location.search === "?recovered"`},
		{"", "anna@example.com", []string{"main button.button", "\r"}, `location.search === "?factor_back"`},
	} {
		if step.email == "anna@example.com" {
			addsTOTP(p.Client(t), step.email, time.Now)
		}
		if step.email != "" {
			step.page = linkIn(t, newest(t, p, step.email))
		}
		tab.Open(p.URL + step.page)
		for i := 0; i < len(step.typed); i += 2 {
			types(tab, step.typed[i], step.typed[i+1])
		}
		tab.Wait(step.arrives)
	}
}

// The mailbox shows what comes while somebody looks.
func TestTheMailboxShowsALetterAsItComes(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	tab := apptest.OpenTab(t)
	tab.OpenUntil(mailboxOrigin(p)+"/", `document.querySelector("#letters .empty")`)
	p.Client(t).Post("/recover", asks("anna@example.com"))
	tab.Wait(`document.querySelector("#letters a")`)
}

// A letter's own script, frame, picture or style is worth nothing in the mailbox.
func TestALettersHTMLRunsAndLoadsNothingInTheMailbox(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	tab := apptest.OpenTab(t)
	var loaded atomic.Int32
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { loaded.Add(1) }))
	defer evil.Close()
	server, err := mail.ParseServer("smtp://" + mailboxOf(p).Address())
	if err != nil {
		t.Fatal(err)
	}
	from := netmail.Address{Address: "evil@example.com"}
	err = mail.New(mail.Config{Server: server, From: from}).Send(t.Context(), mail.Letter{
		To: "anna@example.com", Subject: "x", Text: "x", MessageID: "1@example.com", Date: time.Now(),
		HTML: strings.ReplaceAll(`<p id="read">read</p><script>document.body.textContent = "run"</script>
			<img src="EVIL/1" onerror="document.body.textContent = 'run'"><iframe src="EVIL/2"></iframe>
			<link rel="stylesheet" href="EVIL/3"><form action="EVIL/4"><button>Send</button></form>`, "EVIL", evil.URL),
	})
	if err != nil {
		t.Fatal(err)
	}
	tab.Open(mailboxOrigin(p) + "/letters/1/html")
	tab.Wait(`document.readyState === "complete" && document.getElementById("read")`)
	tab.Do(apptest.Evaluate(`document.querySelector("form button").click(); 0`))
	tab.Open(mailboxOrigin(p) + "/letters/1")
	tab.Wait(`document.readyState === "complete" && document.getElementById("text")`)
	if n := loaded.Load(); n != 0 {
		t.Errorf("%d requests have come", n)
	}
}

// mailPages are those that there are with mail, in the order of a walk through them.
func mailPages() []place {
	link := func(email string, n int) func(*apptest.Tab, *apptest.Program) {
		return func(tab *apptest.Tab, p *apptest.Program) {
			tab.Open(p.URL + linkIn(tab.TB, comes(tab.TB, p, email, n)))
		}
	}
	fills := func(path string, fields ...string) func(*apptest.Tab, *apptest.Program) {
		return func(tab *apptest.Tab, p *apptest.Program) {
			tab.Open(p.URL + path)
			for i := 0; i < len(fields); i += 2 {
				tab.Fill(fields[i], fields[i+1])
			}
			tab.Click("main button.button")
			tab.Wait(`document.querySelector("main [role=status], main #errors")`)
		}
	}
	return []place{
		{"mail-login", "", at("/login", "true")},
		{"mail-register", "", at("/register", "true")},
		{"mail-register-wrong", "", fills("/register", "email", "vera")},
		{"mail-register-sent", "", fills("/register", "email", "vera@example.com")},
		{"mail-register-password", "", link("vera@example.com", 1)},
		{"mail-register-password-wrong", "", fills("/register/password", "password", "short")},
		{"mail-register-taken", "", fills("/register", "email", "anna@example.com")},
		{"mail-recover", "", at("/recover", "true")},
		{"mail-recover-wrong", "", fills("/recover", "email", "anna")},
		{"mail-recover-sent", "", fills("/recover", "email", "anna@example.com")},
		{"mail-recover-password", "", link("anna@example.com", 2)},
		{"mail-recovered", "", at("/login?recovered", "true")},
		{"mail-link-gone", "", at("/register/password", "true")},
		{"mail-email", "boris@example.com", at("/profile/email", "true")},
		{"mail-email-asked", "boris@example.com", fills("/profile/email", "email", "boris2@example.com")},
		{"mail-email-confirm", "boris@example.com", link("boris2@example.com", 1)},
		{"mail-email-confirmed", "boris@example.com", func(tab *apptest.Tab, _ *apptest.Program) {
			tab.Click("main button.button")
			tab.Wait(`location.pathname !== "/email/confirm"`)
		}},
		{"mail-email-back", "", func(tab *apptest.Tab, p *apptest.Program) {
			tab.Open(p.URL + linkIn(tab.TB, newest(tab.TB, p, "boris@example.com")))
		}},
		{"mail-email-taken-back", "", func(tab *apptest.Tab, _ *apptest.Program) {
			tab.Click("main button.button")
			tab.Wait(`location.pathname === "/recover/password"`)
		}},
		{"mail-factor-added", "", func(tab *apptest.Tab, p *apptest.Program) {
			addsTOTP(p.Client(tab.TB), "anna@example.com", time.Now)
			apptest.Eventually(tab.TB, "a letter about it", func() bool {
				return len(mailboxOf(p).LettersTo("anna@example.com")) > 0 && strings.Contains(newest(tab.TB, p, "anna@example.com").Text, "/factors/back/")
			})
			tab.Open(p.URL + linkIn(tab.TB, newest(tab.TB, p, "anna@example.com")))
		}},
		{"mail-factor-taken-back", "", func(tab *apptest.Tab, _ *apptest.Program) {
			tab.Click("main button.button")
			tab.Wait(`location.pathname === "/recover/password"`)
		}},
		{"mailbox-limits", "", func(tab *apptest.Tab, p *apptest.Program) {
			tab.Open(mailboxOrigin(p) + "/_sandbox/limits")
		}},
		{"mailbox-desk", "", func(tab *apptest.Tab, p *apptest.Program) { tab.Open(mailboxOrigin(p) + "/_sandbox/") }},
		{"mailbox-connect", "", func(tab *apptest.Tab, p *apptest.Program) {
			tab.Open(mailboxOrigin(p) + "/_sandbox/connect")
		}},
		{"mailbox", "", func(tab *apptest.Tab, p *apptest.Program) { tab.Open(mailboxOrigin(p) + "/") }},
		{"mailbox-letter", "", func(tab *apptest.Tab, p *apptest.Program) { tab.Open(mailboxOrigin(p) + "/letters/1") }},
		{"mail-waiting", "admin@example.com", func(tab *apptest.Tab, p *apptest.Program) {
			set(tab.TB, mailboxOf(p).Faults(), "connection", sandbox.Fault{Scenario: "down"})
			p.Client(tab.TB).Post("/recover", asks("anna@example.com"))
			tab.OpenUntil(p.URL+"/admin/integrations", `document.querySelector("[data-waiting]")`)
		}},
	}
}

// One walk sees all pages.
func TestEveryPageAndLetterOfMailIsAccessibleAndFits(t *testing.T) {
	t.Parallel()
	apptest.NeedBrowser(t)
	for _, language := range []string{"ru", "en"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			p := apptest.StartDemoWithMail(t)
			tab := apptest.OpenTab(t)
			lookAtLetters(tab, p, language)
			for _, place := range mailPages() {
				c := p.Client(t)
				if place.email != "" {
					c.SignIn(place.email)
				}
				c.Post("/language", url.Values{"language": {language}})
				tab.TakeCookies(c, p.URL)
				c.Visit(http.MethodPost, mailboxOrigin(p)+"/_sandbox/language", url.Values{"language": {language}})
				tab.TakeCookies(c, mailboxOrigin(p))
				place.visit(tab, p)
				place.look(tab, p, language, themes...)
			}
		})
	}
}

// lookAtLetters looks at a letter of each kind as a mail program shows it.
func lookAtLetters(tab *apptest.Tab, p *apptest.Program, language string) {
	tab.TB.Helper()
	all, err := catalogue.Load(views.Texts())
	if err != nil {
		tab.TB.Fatal(err)
	}
	const reader = "reader@example.com"
	kinds := 0
	for _, key := range all.Keys() {
		kind, is := strings.CutSuffix(strings.TrimPrefix(key, "letter."), ".subject")
		if !is || !strings.HasPrefix(key, "letter.") {
			continue
		}
		kinds++
		says := letters.Says{Name: "Анна", Email: reader, At: time.Now(), Address: "192.0.2.1", Browser: "Firefox · Linux"}
		if slices.Contains(all.Keys(), "letter."+kind+".button") {
			says.Link = p.URL + "/recover/open?token=" + store.NewToken()
		}
		l := letters.Write(letters.Sealer(secret.New(app.DemoSecret)), "localhost", letters.Kind(kind), reader, language, says)
		if err := p.DB.Post(tab.TB.Context(), l); err != nil {
			tab.TB.Fatal(err)
		}
	}
	p.Client(tab.TB).Post("/recover", asks("nobody@example.com")) // wakes who sends them
	nothingWaits(tab.TB, p)
	seen := mailboxOf(p).LettersTo(reader)
	if len(seen) != kinds || kinds < 17 {
		tab.TB.Errorf("%d letters of %d kinds", len(seen), kinds)
	}
	html := ""
	program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, html)
	}))
	defer program.Close()
	for i, l := range seen { // which are light in both themes: axe looks in one
		html = l.HTML
		tab.Open(program.URL)
		place{name: "letter-" + l.Subject}.look(tab, p, language, themes[i%2])
	}
}

func TestTheTourHasAStopForRecoveryWithTheMailboxBesideThePortal(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"ru", "en"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			p := apptest.StartDemoWithMail(t)
			tab := apptest.OpenTab(t)
			tab.SignIn(p, "anna@example.com")
			tab.ChooseLanguage(p.URL+"/dashboard", language)
			c := p.Client(t)
			number, path := 0, ""
			for path != "/recover#tour" && number < 20 {
				number++
				path = c.Post("/demo/tour", url.Values{"stop": {strconv.Itoa(number)}}).Header.Get("Location")
			}
			tab.Click(`.bottom form[action="/demo/tour"] button`)
			for range number - 1 {
				tab.Wait(`document.readyState === "complete" && document.querySelector(".tour .button")`)
				at := apptest.Eval[string](tab, `document.getElementById("tour-title").innerText`)
				tab.Click(".tour .button")
				tab.Wait("document.getElementById('tour-title')?.innerText !== `" + at + "`")
			}
			isAt(tab, number, "/recover")
			mailbox := tab.Sibling()
			tab.Fill("email", "anna@example.com")
			tab.Click("main button.button")
			tab.Wait(`document.querySelector("main [role=status]")`)
			if where := apptest.Eval[string](tab, `document.querySelector(".tour a").href + " " +
				document.querySelector("main p a").href`); where != mailboxOrigin(p)+"/ "+mailboxOrigin(p)+"/" {
				t.Errorf("the mailbox is at %s", where)
			}
			window := opensLetter(mailbox, p, "/recover/password")
			window.Wait(`document.getElementById("password")`)
			window.Fill("password", app.DemoPassword)
			window.Click("main button.button")
			window.Wait(`location.pathname === "/login" && document.querySelector("main [role=status]")`)
			window.Fill("email", "anna@example.com")
			window.Fill("password", app.DemoPassword)
			window.Click("main button.button")
			window.Wait(`location.pathname === "/dashboard" && document.querySelector(".tour .done")`)
			if text := apptest.Eval[string](window, `document.querySelector(".tour").innerText`); strings.Contains(text,
				"mail.tour") {
				t.Errorf("%s", text)
			}
		})
	}
}
