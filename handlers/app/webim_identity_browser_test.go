package app_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

const nobody = `document.getElementById("who").textContent === "Оператор не знает, кто вы."`

// A call that comes late, or never, must not give the window back to who has left it.
func TestNothingOfWebimsThatIsLateBringsACustomerBackWhoHasLeft(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]struct {
		fault sandbox.Fault
		held  int // how many calls come late
	}{
		"the call and that of leaving come late":         {sandbox.Fault{Hold: true, Times: 2}, 2},
		"the call comes after the window belongs to all": {sandbox.Fault{Hold: true, Times: 1}, 1},
		"the call never comes":                           {sandbox.Fault{Hang: true, Times: 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			customer, operator := apptest.OpenTab(t), operates(t, r)
			customer.SignInByCookie(r, "anna@example.com")
			window := chats(customer, r)
			says(window, "Это знаю только я")
			reads(window, "visitor", "Это знаю только я")
			chooses(operator, "Анна Смирнова")
			set(t, webimSandbox(r).Faults(), "init", late.fault)
			// A fresh visitor is on its way, held up, while the customer leaves.
			customer.Do(apptest.Evaluate(`webim.api.onProvidedVisitorChanged(); 0`))
			if late.held > 0 {
				untilHeld(t, webimSandbox(r).Faults(), "init", 1)
			} else {
				apptest.Eventually(t, "the call", func() bool { return !webimSandbox(r).Faults().Waits("init") })
			}
			customer.Do(apptest.Evaluate(`webim_visitor = null; webim.api.onProvidedVisitorChanged(); 0`))
			window.Wait(`!document.querySelector("#log > div")`)
			says(window, "А я кто-то другой")
			if late.held == 2 { // before the window has a session of its own
				untilHeld(t, webimSandbox(r).Faults(), "init", 2)
				webimSandbox(r).Faults().Release("init")
			}
			window.Wait(nobody)
			reads(window, "visitor", "А я кто-то другой")
			says(operator, "Анна, это только для вас")
			reads(operator, "operator", "Анна, это только для вас")
			webimSandbox(r).Faults().Release("init")
			if late.held > 0 { // both calls have been answered: the late one, and that of leaving
				window.Wait(`performance.getEntriesByType("resource").filter(e => e.name.endsWith("/chat/identify")).length >= 2`)
			}
			reads(window, "visitor", "А я кто-то другой")
			if n := apptest.Eval[int](window,
				`document.querySelectorAll("#log > .visitor, #log > .operator").length`); n != 1 ||
				!apptest.Eval[bool](window, nobody) {
				t.Errorf("the window shows %d messages", n)
			}
			if n := apptest.Eval[int](operator, `document.querySelectorAll("#log > .visitor").length`); n != 1 {
				t.Errorf("the customer has written %d messages", n)
			}
		})
	}
}

func TestWhoComesNextInATabReadsNothingOfThePreviousWebimVisitor(t *testing.T) {
	t.Parallel()
	// The account does not believe the portal's signatures: everybody is anonymous.
	r := apptest.StartDemo(t)
	desk := apptest.OpenTab(t)
	desk.Open(webimOrigin(r) + "/_sandbox/settings")
	desk.Do(apptest.Evaluate(`document.getElementById("algorithm").value = "sha256"; 0`))
	desk.Click("main .button")
	desk.Wait(`location.search === "?saved"`)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	window := chats(tab, r)
	window.Wait(nobody)
	says(window, "Я Анна")
	reads(window, "visitor", "Я Анна")
	tab.Open(r.URL + "/chat") // the same customer in the same tab goes on
	window = tab.Frame(webimOrigin(r) + "/webim/client.php")
	reads(window, "visitor", "Я Анна")
	tab.Click(`form[action="/logout"] button`)
	tab.Wait(`location.pathname === "/login"`)
	tab.SignInByCookie(r, "boris@example.com")
	window = chats(tab, r)
	window.Wait(nobody)
	if n := apptest.Eval[int](window, `document.querySelectorAll("#log > div").length`); n != 0 {
		t.Errorf("the next customer reads %d lines", n)
	}
}

