package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
)

// webimOrigin is where the demo's sandbox of Webim is.
func (r *running) webimOrigin() string {
	return "http://demo.webim.localhost" + r.addr[strings.LastIndex(r.addr, ":"):]
}

// chats opens the portal's chat and returns the chat's window in it.
func (t *tab) chats(r *running) *tab {
	t.tb.Helper()
	t.open(r.url + "/chat")
	t.wait(`document.getElementById("chat").dataset.state === "open"`)
	window := t.frame(r.webimOrigin() + "/webim/client.php")
	window.wait(`document.getElementById("who")?.textContent`)
	return window
}

// operates opens the operator's console.
func operates(t *testing.T, r *running) *tab {
	t.Helper()
	operator := openTab(t)
	operator.open(r.webimOrigin() + "/operator")
	return operator
}

// chooses looks at the visitor whom the console calls so.
func (t *tab) chooses(name string) {
	t.tb.Helper()
	t.wait(fmt.Sprintf(`[...document.querySelectorAll("#visitors strong")].some(e => e.textContent === %q)`, name))
	t.do(evaluate(fmt.Sprintf(`[...document.querySelectorAll("#visitors button")].find(b => b.querySelector("strong").textContent === %q).click(); 0`, name)))
	t.wait(fmt.Sprintf(`document.getElementById("chosen-title").textContent === %q && !document.getElementById("chosen").hidden`, name))
}

// says writes a message, as somebody at the keyboard does.
func (t *tab) says(text string) {
	t.tb.Helper()
	t.do(chromedp.SendKeys(chromedp.ID("text"), text+"\r"))
}

// reads waits for a message in the conversation, there once.
func (t *tab) reads(from, text string) {
	t.tb.Helper()
	t.wait(fmt.Sprintf(`[...document.querySelectorAll("#log > .%s[data-id] p")].filter(e => e.textContent === %q).length === 1`, from, text))
}

func TestACustomerAndTheOperatorWriteToEachOther(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer, operator := openTab(t), operates(t, r)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	operator.chooses("Анна Смирнова")
	if got := eval[string](operator, `document.getElementById("verdict").textContent + "|" + document.getElementById("fields").innerText`); !strings.HasPrefix(got, "Подпись верна|") ||
		!strings.Contains(got, "+79120000001") || !strings.Contains(got, "anna@example.com") {
		t.Errorf("the operator sees %q", got)
	}
	if start := eval[string](operator, `document.getElementById("start").textContent`); start != "Чат · Kabinet "+r.url+"/chat" {
		t.Errorf("the operator sees that the visitor came from %q", start)
	}
	window.says("Здравствуйте! <b>Где мой счёт?</b>")
	operator.reads("visitor", "Здравствуйте! <b>Где мой счёт?</b>")
	window.wait(`document.querySelector("#log .visitor .receipt")?.textContent === "прочитано"`)
	operator.do(chromedp.SendKeys(chromedp.ID("text"), "Сейч"))
	window.wait(`document.getElementById("typing").textContent`)
	operator.says("ас посмотрю")
	window.reads("operator", "Сейчас посмотрю")
	window.reads("system", "Оператор Ольга в чате")

	customer.open(r.url + "/chat") // a reload keeps everything, once
	window = customer.frame(r.webimOrigin() + "/webim/client.php")
	window.reads("visitor", "Здравствуйте! <b>Где мой счёт?</b>")
	window.reads("operator", "Сейчас посмотрю")
	r.Webim.EndStreams() // the connections are lost, and come back
	window.says("Спасибо")
	operator.reads("visitor", "Спасибо")
	operator.click("#close")
	window.reads("system", "Чат закрыт")
	if n := eval[int](window, `document.querySelectorAll("#log > div").length`); n != 6 {
		t.Errorf("the customer sees %d lines", n)
	}
}

