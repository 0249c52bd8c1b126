package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/amocrm"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/sandbox"
	"kabinet/store"
)

// The demo's sandbox of amoCRM: its two hosts.
func (r *running) amoCRMOrigin() string {
	return "http://demo.amocrm.localhost" + r.addr[strings.LastIndex(r.addr, ":"):]
}

func (r *running) clientCabinet() string {
	return "http://cabinet.amocrm.localhost" + r.addr[strings.LastIndex(r.addr, ":"):]
}

const annasPhone = "+79120000001"

var sixDigits = regexp.MustCompile(`\d{6}`)

// prepared is the demo with everything set up at amoCRM.
func prepared(tb testing.TB) *running {
	tb.Helper()
	r := startDemo(tb)
	if err := r.AmoCRM.Prepare(); err != nil {
		tb.Fatal(err)
	}
	return r
}

// entersCabinet signs in to the client cabinet by SMS.
func (t *tab) entersCabinet(r *running, phone string) {
	t.tb.Helper()
	t.open(r.clientCabinet() + "/")
	t.fill("phone", phone)
	t.click("#go")
	t.wait(`document.readyState === "complete" && document.getElementById("code")`)
	t.fill("code", sixDigits.FindString(r.AmoCRM.LastSMS(strings.TrimPrefix(phone, "+"))))
	t.click("#go")
	t.wait(cabinetReady)
}

const (
	cabinetReady = `document.getElementById("cabinet")?.dataset.state === "ready"`
	theForm      = `document.querySelector(".kabinet-form")`
	theName      = `document.querySelector(".kabinet-name")?.textContent === "Анна Смирнова"`
)

// opensWidgets opens the accordion once its button is there.
func (t *tab) opensWidgets() {
	t.tb.Helper()
	t.wait(`document.getElementById("widgets-button")`)
	t.click("#widgets-button")
}

// linksDeal asks for a code in the portal and types it into the widget.
func (t *tab) linksDeal(portal *tab, r *running) {
	t.tb.Helper()
	portal.open(r.url + "/profile")
	portal.click("#amocrm-code")
	portal.wait(`document.getElementById("code")`)
	code := eval[string](portal, `document.getElementById("code").textContent`)
	t.wait(theForm)
	t.do(chromedp.SendKeys(chromedp.CSS(`.kabinet-form input`), strings.ToLower(code)))
	t.click(`.kabinet-form button`)
	t.wait(theName)
}