func TestSigningOutWhileAFreshWebimVisitorIsOnItsWaySignsOut(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer := apptest.OpenTab(t)
	customer.SignInByCookie(r, "anna@example.com")
	chats(customer, r)
	// The answer arrives between the press of the button and the next page.
	customer.Do(apptest.Evaluate(`{
		const ask = window.fetch;
		let go;
		window.fetch = async (...a) => { const answer = await ask(...a); window.held = true; await new Promise((done) => { go = done; }); return answer; };
		document.querySelector('form[action="/logout"]').addEventListener('submit', () => go());
		new BroadcastChannel('kabinet').postMessage('changed');
		0
	}`))
	customer.Wait(`window.held`)
	customer.Click(`form[action="/logout"] button`)
	customer.Wait(`location.pathname === "/login"`)
	customer.Open(r.URL + "/dashboard")
	customer.Wait(`location.pathname === "/login"`)
}

func TestTheWebimLinksTabStaysIdentifiedAfterAReload(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer := apptest.OpenTab(t)
	customer.SignInByCookie(r, "anna@example.com")
	customer.Open(r.URL + "/chat/link")
	customer.Wait(`document.getElementById("who")?.textContent.includes("Анна Смирнова")`)
	says(customer, "По ссылке")
	reads(customer, "visitor", "По ссылке")
	customer.Do(chromedp.Reload())
	customer.Wait(`document.getElementById("who")?.textContent.includes("Анна Смирнова")`)
	reads(customer, "visitor", "По ссылке")
	stranger := apptest.OpenTab(t)
	stranger.Open(webimOrigin(r) + "/webim/client.php")
	stranger.Wait(nobody)
}

func TestAfterAResetOfWebimNothingIsStuckAndNothingReachesAnother(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer, operator := apptest.OpenTab(t), operates(t, r)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	chooses(operator, "Анна Смирнова")
	set(t, webimSandbox(r).Faults(), "messages", sandbox.Fault{Status: 503})
	says(window, "До сброса")
	window.Wait(`document.querySelector("#log .waiting")`)
	webimSandbox(r).Reset() // the fault goes too
	reads(window, "visitor", "До сброса")
	operator.Wait(`document.getElementById("chosen").hidden`)
	operator.Do(apptest.Evaluate(`document.getElementById("text").value = "Никому"; document.getElementById("write").requestSubmit(); 0`)) // as if sent just then
	chooses(operator, "Анна Смирнова")
	says(operator, "Анне")
	reads(window, "operator", "Анне")
	if n := apptest.Eval[int](window, `document.querySelectorAll("#log > .operator").length`); n != 1 {
		t.Errorf("the customer has %d answers", n)
	}
}

func TestWebimsOperatorsDraftsStayWithTheirVisitors(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna, boris, operator := apptest.OpenTab(t), apptest.OpenTab(t), operates(t, r)
	anna.SignInByCookie(r, "anna@example.com")
	chats(anna, r)
	boris.SignInByCookie(r, "boris@example.com")
	chats(boris, r)
	chooses(operator, "Анна Смирнова")
	operator.Do(chromedp.SendKeys(chromedp.ID("text"), "Анна, "))
	chooses(operator, "Борис Кузнецов")
	if text := apptest.Eval[string](operator, `document.getElementById("text").value`); text != "" {
		t.Errorf("Boris would get %q", text)
	}
	chooses(operator, "Анна Смирнова")
	if text := apptest.Eval[string](operator, `document.getElementById("text").value`); text != "Анна, " {
		t.Errorf("the draft has become %q", text)
	}
}

func TestAWebimMessageThatHangsIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer := apptest.OpenTab(t)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	set(t, webimSandbox(r).Faults(), "messages", sandbox.Fault{Hang: true, Times: 1})
	says(window, "Первое")
	says(window, "Второе")
	reads(window, "visitor", "Второе")
	reads(window, "visitor", "Первое")
}

