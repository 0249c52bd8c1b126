package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
)

const nobody = `document.getElementById("who").textContent === "Оператор не знает, кто вы."`

func (r *running) breaksWebim(t *testing.T, operation string, fault sandbox.Fault) {
	t.Helper()
	if err := r.Webim.Faults().Set(operation, fault); err != nil {
		t.Fatal(err)
	}
}

// A call that comes late, or never, must not give the window back to who has left it.
func TestNothingThatIsLateBringsACustomerBackWhoHasLeft(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{"late": {Delay: 2 * time.Second, Times: 1}, "hanging": {Hang: true, Times: 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startDemo(t)
			customer, operator := openTab(t), operates(t, r)
			customer.signIn(r, "anna@example.com")
			window := customer.chats(r)
			window.says("Это знаю только я")
			window.reads("visitor", "Это знаю только я")
			operator.chooses("Анна Смирнова")
			r.breaksWebim(t, "init", fault)
			// A fresh visitor is on its way, held up, while the customer leaves.
			customer.do(evaluate(`webim.api.onProvidedVisitorChanged(); 0`))
			eventually(t, "the call", func() bool { return !r.Webim.Faults().Waits("init") })
			if name == "late" { // and so does the window's next session
				r.breaksWebim(t, "init", fault)
			}
			customer.do(evaluate(`webim_visitor = null; webim.api.onProvidedVisitorChanged(); 0`))
			window.wait(`!document.querySelector("#log > div")`)
			window.says("А я кто-то другой") // before the window has a session of its own
			window.wait(nobody)
			operator.says("Анна, это только для вас")
			operator.reads("operator", "Анна, это только для вас")
			window.reads("visitor", "А я кто-то другой")
			if name == "late" { // both calls have been answered: the late one, and that of leaving
				window.wait(`performance.getEntriesByType("resource").filter(e => e.name.endsWith("/chat/identify")).length >= 2`)
			}
			if n := eval[int](window, `document.querySelectorAll("#log > .visitor, #log > .operator").length`); n != 1 || !eval[bool](window, nobody) {
				t.Errorf("the window shows %d messages", n)
			}
			if n := eval[int](operator, `document.querySelectorAll("#log > .visitor").length`); n != 1 {
				t.Errorf("the customer has written %d messages", n)
			}
		})
	}
}

func TestWhoComesNextInATabReadsNothingOfTheOneBefore(t *testing.T) {
	t.Parallel()
	// The account does not believe the portal's signatures: everybody is anonymous.
	r := startDemo(t)
	desk := openTab(t)
	desk.open(r.webimOrigin() + "/_sandbox/settings")
	desk.do(evaluate(`document.getElementById("algorithm").value = "sha256"; 0`))
	desk.click("main .button")
	desk.wait(`location.search === "?saved"`)
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	window := tab.chats(r)
	window.wait(nobody)
	window.says("Я Анна")
	window.reads("visitor", "Я Анна")
	tab.open(r.url + "/chat") // the same customer in the same tab goes on
	window = tab.frame(r.webimOrigin() + "/webim/client.php")
	window.reads("visitor", "Я Анна")
	tab.click(`form[action="/logout"] button`)
	tab.wait(`location.pathname === "/login"`)
	tab.signIn(r, "boris@example.com")
	window = tab.chats(r)
	window.wait(nobody)
	if n := eval[int](window, `document.querySelectorAll("#log > div").length`); n != 0 {
		t.Errorf("the next customer reads %d lines", n)
	}
}

func TestSigningOutWhileAFreshVisitorIsOnItsWaySignsOut(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer := openTab(t)
	customer.signIn(r, "anna@example.com")
	customer.chats(r)
	// The answer arrives between the press of the button and the next page.
	customer.do(evaluate(`{
		const ask = window.fetch;
		let go;
		window.fetch = async (...a) => { const answer = await ask(...a); window.held = true; await new Promise((done) => { go = done; }); return answer; };
		document.querySelector('form[action="/logout"]').addEventListener('submit', () => go());
		new BroadcastChannel('kabinet').postMessage('changed');
		0
	}`))
	customer.wait(`window.held`)
	customer.click(`form[action="/logout"] button`)
	customer.wait(`location.pathname === "/login"`)
	customer.open(r.url + "/dashboard")
	customer.wait(`location.pathname === "/login"`)
}

func TestTheLinksTabStaysIdentifiedAfterAReload(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer := openTab(t)
	customer.signIn(r, "anna@example.com")
	customer.open(r.url + "/chat/link")
	customer.wait(`document.getElementById("who")?.textContent.includes("Анна Смирнова")`)
	customer.says("По ссылке")
	customer.reads("visitor", "По ссылке")
	customer.do(chromedp.Reload())
	customer.wait(`document.getElementById("who")?.textContent.includes("Анна Смирнова")`)
	customer.reads("visitor", "По ссылке")
	stranger := openTab(t)
	stranger.open(r.webimOrigin() + "/webim/client.php")
	stranger.wait(nobody)
}