func TestFromAnEmptyAccountToALinkedDeal(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.open(r.clientCabinet() + "/")
	tab.wait(`document.getElementById("closed")`)
	tab.open(r.amoCRMOrigin() + "/settings/")
	tab.wait(`document.getElementById("not-on-tariff")`)
	tab.click(`[name=tariff][value=extended]`)
	tab.click("#set-tariff")
	tab.wait(`getComputedStyle(document.getElementById("no-sms")).color === "rgb(163, 38, 28)"`)
	tab.click("#no-sms a")
	tab.wait(`location.pathname === "/integrations/" && location.hash === "#sms"`)
	tab.click("#install-sms-express")
	tab.wait(`location.search === "?saved"`)
	tab.open(r.amoCRMOrigin() + "/settings/")
	tab.click("[name=enabled]")
	tab.click("#set-cabinet")
	tab.wait(`document.getElementById("open-cabinet")`)

	tab.entersCabinet(r, annasPhone)
	if eval[bool](tab, `document.getElementById("widgets-button") !== null`) {
		t.Error("there is a button without a widget")
	}
	file := filepath.Join(t.TempDir(), "widget.zip")
	if err := (app.AmoCRMWidget{BaseURL: r.url, Output: file}).Run(t.Context(), new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	tab.open(r.amoCRMOrigin() + "/integrations/")
	tab.do(chromedp.SetUploadFiles(chromedp.ID("archive"), []string{file}))
	tab.click("#upload")
	tab.wait(`document.getElementById("install")`)
	tab.click("#install")
	tab.wait(`document.getElementById("remove")`)
	tab.do(chromedp.SetUploadFiles(chromedp.ID("archive"), []string{file}))
	tab.click("#upload")
	tab.wait(`document.getElementById("problem")?.innerText.includes("не выше")`)

	tab.open(r.clientCabinet() + "/")
	tab.opensWidgets()
	portal := openTab(t)
	portal.signIn(r, "anna@example.com")
	tab.linksDeal(portal, r)
	if text := eval[string](tab, `document.getElementById("widgets").innerText`); !strings.Contains(text, "Сделка № 7001001 · Переговоры") || !strings.Contains(text, "SailPlay — не подключено") || strings.Contains(text, "Баллы") {
		t.Errorf("the card says %q", text)
	}
	portal.links(r)
	tab.click(".widget button:last-child")
	tab.wait(`document.querySelector(".kabinet-points")?.textContent === "Баллы: 165"`)
	tab.click(".kabinet-portal a")
	tab.window(r.url + "/login?next=%2Fdashboard") // a browser that is not signed in
}

func TestTheCabinetTellsTheWidgetWhatTheAccountSays(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	tab := openTab(t)
	tab.entersCabinet(r, annasPhone)
	tab.opensWidgets()
	portal := openTab(t)
	portal.signIn(r, "anna@example.com")
	tab.linksDeal(portal, r)
	tab.wait(`/Связано \d\d\.\d\d\.\d{4} \d\d:\d\d/.test(document.getElementById("widgets").innerText)`)
	staff := openTab(t)
	staff.open(r.amoCRMOrigin() + "/settings/")
	staff.do(evaluate(`Object.entries({title: "Мой кабинет", lang: "es", date: "yyyy/mm/dd", time: "h:MM TT", currency: "$", logo: ""}).forEach(([id, value]) => document.getElementById(id).value = value); 0`))
	staff.click("#set-look")
	staff.wait(`location.search === "?saved"`)
	staff.open(r.amoCRMOrigin() + "/leads/")
	staff.do(evaluate(`document.querySelector("select").value = "142"; 0`))
	staff.click("form[action='/leads/move'] button")
	// The open page hears of it without being loaded again.
	tab.wait(`/Vinculado el \d{4}\/\d\d\/\d\d \d{1,2}:\d\d [AP]M/.test(document.getElementById("widgets").innerText) && document.getElementById("widgets").innerText.includes("Успешно реализовано") &&
		document.title === "Мой кабинет" && document.getElementById("logo").hidden && document.getElementById("lead-fields").innerText.includes("$")`)
}

// held makes the browser hold back the portal's answers about deals, to be let go by let().
const held = `(() => { const real = window.fetch; window.waiting = []; window.hold = true;
	window.fetch = (address, options) => real(address, options).then(response => hold && String(address).includes("/amocrm/")
		? new Promise(resolve => waiting.push(() => resolve(response))) : response); })(); 0`

func TestALateAnswerForAnEarlierDealIsDropped(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	anna := r.client(t)
	anna.signIn("anna@example.com")
	if status, _ := anna.typesCode(r, annasDeal, anna.asksForCode()); status != http.StatusOK {
		t.Fatal(status)
	}
	tab := openTab(t)
	tab.entersCabinet(r, annasPhone)
	tab.opensWidgets()
	tab.wait(theName)
	tab.click(`[data-deal="7001002"]`)
	tab.wait(theForm)
	tab.do(evaluate(held))
	tab.click(`[data-deal="7001001"]`)
	tab.wait(`waiting.length === 1`)
	tab.do(evaluate(`hold = false; 0`))
	tab.click(`[data-deal="7001002"]`)
	tab.wait(theForm)
	eval[int](tab, `document.querySelector(".kabinet-form input").value = "typed"; waiting[0](); new Promise(done => setTimeout(done, 50, 0))`)
	if text := eval[string](tab, `document.getElementById("widgets").innerText`); strings.Contains(text, "Анна") || !strings.Contains(text, "7001002") || !eval[bool](tab, `document.querySelector(".kabinet-form input").value === "typed"`) {
		t.Errorf("after the late answer: %q", text)
	}
	tab.do(evaluate(`history.back(); 0`))
	tab.wait(theName)
}

func TestWithoutTheBackendTheWidgetSaysOneCalmSentence(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	tab := openTab(t)
	staff := openTab(t)
	claims := func(set string) {
		staff.open(r.amoCRMOrigin() + "/_sandbox/settings")
		staff.click(`[name=claims][value=` + set + `]`)
		staff.click("#set-tokens")
		staff.wait(`location.search === "?saved"`)
	}
	claims("foreign")
	tab.entersCabinet(r, annasPhone)
	tab.opensWidgets()
	const sentence = `document.querySelector(".kabinet-trouble")?.textContent === `
	tab.wait(sentence + `"Доступ к сделке устарел. Обновите страницу или повторите."`)
	if eval[int](tab, `document.querySelectorAll(".kabinet-portal a[target=_blank][rel=noopener]").length`) != 1 {
		t.Error("there is no way to the portal")
	}
	claims("text")
	tab.click(`[data-deal="7001002"]`)
	tab.wait(theForm)
	tab.do(evaluate(`window.real = window.fetch; window.fetch = (address, options) => String(address).includes("/amocrm/") ? Promise.reject(new TypeError("off")) : real(address, options); 0`))
	tab.click(`[data-deal="7001001"]`)
	tab.wait(sentence + `"Личный кабинет сейчас не отвечает."`)
	tab.do(evaluate(`window.fetch = real; 0`))
	tab.click(".widget button")
	tab.wait(theForm)
	tab.do(chromedp.SendKeys(chromedp.CSS(`.kabinet-form input`), "ACDE-FGHJ"))
	tab.click(".kabinet-form button")
	tab.wait(`document.querySelector(".kabinet-wrong").textContent.startsWith("Такого кода нет") && document.querySelector(".kabinet-form input").value === "ACDE-FGHJ"`)
}

func TestAHundredDealsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	for rejoins, times := range map[bool]int{true: 100, false: 20} { // made anew, and surviving
		r := prepared(t)
		if !rejoins {
			response := r.client(t).do(http.MethodPost, "/_sandbox/settings", url.Values{"claims": {"card"}, "life": {"1800"}}, func(request *http.Request) {
				request.URL.Host, request.Host = r.addr, strings.TrimPrefix(r.amoCRMOrigin(), "http://")
				request.Header.Set("Origin", r.amoCRMOrigin())
			})
			if response.StatusCode != http.StatusSeeOther {
				t.Fatal(response.Status)
			}
		}
		tab := openTab(t)
		tab.entersCabinet(r, annasPhone)
		tab.opensWidgets()
		tab.wait(theForm)
		const left = `JSON.stringify([requirejs("store").listening(), document.querySelectorAll("*").length, document.querySelectorAll(".widget").length])`
		before := eval[string](tab, left)
		// Answers are made up here: the portal would, rightly, refuse so many.
		tab.do(evaluate(`(() => { const real = window.fetch; window.asked = 0; window.fetch = (address, options) => String(address).includes("/amocrm/")
			? (asked++, Promise.resolve(new Response('{"linked":false}', {headers: {"Content-Type": "application/json"}}))) : real(address, options); })(); 0`))
		eval[int](tab, `(async () => { const there = async () => { for (;;) { if (`+cabinetReady+` && `+theForm+`) return; await new Promise(done => setTimeout(done, 1)); } };
			for (let i = 1; i <= `+strconv.Itoa(times)+`; i++) { document.querySelector('#deals a:not([aria-current])').click(); await there(); } return 0; })()`)
		if after := eval[string](tab, left); after != before || eval[int](tab, `asked`) != times {
			t.Errorf("made anew %v: before %s, after %s; asked %d times", rejoins, before, after, eval[int](tab, `asked`))
		}
	}
}

