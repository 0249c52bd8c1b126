package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

// webimOrigin is where the demo's sandbox of Webim is.
func webimOrigin(r *apptest.Program) string {
	return r.SandboxOrigin("demo.webim.localhost")
}

// chats opens the portal's chat and returns the chat's window in it.
func chats(t *apptest.Tab, r *apptest.Program) *apptest.Tab {
	t.TB.Helper()
	t.Open(r.URL + "/chat")
	t.Wait(`document.getElementById("chat").dataset.state === "open"`)
	window := t.Frame(webimOrigin(r) + "/webim/client.php")
	window.Wait(`document.getElementById("who")?.textContent`)
	return window
}

// operates opens the operator's console.
func operates(t *testing.T, r *apptest.Program) *apptest.Tab {
	t.Helper()
	operator := apptest.OpenTab(t)
	operator.Open(webimOrigin(r) + "/operator")
	return operator
}

// chooses looks at the visitor whom the console calls so.
func chooses(t *apptest.Tab, name string) {
	t.TB.Helper()
	t.Wait(fmt.Sprintf(`[...document.querySelectorAll("#visitors strong")].some(e => e.textContent === %q)`, name))
	t.Do(apptest.Evaluate(fmt.Sprintf(`[...document.querySelectorAll("#visitors button")].find(b => b.querySelector("strong").textContent === %q).click(); 0`, name)))
	t.Wait(fmt.Sprintf(`document.getElementById("chosen-title").textContent === %q && !document.getElementById("chosen").hidden`, name))
}

// says writes a message, as somebody at the keyboard does.
func says(t *apptest.Tab, text string) {
	t.TB.Helper()
	t.Do(chromedp.SendKeys(chromedp.ID("text"), text+"\r"))
}

// reads waits for a message in the conversation, there once.
func reads(t *apptest.Tab, from, text string) {
	t.TB.Helper()
	t.Wait(fmt.Sprintf(`[...document.querySelectorAll("#log > .%s[data-id] p")].filter(e => e.textContent === %q).length === 1`, from, text))
}

func TestACustomerAndWebimsOperatorWriteToEachOther(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer, operator := apptest.OpenTab(t), operates(t, r)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	chooses(operator, "Анна Смирнова")
	if got := apptest.Eval[string](operator,
		`document.getElementById("verdict").textContent + "|" + document.getElementById("fields").innerText`); !strings.HasPrefix(got, "Подпись верна|") ||
		!strings.Contains(got, "+79120000001") || !strings.Contains(got, "anna@example.com") {
		t.Errorf("the operator sees %q", got)
	}
	if start := apptest.Eval[string](operator,
		`document.getElementById("start").textContent`); start != "Чат · Kabinet "+r.URL+"/chat" {
		t.Errorf("the operator sees that the visitor came from %q", start)
	}
	says(window, "Здравствуйте! <b>Где мой счёт?</b>")
	reads(operator, "visitor", "Здравствуйте! <b>Где мой счёт?</b>")
	window.Wait(`document.querySelector("#log .visitor .receipt")?.textContent === "прочитано"`)
	operator.Do(chromedp.SendKeys(chromedp.ID("text"), "Сейч"))
	window.Wait(`document.getElementById("typing").textContent`)
	says(operator, "ас посмотрю")
	reads(window, "operator", "Сейчас посмотрю")
	reads(window, "system", "Оператор Ольга в чате")

	customer.Open(r.URL + "/chat") // a reload keeps everything, once
	window = customer.Frame(webimOrigin(r) + "/webim/client.php")
	reads(window, "visitor", "Здравствуйте! <b>Где мой счёт?</b>")
	reads(window, "operator", "Сейчас посмотрю")
	webimSandbox(r).EndStreams() // the connections are lost, and come back
	says(window, "Спасибо")
	reads(operator, "visitor", "Спасибо")
	operator.Click("#close")
	reads(window, "system", "Чат закрыт")
	if n := apptest.Eval[int](window, `document.querySelectorAll("#log > div").length`); n != 6 {
		t.Errorf("the customer sees %d lines", n)
	}
}

func TestATamperedWebimVisitorIsAnonymousAndTheOperatorSeesWhy(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer, operator := apptest.OpenTab(t), operates(t, r)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	customer.Do(apptest.Evaluate(`webim_visitor = {...webim_visitor, fields: {...webim_visitor.fields, display_name: "Директор"}}; webim.api.onProvidedVisitorChanged(); 0`))
	window.Wait(`document.getElementById("who").textContent === "Оператор не знает, кто вы."`)
	operator.Wait(`[...document.querySelectorAll("#visitors button:not(.proven)")].length === 1`)
	operator.Do(apptest.Evaluate(`document.querySelector("#visitors button:not(.proven)").click(); 0`))
	operator.Wait(`document.getElementById("verdict").textContent.startsWith("Подпись неверна")`)
	if title := apptest.Eval[string](operator,
		`document.getElementById("chosen-title").textContent + document.getElementById("fields-title").textContent`); strings.Contains(title, "Директор") || !strings.Contains(title, "не доказано") {
		t.Errorf("the console calls the visitor %q", title)
	}
}