func TestATamperedVisitorIsAnonymousAndTheOperatorSeesWhy(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer, operator := openTab(t), operates(t, r)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	customer.do(evaluate(`webim_visitor = {...webim_visitor, fields: {...webim_visitor.fields, display_name: "Директор"}}; webim.api.onProvidedVisitorChanged(); 0`))
	window.wait(`document.getElementById("who").textContent === "Оператор не знает, кто вы."`)
	operator.wait(`[...document.querySelectorAll("#visitors button:not(.proven)")].length === 1`)
	operator.do(evaluate(`document.querySelector("#visitors button:not(.proven)").click(); 0`))
	operator.wait(`document.getElementById("verdict").textContent.startsWith("Подпись неверна")`)
	if title := eval[string](operator, `document.getElementById("chosen-title").textContent + document.getElementById("fields-title").textContent`); strings.Contains(title, "Директор") || !strings.Contains(title, "не доказано") {
		t.Errorf("the console calls the visitor %q", title)
	}
}

func TestSigningOutDetachesTheChat(t *testing.T) {
	t.Parallel()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, Webim: app.WebimSettings{Anonymous: "true"}})
	customer := openTab(t)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	window.says("Это знаю только я")
	window.reads("visitor", "Это знаю только я")
	called := `window.webim_visitor === null`
	customer.do(evaluate(`document.querySelector('form[action="/logout"]').addEventListener("submit", e => { e.preventDefault(); }); 0`))
	customer.click(`form[action="/logout"] button`)
	customer.wait(called)
	window.wait(`document.getElementById("who").textContent === "Оператор не знает, кто вы." && !document.querySelector("#log > div")`)

	customer.open(r.url + "/chat") // the other way: the session ends, and the page is left open
	window = customer.chats(r)
	window.reads("visitor", "Это знаю только я")
	window.do(chromedp.SendKeys(chromedp.ID("text"), "И это ещё не отправлено"))
	second := customer.sibling()
	second.open(r.url + "/dashboard")
	second.click(`form[action="/logout"] button`)
	second.wait(`location.pathname === "/login"`)
	customer.wait(`document.getElementById("chat").dataset.state === "ended"`)
	window.wait(`!document.querySelector("#log > div") && document.getElementById("text").value === ""`)
	window = customer.chats(r) // a stranger's now
	window.wait(`document.getElementById("who").textContent === "Оператор не знает, кто вы."`)
	if eval[int](window, `document.querySelectorAll("#log > div").length`) != 0 {
		t.Error("a stranger reads the customer's conversation")
	}
}

func TestAVisitorIsRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, Webim: app.WebimSettings{TTL: "5s"}})
	customer, operator := openTab(t), operates(t, r)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	first := eval[int](customer, `webim_visitor.expires`)
	customer.wait(fmt.Sprintf(`webim_visitor.expires > %d`, first+5))
	window.says("Я всё ещё здесь")
	operator.chooses("Анна Смирнова")
	operator.reads("visitor", "Я всё ещё здесь")
	if n := eval[int](operator, `document.querySelectorAll("#visitors li").length`); n != 1 {
		t.Errorf("%d visitors", n)
	}
	// A profile that changes in another tab changes the chat.
	second := customer.sibling()
	second.open(r.url + "/profile")
	second.do(evaluate(`document.getElementById("name").value = "Анна Новая"; 0`))
	second.click("main button.button")
	window.wait(`document.getElementById("who").textContent.includes("Анна Новая")`)
}

func TestTheLinkOpensAnIdentifiedChat(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer, operator := openTab(t), operates(t, r)
	customer.signIn(r, "anna@example.com")
	customer.open(r.url + "/chat/link")
	customer.wait(`location.host.startsWith("demo.webim.") && document.getElementById("who").textContent.includes("Анна Смирнова")`)
	if search := eval[string](customer, `location.search`); search != "" {
		t.Error("the visitor stays in the address")
	}
	customer.says("По ссылке")
	operator.chooses("Анна Смирнова")
	operator.reads("visitor", "По ссылке")
	if start := eval[string](operator, `document.getElementById("start").textContent`); start != "Чат "+r.url+"/chat" {
		t.Errorf("the operator sees that the visitor came from %q", start)
	}
}