// recorder is a widget that notes what it is called with.
const recorder = `define(['amocrm-sdk'], (init) => {
  const { methods, constants } = init({ version: '1.0.0' });
  const note = (what) => (window.calls = window.calls || []).push(what);
  note('module');
  return {
    initLead({ token }) {
      const lead = methods.getState(constants.PUBLIC_STATE_ENTITIES.lead);
      const stop = methods.subscribe('lead', (value) => note('lead ' + (value && value.id)), { withInitialResult: true });
      note('initLead ' + lead.id + ' ' + JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).data.entity_id);
      return () => { stop(); note('destroyed ' + lead.id); };
    },
    registerWidgetsBarSlot(el) {
      note('slot ' + el.className + ' ' + el.isConnected);
      return () => note('slot destroyed');
    },
  };
});
`

// repacked is the widget's archive with another personal_page.js.
func repacked(t *testing.T, r *running, page string) string {
	t.Helper()
	archive, err := amocrm.WidgetArchive(r.url, "2.0.0")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := amocrm.Unpack(archive)
	files["personal_page.js"] = []byte(page)
	return zipped(t, files)
}

// zipped is a file with an archive.
func zipped(tb testing.TB, files map[string][]byte) string {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	file := filepath.Join(tb.TempDir(), "widget.zip")
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

func TestTheCabinetKeepsTheOrderOfCalls(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	tab := openTab(t)
	tab.open(r.amoCRMOrigin() + "/integrations/")
	tab.do(chromedp.SetUploadFiles(chromedp.ID("archive"), []string{repacked(t, r, recorder)}))
	tab.click("#upload")
	tab.wait(`document.getElementById("widget")?.innerText.includes("2.0.0")`)
	tab.entersCabinet(r, annasPhone)
	tab.wait(`window.calls?.includes("initLead 7001001 7001001")`)
	tab.opensWidgets()
	tab.click(`[data-deal="7001002"]`)
	tab.wait(`window.calls.at(-1).startsWith("slot js-") && window.calls.includes("initLead 7001002 7001002")`)
	tab.click("#widgets-button")
	tab.wait(`window.calls.at(-1) === "slot destroyed"`)
	const slot = "slot js-widget-bar-item-container true"
	want := fmt.Sprint([]string{
		"module", "lead 7001001", "initLead 7001001 7001001", slot, "slot destroyed", "destroyed 7001001",
		"lead 7001002", "initLead 7001002 7001002", slot, "slot destroyed",
	})
	if got := fmt.Sprint(eval[[]string](tab, `window.calls`)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The module of the vendor's page, as it stands there.
func TestTheSeedsSampleRunsUnchangedAsALocalWidget(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile(filepath.Join("testdata", "amocrm-personal-page.js"))
	if err != nil {
		t.Fatal(err)
	}
	var edited atomic.Bool
	local := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		w.Header().Set("Cache-Control", "no-store")
		if edited.Load() {
			sample = bytes.ReplaceAll(sample, []byte("Hello world!"), []byte("Hello again!"))
		}
		_, _ = w.Write(sample)
	}))
	t.Cleanup(local.Close)
	address := strings.Replace(local.URL, "127.0.0.1", "localhost", 1)
	r := prepared(t)
	tab := openTab(t)
	tab.entersCabinet(r, annasPhone)
	tab.do(evaluate(`window.warned = []; console.warn = (...what) => warned.push(what.join("")); window.AMOCRM.developer.addWidget({script: "` + address + `", token: "foo"})`))
	tab.wait(`document.getElementById("widgets")?.innerText.includes("Hello world!")`)
	if got := eval[int](tab, `document.querySelectorAll(".widget").length`); got != 1 {
		t.Errorf("%d widgets show", got)
	}
	warned := strings.Join(eval[[]string](tab, `warned`), "\n")
	if !regexp.MustCompile(`^WIDGET: initLead with token: foo\nWIDGET registerWidgetsBarSlot inited at \d\d:\d\d$`).MatchString(warned) {
		t.Errorf("it says %q", warned)
	}
	// Edited, it is added again.
	edited.Store(true)
	tab.do(evaluate(`window.AMOCRM.developer.addWidget({script: "` + address + `", token: "foo"})`))
	tab.wait(`document.getElementById("widgets")?.innerText.includes("Hello again!")`)
	// Another deal takes it away, and the installed one comes back only with the page.
	tab.click(`[data-deal="7001002"]`)
	tab.wait(`warned.at(-1) === "WIDGET: initLead destroyed" && ` + cabinetReady)
	if eval[bool](tab, `document.getElementById("widgets-button") !== null`) {
		t.Error("a widget is shown")
	}
	tab.open(r.clientCabinet() + "/")
	tab.opensWidgets()
	tab.wait(theForm)
	// Our own widget meets what developers pass: the portal refuses it.
	tab.do(evaluate(`window.AMOCRM.developer.addWidget({script: "/widgets/1.0.0/personal_page.js", token: "foo"})`))
	tab.wait(`document.querySelector(".kabinet-trouble")`)
}