func TestSigningOutDetachesWebimsChat(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Vendors: app.Vendors{Webim: app.WebimSettings{Anonymous: "true"}}})
	customer := apptest.OpenTab(t)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	says(window, "Это знаю только я")
	reads(window, "visitor", "Это знаю только я")
	called := `window.webim_visitor === null`
	customer.Do(apptest.Evaluate(`document.querySelector('form[action="/logout"]').addEventListener("submit", e => { e.preventDefault(); }); 0`))
	customer.Click(`form[action="/logout"] button`)
	customer.Wait(called)
	window.Wait(`document.getElementById("who").textContent === "Оператор не знает, кто вы." && !document.querySelector("#log > div")`)

	customer.Open(r.URL + "/chat") // the other way: the session ends, and the page is left open
	window = chats(customer, r)
	reads(window, "visitor", "Это знаю только я")
	window.Do(chromedp.SendKeys(chromedp.ID("text"), "И это ещё не отправлено"))
	second := customer.Sibling()
	second.Open(r.URL + "/dashboard")
	second.Click(`form[action="/logout"] button`)
	second.Wait(`location.pathname === "/login"`)
	customer.Wait(`document.getElementById("chat").dataset.state === "ended"`)
	window.Wait(`!document.querySelector("#log > div") && document.getElementById("text").value === ""`)
	window = chats(customer, r) // a stranger's now
	window.Wait(`document.getElementById("who").textContent === "Оператор не знает, кто вы."`)
	if apptest.Eval[int](window, `document.querySelectorAll("#log > div").length`) != 0 {
		t.Error("a stranger reads the customer's conversation")
	}
}

func TestAWebimVisitorIsRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{PagePatience: 0.01}) // renewed every three seconds
	customer, operator := apptest.OpenTab(t), operates(t, r)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	first := apptest.Eval[int](customer, `webim_visitor.expires`)
	customer.Wait(fmt.Sprintf(`webim_visitor.expires > %d`, first+3))
	says(window, "Я всё ещё здесь")
	chooses(operator, "Анна Смирнова")
	reads(operator, "visitor", "Я всё ещё здесь")
	if n := apptest.Eval[int](operator, `document.querySelectorAll("#visitors li").length`); n != 1 {
		t.Errorf("%d visitors", n)
	}
	// A profile that changes in another tab changes the chat.
	second := customer.Sibling()
	second.Open(r.URL + "/profile")
	second.Do(apptest.Evaluate(`document.getElementById("name").value = "Анна Новая"; 0`))
	second.Click("main button.button")
	window.Wait(`document.getElementById("who").textContent.includes("Анна Новая")`)
}

func TestTheLinkOpensAnIdentifiedWebimChat(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer, operator := apptest.OpenTab(t), operates(t, r)
	customer.SignInByCookie(r, "anna@example.com")
	customer.Open(r.URL + "/chat/link")
	customer.Wait(`location.host.startsWith("demo.webim.") && document.getElementById("who").textContent.includes("Анна Смирнова")`)
	if search := apptest.Eval[string](customer, `location.search`); search != "" {
		t.Error("the visitor stays in the address")
	}
	says(customer, "По ссылке")
	chooses(operator, "Анна Смирнова")
	reads(operator, "visitor", "По ссылке")
	if start := apptest.Eval[string](operator,
		`document.getElementById("start").textContent`); start != "Чат "+r.URL+"/chat" {
		t.Errorf("the operator sees that the visitor came from %q", start)
	}
}

func TestWhenWebimsScriptIsBlockedThePageOffersTheLink(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{"not there": {Status: 404}, "hanging": {Hang: true},
		"another script": {Status: 200, Body: "0", ContentType: "text/javascript"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patience := outgoing.Patience(forLong) // what has failed need not be waited for
			if fault.Hang {
				patience = 0.05
			}
			r := apptest.Start(t, app.Demo, app.Settings{PagePatience: patience})
			customer := apptest.OpenTab(t)
			customer.SignInByCookie(r, "anna@example.com")
			if err := webimSandbox(r).Faults().Set("button.js", fault); err != nil {
				t.Fatal(err)
			}
			customer.Go(r.URL + "/chat")
			customer.Wait(`document.getElementById("chat")?.dataset.state === "stalled"`)
			if href := apptest.Eval[string](customer,
				`document.querySelector("#chat-stalled a").getAttribute("href")`); href != "/chat/link" {
				t.Errorf("it offers %s", href)
			}
		})
	}
}