func TestAfterAResetNothingIsStuckAndNothingReachesAnother(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer, operator := openTab(t), operates(t, r)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	operator.chooses("Анна Смирнова")
	r.breaksWebim(t, "messages", sandbox.Fault{Status: 503})
	window.says("До сброса")
	window.wait(`document.querySelector("#log .waiting")`)
	r.Webim.Reset() // the fault goes too
	window.reads("visitor", "До сброса")
	operator.wait(`document.getElementById("chosen").hidden`)
	operator.do(evaluate(`document.getElementById("text").value = "Никому"; document.getElementById("write").requestSubmit(); 0`)) // as if sent just then
	operator.chooses("Анна Смирнова")
	operator.says("Анне")
	window.reads("operator", "Анне")
	if n := eval[int](window, `document.querySelectorAll("#log > .operator").length`); n != 1 {
		t.Errorf("the customer has %d answers", n)
	}
}

func TestTheOperatorsDraftsStayWithTheirVisitors(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna, boris, operator := openTab(t), openTab(t), operates(t, r)
	anna.signIn(r, "anna@example.com")
	anna.chats(r)
	boris.signIn(r, "boris@example.com")
	boris.chats(r)
	operator.chooses("Анна Смирнова")
	operator.do(chromedp.SendKeys(chromedp.ID("text"), "Анна, "))
	operator.chooses("Борис Кузнецов")
	if text := eval[string](operator, `document.getElementById("text").value`); text != "" {
		t.Errorf("Boris would get %q", text)
	}
	operator.chooses("Анна Смирнова")
	if text := eval[string](operator, `document.getElementById("text").value`); text != "Анна, " {
		t.Errorf("the draft has become %q", text)
	}
}

func TestAMessageThatHangsIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer := openTab(t)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	r.breaksWebim(t, "messages", sandbox.Fault{Hang: true, Times: 1})
	window.says("Первое")
	window.says("Второе")
	window.reads("visitor", "Второе")
	window.reads("visitor", "Первое")
}

func TestWhatIsWrittenWhileThePortalRenewsTheVisitorWaitsForIt(t *testing.T) {
	t.Parallel()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, Webim: app.WebimSettings{TTL: "5s"}})
	customer, operator := openTab(t), operates(t, r)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	customer.do(evaluate(`window.ask = window.fetch; window.fetch = () => Promise.reject(new TypeError("there is no connection")); 0`))
	window.wait(nobody)
	window.says("Пока связи нет")
	window.wait(`document.querySelector("#log .waiting")`)
	customer.do(evaluate(`window.fetch = window.ask; 0`))
	operator.chooses("Анна Смирнова")
	operator.reads("visitor", "Пока связи нет")
	window.reads("visitor", "Пока связи нет")
}

func TestWhatWasNotSentIsNotSentInAnothersName(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab, operator := openTab(t), operates(t, r)
	tab.signIn(r, "anna@example.com")
	window := tab.chats(r)
	r.breaksWebim(t, "messages", sandbox.Fault{Status: 503})
	window.says("Тайна Анны")
	window.wait(`document.querySelector("#log .waiting")`)
	tab.open(r.url + "/dashboard") // leaves the chat with the message unsent
	tab.click(`form[action="/logout"] button`)
	tab.wait(`location.pathname === "/login"`)
	r.Webim.Faults().Clear()
	tab.signIn(r, "boris@example.com")
	window = tab.chats(r)
	window.says("Слова Бориса")
	operator.chooses("Борис Кузнецов")
	operator.reads("visitor", "Слова Бориса")
	if n := eval[int](operator, `document.querySelectorAll("#log > .visitor").length`); n != 1 {
		t.Errorf("Boris has written %d messages", n)
	}
}

func TestWhatTheServerSendsAgainIsShownOnce(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer := openTab(t)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	window.says("Один раз")
	window.reads("visitor", "Один раз")
	id := eval[string](window, `document.querySelector("#log > .visitor").dataset.id`)
	r.breaksWebim(t, "events", sandbox.Fault{
		Status: 200, ContentType: "text/event-stream", Times: 1,
		Body: `event: message` + "\n" + `data: {"id": ` + id + `, "from": "visitor", "text": "Один раз", "at": 0, "key": "x"}` + "\n\n",
	})
	r.Webim.EndStreams()
	eventually(t, "the connection", func() bool { return !r.Webim.Faults().Waits("events") })
	window.says("Потом")
	window.reads("visitor", "Потом")
	window.reads("visitor", "Один раз")
}

func TestALostCallDoesNotMakeACustomerAnonymous(t *testing.T) {
	t.Parallel()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, Webim: app.WebimSettings{TTL: "8s"}})
	customer, operator := openTab(t), operates(t, r)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	first := eval[int](customer, `webim_visitor.expires`)
	r.breaksWebim(t, "init", sandbox.Fault{Status: 503, Times: 2})
	eventually(t, "the refresh", func() bool { return !r.Webim.Faults().Waits("init") })
	customer.wait(fmt.Sprintf(`Date.now() > 1000 * %d`, first)) // the first object has expired
	window.says("Я всё ещё Анна")
	operator.chooses("Анна Смирнова")
	operator.reads("visitor", "Я всё ещё Анна")
	if n := eval[int](operator, `document.querySelectorAll("#visitors li").length`); n != 1 {
		t.Errorf("%d visitors", n)
	}
}