func TestEveryDeclaredModuleIsThere(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	tab := openTab(t)
	tab.entersCabinet(r, annasPhone)
	got := eval[string](tab, `new Promise((done) => { requirejs(['amocrm-sdk', 'import-modules', 'jquery', 'react', 'react-dom', '@reduxjs/toolkit', 'react-redux',
		'immer.produce', 'immer.current', 'nanoid', 'classnames', 'dateformat', 'lodash'],
		(...modules) => use(...modules).then(done, (error) => done(error.stack)), (error) => done(String(error)));
		async function use(init, importModules, $, React, ReactDOM, toolkit, redux, produce, current, nanoid, classNames, dateFormat, _) {
			const { methods, constants } = init({ version: '1.0.0' });
			const slice = toolkit.createSlice({ name: 'n', initialState: { n: 1 }, reducers: { more(draft) { draft.n += current(draft).n; } } });
			const store = toolkit.configureStore({ reducer: (state, action) => produce(slice.reducer(state, action), () => {}) });
			const root = document.createElement('div');
			const Shown = () => React.createElement('b', { className: classNames('a', { b: true, c: false }) }, redux.useSelector((state) => state.n));
			ReactDOM.createRoot(root).render(React.createElement(redux.Provider, { store }, React.createElement(Shown)));
			store.dispatch(slice.actions.more());
			await new Promise((next) => setTimeout(next, 50));
			const [again] = await importModules(['lodash']);
			let refused = '';
			try { init({}); } catch (error) { refused = error.message; }
			return JSON.stringify([root.innerHTML, nanoid().length, again === _, _.chunk([1, 2, 3], 2), dateFormat(0, 'UTC:' + constants.DATE_FORMATS.americanNormal), $('#deals').length,
				methods.getRouterQuery(), methods.getState('sys').currencySymbol, Object.keys(constants.FIELD_TYPES).length, Object.keys(methods.getState('leadFields')).length, refused]);
		} })`)
	const want = `["<b class=\"a b\">2</b>",21,true,[[1,2],[3]],"01/01/1970",1,{"accountId":"30050010","leadId":"7001001"},"₽",16,16,"amocrm-sdk: options.version must be \"1.0.0\""]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAWidgetThatDoesNotLoadHarmsNothingElse(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	if err := r.AmoCRM.Faults().Set("widget-script", sandbox.Fault{Status: http.StatusBadGateway, Times: 1}); err != nil {
		t.Fatal(err)
	}
	tab := openTab(t)
	tab.entersCabinet(r, annasPhone)
	tab.opensWidgets()
	tab.wait(`document.querySelector(".widget .wrong")?.textContent === "Виджет не загрузился."`)
	tab.click(`[data-deal="7001002"]`)
	tab.wait(theForm)
	if err := r.AmoCRM.Faults().Set("deal", sandbox.Fault{Status: http.StatusBadGateway, Times: 1}); err != nil {
		t.Fatal(err)
	}
	tab.click(`[data-deal="7001001"]`)
	tab.wait(`!document.getElementById("trouble").hidden && document.getElementById("main").childElementCount === 0 && !document.getElementById("lead-fields") && requirejs("store").get("authors") === null`)
	tab.click(`[data-deal="7001001"]`) // again
	tab.wait(theForm + ` && document.getElementById("trouble").hidden`)

	// A listener that throws, and a mere fragment, change nothing.
	tab.do(evaluate(`requirejs(["amocrm-sdk"], (init) => init({version: "1.0.0"}).methods.subscribe("lead", (lead) => lead.id.length)); location.hash = "x"; document.querySelector(".kabinet-form input").value = "typed"; 0`))
	tab.wait(`document.querySelector(".kabinet-form input").value === "typed" && location.hash === "#x"`)
	tab.click(`[data-deal="7001002"]`)
	tab.wait(`document.getElementById("widgets").innerText.includes("7001002") && document.querySelector("#deals [aria-current]").dataset.deal === "7001002" && ` + theForm)

	// Whoever presses keeps their place.
	tab.do(evaluate(`document.querySelector(".kabinet-form input").focus(); 0`), chromedp.KeyEvent("ACDEFGHJ\r"))
	tab.wait(`document.querySelector(".kabinet-wrong").textContent && document.activeElement.name === "code"`)
	tab.do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
	tab.wait(`document.activeElement.textContent === "Связать" && document.activeElement.getAttribute("aria-disabled") === "false"`)

	// A local widget that is added while a deal is loading waits for nothing and breaks nothing.
	tab.do(evaluate(`(() => { const real = window.fetch; window.fetch = (address, options) => /leads.7001001$/.test(address) ? new Promise(done => window.go = done).then(() => real(address, options)) : real(address, options); })(); 0`))
	tab.click(`[data-deal="7001001"]`)
	tab.wait(`window.go`)
	tab.do(evaluate(`window.AMOCRM.developer.addWidget({script: "/widgets/1.0.0/personal_page.js", token: ""}); go(); 0`))
	tab.wait(cabinetReady + ` && document.getElementById("lead-fields") && document.querySelector(".kabinet-trouble") && document.querySelectorAll(".widget").length === 1`)
}

// The SMS arrives where the widget for it is.
func TestAnSMSIsToldToTheSMSWidget(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told url.Values
	widget := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		told = r.PostForm
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(widget.Close)
	r := prepared(t)
	post := func(origin, path string, form url.Values) *http.Response {
		t.Helper()
		return r.client(t).do(http.MethodPost, path, form, func(request *http.Request) {
			request.URL.Host, request.Host = r.addr, strings.TrimPrefix(origin, "http://")
			request.Header.Set("Origin", origin)
		})
	}
	if got := post(r.amoCRMOrigin(), "/integrations/endpoint", url.Values{"endpoint": {"https://sms.example.com/send"}}); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("elsewhere: %s", got.Status)
	}
	redirected(t, post(r.amoCRMOrigin(), "/integrations/endpoint", url.Values{"endpoint": {widget.URL + "/send"}}), "/integrations/?saved#sms")
	redirected(t, post(r.clientCabinet(), "/sign-in", url.Values{"phone": {"8 (912) 000-00-01"}}), "/code")
	mu.Lock()
	defer mu.Unlock()
	if told.Get("phone") != annasPhone || !regexp.MustCompile(`^Код для входа в личный кабинет - \d{6}$`).MatchString(told.Get("text")) || !told.Has("token") {
		t.Errorf("it is told %v", told)
	}
	// A number that is in no deal gets the same answer, and no SMS.
	redirected(t, post(r.clientCabinet(), "/sign-in", url.Values{"phone": {"+79990000000"}}), "/code")
	if r.AmoCRM.LastSMS("79990000000") != "" {
		t.Error("an SMS has gone to nobody")
	}
}

// amoCRMPlaces are the pages and states of the deals, the account's side and the client cabinet.
func amoCRMPlaces() []place {
	prepare := func(t *tab, r *running) {
		t.tb.Helper()
		if err := r.AmoCRM.Prepare(); err != nil {
			t.tb.Fatal(err)
		}
	}
	inCabinetOf := func(then func(t *tab, r *running)) func(*tab, *running) {
		return func(t *tab, r *running) {
			prepare(t, r)
			t.entersCabinet(r, annasPhone)
			t.opensWidgets()
			then(t, r)
		}
	}
	staff := func(path string) func(*tab, *running) {
		return func(t *tab, r *running) { t.open(r.amoCRMOrigin() + path) }
	}
	return []place{
		{"deals-none", "anna@example.com", at("/profile", `document.getElementById("amocrm")`)},
		{"deals-linked", "anna@example.com", func(t *tab, r *running) {
			for i, deal := range []int64{annasDeal, annasOther} {
				r.linksBehindTheScenes(t.tb, 1, deal, byte(i))
			}
			t.open(r.url + "/profile?saved=amocrm#amocrm")
		}},
		{"deals-code", "anna@example.com", func(t *tab, r *running) {
			t.open(r.url + "/profile")
			t.click("#amocrm-code")
			t.wait(`document.getElementById("code")`)
		}},
		{"deals-dashboard", "anna@example.com", func(t *tab, r *running) {
			r.linksBehindTheScenes(t.tb, 1, annasDeal, 1)
			t.open(r.url + "/dashboard")
		}},
		{"deals-admin", "admin@example.com", at("/admin/amocrm", "true")},
		{"deals-admin-wrong", "admin@example.com", at("/admin/amocrm/widget.zip?version=x", "true")},
		{"deals-admin-user", "admin@example.com", func(t *tab, r *running) {
			r.linksBehindTheScenes(t.tb, 1, annasDeal, 1)
			t.open(r.url + "/admin/users/1/amocrm?unlinked")
		}},
		{"amocrm-desk", "", staff("/_sandbox/")},
		{"amocrm-settings", "", staff("/settings/")},
		{"amocrm-settings-no-sms", "", func(t *tab, r *running) {
			t.open(r.amoCRMOrigin() + "/settings/")
			t.click(`[name=tariff][value=extended]`)
			t.click("#set-tariff")
			t.wait(`document.getElementById("no-sms")`)
		}},
		{"amocrm-settings-on", "", func(t *tab, r *running) {
			prepare(t, r)
			t.open(r.amoCRMOrigin() + "/settings/")
		}},
		{"amocrm-integrations", "", staff("/integrations/")},
		{"amocrm-integrations-refused", "", func(t *tab, r *running) {
			prepare(t, r)
			t.open(r.amoCRMOrigin() + "/integrations/")
			t.do(chromedp.SetUploadFiles(chromedp.ID("archive"), []string{brokenArchive(t.tb, r)}))
			t.click("#upload")
			t.wait(`document.getElementById("refused")`)
		}},
		{"amocrm-leads", "", staff("/leads/")},
		{"amocrm-tokens", "", staff("/_sandbox/settings?saved")},
		{"amocrm-sms", "", func(t *tab, r *running) {
			prepare(t, r)
			t.entersCabinet(r, annasPhone)
			t.open(r.amoCRMOrigin() + "/_sandbox/sms")
		}},
		{"amocrm-limits", "", staff("/_sandbox/limits")},
		{"amocrm-closed", "", func(t *tab, r *running) { t.open(r.clientCabinet() + "/") }},
		{"amocrm-sign-in", "", func(t *tab, r *running) {
			prepare(t, r)
			t.open(r.clientCabinet() + "/")
			t.fill("phone", "12")
			t.click("#go")
			t.wait(`document.querySelector(".wrong")`)
		}},
		{"amocrm-code", "", func(t *tab, r *running) {
			prepare(t, r)
			t.open(r.clientCabinet() + "/")
			t.fill("phone", annasPhone)
			t.click("#go")
			t.fill("code", "000000")
			t.click("#go")
			t.wait(`document.querySelector(".wrong")`)
		}},
		{"amocrm-cabinet", "", inCabinetOf(func(t *tab, _ *running) { t.wait(theForm) })},
		{"amocrm-cabinet-linked", "", func(t *tab, r *running) {
			r.linksBehindTheScenes(t.tb, 1, annasDeal, 1)
			inCabinetOf(func(t *tab, _ *running) { t.wait(theName) })(t, r)
		}},
		{"amocrm-cabinet-trouble", "", inCabinetOf(func(t *tab, _ *running) {
			t.wait(theForm)
			t.do(evaluate(`window.AMOCRM.developer.addWidget({script: "/widgets/1.0.0/personal_page.js", token: "foo"})`))
			t.wait(`document.querySelector(".kabinet-trouble")`)
		})},
	}
}

// brokenArchive is one that breaks several rules.
func brokenArchive(tb testing.TB, r *running) string {
	tb.Helper()
	archive, err := amocrm.WidgetArchive(r.url, "")
	if err != nil {
		tb.Fatal(err)
	}
	files, _ := amocrm.Unpack(archive)
	delete(files, "images/logo.png")
	files["manifest.json"] = []byte("{} // and more")
	files["script.js"] = []byte("alert('hello');\r\n")
	return zipped(tb, files)
}

// linksBehindTheScenes links a deal as a code would.
func (r *running) linksBehindTheScenes(tb testing.TB, userID, deal int64, n byte) {
	tb.Helper()
	ctx := context.Background()
	u, err := r.DB.User(ctx, userID)
	session, code := store.TokenHash{200, n}, store.TokenHash{201, n}
	if err == nil {
		err = r.DB.CreateSession(ctx, store.NewSession{Token: session, UserID: userID, Proof: store.Proof(u.PasswordHash)})
	}
	if err == nil {
		err = r.DB.SetAmoCRMCode(ctx, userID, session, code, store.By{})
	}
	if err == nil {
		err = r.DB.LinkAmoCRMDeal(ctx, code, store.AmoCRMDeal{AccountID: amocrmsandbox.DefaultAccountID, DealID: deal}, "192.0.2.1")
	}
	if err != nil {
		tb.Fatal(err)
	}
}