func TestWhatIsWrittenWhileThePortalRenewsTheWebimVisitorWaitsForIt(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Vendors: app.Vendors{Webim: app.WebimSettings{TTL: "5s"}}})
	customer, operator := apptest.OpenTab(t), operates(t, r)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	customer.Do(apptest.Evaluate(`window.ask = window.fetch; window.fetch = () => Promise.reject(new TypeError("there is no connection")); 0`))
	window.Wait(nobody)
	says(window, "Пока связи нет")
	window.Wait(`document.querySelector("#log .waiting")`)
	customer.Do(apptest.Evaluate(`window.fetch = window.ask; 0`))
	chooses(operator, "Анна Смирнова")
	reads(operator, "visitor", "Пока связи нет")
	reads(window, "visitor", "Пока связи нет")
}

func TestWhatWasNotSentToWebimIsNotSentInAnothersName(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab, operator := apptest.OpenTab(t), operates(t, r)
	tab.SignInByCookie(r, "anna@example.com")
	window := chats(tab, r)
	set(t, webimSandbox(r).Faults(), "messages", sandbox.Fault{Status: 503})
	says(window, "Тайна Анны")
	window.Wait(`document.querySelector("#log .waiting")`)
	tab.Open(r.URL + "/dashboard") // leaves the chat with the message unsent
	tab.Click(`form[action="/logout"] button`)
	tab.Wait(`location.pathname === "/login"`)
	webimSandbox(r).Faults().Clear()
	tab.SignInByCookie(r, "boris@example.com")
	window = chats(tab, r)
	says(window, "Слова Бориса")
	chooses(operator, "Борис Кузнецов")
	reads(operator, "visitor", "Слова Бориса")
	if n := apptest.Eval[int](operator, `document.querySelectorAll("#log > .visitor").length`); n != 1 {
		t.Errorf("Boris has written %d messages", n)
	}
}

func TestWhatWebimSendsAgainIsShownOnce(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer := apptest.OpenTab(t)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	says(window, "Один раз")
	reads(window, "visitor", "Один раз")
	id := apptest.Eval[string](window, `document.querySelector("#log > .visitor").dataset.id`)
	set(t, webimSandbox(r).Faults(), "events", sandbox.Fault{
		Status: 200, ContentType: "text/event-stream", Times: 1,
		Body: `event: message` + "\n" + `data: {"id": ` + id +
			`, "from": "visitor", "text": "Один раз", "at": 0, "key": "x"}` + "\n\n",
	})
	webimSandbox(r).EndStreams()
	apptest.Eventually(t, "the connection", func() bool { return !webimSandbox(r).Faults().Waits("events") })
	says(window, "Потом")
	reads(window, "visitor", "Потом")
	reads(window, "visitor", "Один раз")
}

func TestALostCallToWebimDoesNotMakeACustomerAnonymous(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Vendors: app.Vendors{Webim: app.WebimSettings{TTL: "30s"}},
		PagePatience: 0.01}) // renewed every three seconds
	customer, operator := apptest.OpenTab(t), operates(t, r)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	first := apptest.Eval[int](customer, `webim_visitor.expires`)
	set(t, webimSandbox(r).Faults(), "init", sandbox.Fault{Status: 503, Times: 2})
	apptest.Eventually(t, "the refresh", func() bool { return !webimSandbox(r).Faults().Waits("init") })
	customer.Wait(fmt.Sprintf(`Date.now() > 1000 * %d`, first)) // the first object has expired
	says(window, "Я всё ещё Анна")
	chooses(operator, "Анна Смирнова")
	reads(operator, "visitor", "Я всё ещё Анна")
	if n := apptest.Eval[int](operator, `document.querySelectorAll("#visitors li").length`); n != 1 {
		t.Errorf("%d visitors", n)
	}
}