func TestAMessageToWebimsHiddenWindowIsCountedUntilItIsSeen(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer, operator := apptest.OpenTab(t), operates(t, r)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	window.Click("#hide")
	customer.Wait(`document.getElementById("webim-window").hidden && document.activeElement.id === "webim-launcher"`)
	chooses(operator, "Анна Смирнова")
	says(operator, "Первое")
	says(operator, "Второе")
	customer.Wait(`document.getElementById("webim-launcher").textContent === "Чат (2)"`)
	if apptest.Eval[bool](operator,
		`[...document.querySelectorAll("#log .receipt")].some(e => e.textContent === "прочитано")`) {
		t.Error("the operator is told that the messages were seen")
	}
	customer.Click("#webim-launcher")
	customer.Wait(`document.getElementById("webim-launcher").textContent === "Чат"`)
	operator.Wait(`document.querySelector("#log > .operator:last-child .receipt")?.textContent === "прочитано"`)

	// The other way: the operator looks at nobody, or at somebody else.
	operator.Open(webimOrigin(r) + "/operator")
	says(window, "А у меня вопрос")
	operator.Wait(`document.querySelector("#visitors .unread span").textContent === "в чате · новых: 1"`)
	chooses(operator, "Анна Смирнова")
	window.Wait(`document.querySelector("#log > .visitor .receipt")?.textContent === "прочитано"`)
	operator.Wait(`!document.querySelector("#visitors .unread")`)
}

func TestWhatWasWrittenToWebimWithoutAConnectionArrivesOnceItIsBack(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer, operator := apptest.OpenTab(t), operates(t, r)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	chooses(operator, "Анна Смирнова")
	// The answer to the first is lost, that to the second never comes before the page is left.
	for _, fault := range []sandbox.Fault{{Forget: true, Times: 1}, {Forget: true, Status: 503, Times: 2}} {
		if err := webimSandbox(r).Faults().Set("messages", fault); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint("Сообщение ", fault.Times)
		says(window, text)
		reads(operator, "visitor", text)
		reads(window, "visitor", text)
	}
	if err := webimSandbox(r).Faults().Set("messages", sandbox.Fault{Status: 503}); err != nil {
		t.Fatal(err)
	}
	says(window, "Без связи")
	window.Wait(`document.querySelector("#log .waiting .receipt")?.textContent === "отправляется…"`)
	customer.Open(r.URL + "/dashboard")
	webimSandbox(r).Faults().Clear()
	window = chats(customer, r)
	reads(window, "visitor", "Без связи")
	reads(operator, "visitor", "Без связи")
	if n := apptest.Eval[int](operator, `document.querySelectorAll("#log > .visitor").length`); n != 3 {
		t.Errorf("the operator has %d messages", n)
	}
}

func TestWhereStrangersHaveNoWebimChatThePageOfWhoHasSignedOutLeadsToTheSignIn(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer := apptest.OpenTab(t)
	customer.SignInByCookie(r, "anna@example.com")
	chats(customer, r)
	second := customer.Sibling()
	second.Open(r.URL + "/dashboard")
	second.Click(`form[action="/logout"] button`)
	customer.Wait(`location.pathname + location.search === "/login?next=%2Fchat"`)
}

func TestAWebimStreamThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	customer := apptest.OpenTab(t)
	customer.SignInByCookie(r, "anna@example.com")
	window := chats(customer, r)
	if err := webimSandbox(r).Faults().Set("events", sandbox.Fault{Hang: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	webimSandbox(r).EndStreams()
	apptest.Eventually(t, "the connection", func() bool { return !webimSandbox(r).Faults().Waits("events") })
	says(window, "Вы здесь?")
	window.Wait(`!document.getElementById("connection").hidden`)
	reads(window, "visitor", "Вы здесь?")
	window.Wait(`document.getElementById("connection").hidden`)
}

func TestWhoSignsInOnTheWayToWebimsChatArrivesThere(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.Open(r.URL + "/chat/link")
	tab.Wait(`location.pathname === "/login"`)
	apptest.SubmitSignIn(tab, "anna@example.com")
	tab.Wait(`location.origin === "` + webimOrigin(r) + `"`)
}

// A timer stands still while the machine sleeps; the clock does not.
func TestAfterASleepTheWebimVisitorIsRenewedAtOnce(t *testing.T) {
	t.Parallel()
	for _, event := range []string{"focus", "online", "pageshow"} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			tab := apptest.OpenTab(t)
			tab.SignInByCookie(r, "anna@example.com")
			chats(tab, r)
			tab.Do(apptest.Evaluate(`{
				window.asked = 0;
				const ask = window.fetch;
				window.fetch = (...a) => { asked++; return ask(...a); };
				window.clearInterval(window.setInterval(() => {}, 1e6)); // the events alone shall do it
				for (let i = 1; i < 1000; i++) window.clearInterval(i);
				dispatchEvent(new Event("` + event + `"));
				0
			}`))
			if n := apptest.Eval[int](tab, `asked`); n != 0 {
				t.Errorf("a visitor that holds is renewed: %d", n)
			}
			tab.Do(apptest.Evaluate(`{
				const before = webim_visitor, now = Date.now;
				window.before = before;
				Date.now = () => now() + 3600e3;
				dispatchEvent(new Event("` + event + `"));
				0
			}`))
			tab.Wait(`asked === 1 && webim_visitor !== before && webim_visitor.hash`)
		})
	}
}

func TestAMachineThatWakesWithTheWebimChatOpenRenewsTheVisitor(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	chats(tab, r)
	tab.Do(apptest.Evaluate(`{ window.before = webim_visitor; const now = Date.now; Date.now = () => now() + 3600e3; 0 }`))
	tab.Wait(`webim_visitor !== before && webim_visitor.hash`)
}