func TestWhenTheScriptIsBlockedThePageOffersTheLink(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{"not there": {Status: 404}, "hanging": {Hang: true}, "another script": {Status: 200, Body: "0", ContentType: "text/javascript"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startDemo(t)
			customer := openTab(t)
			customer.signIn(r, "anna@example.com")
			if err := r.Webim.Faults().Set("button.js", fault); err != nil {
				t.Fatal(err)
			}
			customer.do(evaluate(`location.href = "/chat"`))
			if !fault.Hang { // what has failed need not be waited for
				customer.wait(`location.pathname === "/chat" && document.readyState === "complete"`)
				if state := eval[string](customer, `document.getElementById("chat").dataset.state`); state != "stalled" {
					t.Errorf("the page is %s", state)
				}
			}
			customer.wait(`document.getElementById("chat")?.dataset.state === "stalled"`)
			if href := eval[string](customer, `document.querySelector("#chat-stalled a").getAttribute("href")`); href != "/chat/link" {
				t.Errorf("it offers %s", href)
			}
		})
	}
}

func TestAMessageToAHiddenWindowIsCountedUntilItIsSeen(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer, operator := openTab(t), operates(t, r)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	window.click("#hide")
	customer.wait(`document.getElementById("webim-window").hidden && document.activeElement.id === "webim-launcher"`)
	operator.chooses("Анна Смирнова")
	operator.says("Первое")
	operator.says("Второе")
	customer.wait(`document.getElementById("webim-launcher").textContent === "Чат (2)"`)
	if eval[bool](operator, `!!document.querySelector("#log .receipt")`) {
		t.Error("the operator is told that the messages were seen")
	}
	customer.click("#webim-launcher")
	customer.wait(`document.getElementById("webim-launcher").textContent === "Чат"`)
	operator.wait(`document.querySelector("#log > .operator:last-child .receipt")?.textContent === "прочитано"`)

	// The other way: the operator looks at nobody, or at somebody else.
	operator.open(r.webimOrigin() + "/operator")
	window.says("А у меня вопрос")
	operator.wait(`document.querySelector("#visitors .unread span").textContent === "в чате · новых: 1"`)
	operator.chooses("Анна Смирнова")
	window.wait(`document.querySelector("#log > .visitor .receipt")?.textContent === "прочитано"`)
	operator.wait(`!document.querySelector("#visitors .unread")`)
}

func TestWhatWasWrittenWithoutAConnectionArrivesOnceItIsBack(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer, operator := openTab(t), operates(t, r)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	operator.chooses("Анна Смирнова")
	// The answer to the first is lost, that to the second never comes before the page is left.
	for _, fault := range []sandbox.Fault{{Forget: true, Times: 1}, {Forget: true, Status: 503, Times: 2}} {
		if err := r.Webim.Faults().Set("messages", fault); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint("Сообщение ", fault.Times)
		window.says(text)
		operator.reads("visitor", text)
		window.reads("visitor", text)
	}
	if err := r.Webim.Faults().Set("messages", sandbox.Fault{Status: 503}); err != nil {
		t.Fatal(err)
	}
	window.says("Без связи")
	window.wait(`document.querySelector("#log .waiting .receipt")?.textContent === "отправляется…"`)
	customer.open(r.url + "/dashboard")
	r.Webim.Faults().Clear()
	window = customer.chats(r)
	window.reads("visitor", "Без связи")
	operator.reads("visitor", "Без связи")
	if n := eval[int](operator, `document.querySelectorAll("#log > .visitor").length`); n != 3 {
		t.Errorf("the operator has %d messages", n)
	}
}

func TestWhereStrangersHaveNoChatThePageOfWhoHasSignedOutLeadsToTheSignIn(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer := openTab(t)
	customer.signIn(r, "anna@example.com")
	customer.chats(r)
	second := customer.sibling()
	second.open(r.url + "/dashboard")
	second.click(`form[action="/logout"] button`)
	customer.wait(`location.pathname + location.search === "/login?next=%2Fchat"`)
}

func TestAStreamThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	customer := openTab(t)
	customer.signIn(r, "anna@example.com")
	window := customer.chats(r)
	if err := r.Webim.Faults().Set("events", sandbox.Fault{Hang: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	r.Webim.EndStreams()
	eventually(t, "the connection", func() bool { return !r.Webim.Faults().Waits("events") })
	window.says("Вы здесь?")
	window.wait(`!document.getElementById("connection").hidden`)
	window.reads("visitor", "Вы здесь?")
	window.wait(`document.getElementById("connection").hidden`)
}
