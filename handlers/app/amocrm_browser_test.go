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
	"kabinet/integrations/secret"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// The demo's sandbox of amoCRM: its two hosts.
func amoCRMOrigin(r *apptest.Program) string {
	return r.SandboxOrigin("demo.amocrm.localhost")
}

func clientCabinet(r *apptest.Program) string {
	return r.SandboxOrigin("cabinet.amocrm.localhost")
}

const annasPhone = "+79120000001"

var sixDigits = regexp.MustCompile(`\d{6}`)

// prepared is the demo with everything set up at amoCRM.
func prepared(tb testing.TB) *apptest.Program {
	tb.Helper()
	r := apptest.StartDemo(tb)
	if err := amoCRMSandbox(r).Prepare(); err != nil {
		tb.Fatal(err)
	}
	return r
}

// entersCabinet signs in to the client cabinet by SMS.
func entersCabinet(t *apptest.Tab, r *apptest.Program, phone string) {
	t.TB.Helper()
	t.Open(clientCabinet(r) + "/")
	t.Fill("phone", phone)
	t.Click("#go")
	t.Wait(`document.readyState === "complete" && document.getElementById("code")`)
	t.Fill("code", sixDigits.FindString(amoCRMSandbox(r).LastSMS(strings.TrimPrefix(phone, "+"))))
	t.Click("#go")
	t.Wait(cabinetReady)
}

const (
	cabinetReady = `document.getElementById("cabinet")?.dataset.state === "ready"`
	theForm      = `document.querySelector(".kabinet-form")`
	theName      = `document.querySelector(".kabinet-name")?.textContent === "Анна Смирнова"`
)

// opensWidgets opens the accordion once its button is there.
func opensWidgets(t *apptest.Tab) {
	t.TB.Helper()
	t.Wait(`document.getElementById("widgets-button")`)
	t.Click("#widgets-button")
}

// linksDeal asks for a code in the portal and types it into the widget.
func linksDeal(t *apptest.Tab, portal *apptest.Tab, r *apptest.Program) {
	t.TB.Helper()
	portal.Open(r.URL + "/profile")
	portal.Click("#amocrm-code")
	portal.Wait(`document.getElementById("code")`)
	code := apptest.Eval[string](portal, `document.getElementById("code").textContent`)
	t.Wait(theForm)
	t.Do(chromedp.SendKeys(chromedp.CSS(`.kabinet-form input`), strings.ToLower(code)))
	t.Click(`.kabinet-form button`)
	t.Wait(theName)
}

func TestFromAnEmptyAccountAtAmoCRMToALinkedDeal(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.Open(clientCabinet(r) + "/")
	tab.Wait(`document.getElementById("closed")`)
	tab.Open(amoCRMOrigin(r) + "/settings/")
	tab.Wait(`document.getElementById("not-on-tariff")`)
	tab.Click(`[name=tariff][value=extended]`)
	tab.Click("#set-tariff")
	tab.Wait(`getComputedStyle(document.getElementById("no-sms")).color === "rgb(163, 38, 28)"`)
	tab.Click("#no-sms a")
	tab.Wait(`location.pathname === "/integrations/" && location.hash === "#sms"`)
	tab.Click("#install-sms-express")
	tab.Wait(`location.search === "?saved"`)
	tab.Open(amoCRMOrigin(r) + "/settings/")
	tab.Click("[name=enabled]")
	tab.Click("#set-cabinet")
	tab.Wait(`document.getElementById("open-cabinet")`)

	entersCabinet(tab, r, annasPhone)
	if apptest.Eval[bool](tab, `document.getElementById("widgets-button") !== null`) {
		t.Error("there is a button without a widget")
	}
	file := filepath.Join(t.TempDir(), "widget.zip")
	if err := (app.AmoCRMWidget{BaseURL: r.URL, Output: file}).Run(t.Context(), new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	tab.Open(amoCRMOrigin(r) + "/integrations/")
	tab.Do(chromedp.SetUploadFiles(chromedp.ID("archive"), []string{file}))
	tab.Click("#upload")
	tab.Wait(`document.getElementById("install")`)
	tab.Click("#install")
	tab.Wait(`document.getElementById("remove")`)
	tab.Do(chromedp.SetUploadFiles(chromedp.ID("archive"), []string{file}))
	tab.Click("#upload")
	tab.Wait(`document.activeElement?.id === "problem" && document.activeElement.innerText.includes("не выше")`)

	tab.Open(clientCabinet(r) + "/")
	opensWidgets(tab)
	portal := apptest.OpenTab(t)
	portal.SignInByCookie(r, "anna@example.com")
	linksDeal(tab, portal, r)
	if text := apptest.Eval[string](tab, `document.getElementById("widgets").innerText`); !strings.Contains(text,
		"Сделка № 7001001 · Переговоры") || strings.Contains(text, "Баллы") {
		t.Errorf("the card says %q", text)
	}
	tab.Click(".kabinet-portal a")
	tab.Window(r.URL + "/login?next=%2Fdashboard") // a browser that is not signed in
}

func TestAmoCRMsCabinetTellsTheWidgetWhatTheAccountSays(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	tab := apptest.OpenTab(t)
	entersCabinet(tab, r, annasPhone)
	opensWidgets(tab)
	portal := apptest.OpenTab(t)
	portal.SignInByCookie(r, "anna@example.com")
	linksDeal(tab, portal, r)
	tab.Wait(`/Связано \d\d\.\d\d\.\d{4} \d\d:\d\d/.test(document.getElementById("widgets").innerText)`)
	staff := apptest.OpenTab(t)
	staff.Open(amoCRMOrigin(r) + "/settings/")
	staff.Do(apptest.Evaluate(`Object.entries({title: "Мой кабинет", lang: "es", date: "yyyy/mm/dd", time: "h:MM TT", currency: "$", logo: ""}).forEach(([id, value]) => document.getElementById(id).value = value); 0`))
	staff.Click("#set-look")
	staff.Wait(`location.search === "?saved"`)
	staff.Open(amoCRMOrigin(r) + "/leads/")
	staff.Do(apptest.Evaluate(`document.querySelector("select").value = "142"; 0`))
	staff.Click("form[action='/leads/move'] button")
	// The open page hears of it without being loaded again.
	tab.Wait(`/Vinculado el \d{4}\/\d\d\/\d\d \d{1,2}:\d\d [AP]M/.test(document.getElementById("widgets").innerText) && document.getElementById("widgets").innerText.includes("Успешно реализовано") &&
		document.title === "Мой кабинет" && document.getElementById("logo").hidden && document.getElementById("lead-fields").innerText.includes("$")`)
}

// held makes the browser hold back the portal's answers about deals, to be let go by let().
const held = `(() => { const real = window.fetch; window.waiting = []; window.hold = true;
	window.fetch = (address, options) => real(address, options).then(response => hold && String(address).includes("/amocrm/")
		? new Promise(resolve => waiting.push(() => resolve(response))) : response); })(); 0`

func TestALateAnswerForAnEarlierAmoCRMDealIsDropped(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	anna := r.SignedInAs(t, "anna@example.com")
	if status, _ := typesCode(anna, r, annasDeal, asksForCode(anna)); status != http.StatusOK {
		t.Fatal(status)
	}
	tab := apptest.OpenTab(t)
	entersCabinet(tab, r, annasPhone)
	opensWidgets(tab)
	tab.Wait(theName)
	tab.Click(`[data-deal="7001002"]`)
	tab.Wait(theForm)
	tab.Do(apptest.Evaluate(held))
	tab.Click(`[data-deal="7001001"]`)
	tab.Wait(`waiting.length === 1`)
	tab.Do(apptest.Evaluate(`hold = false; 0`))
	tab.Click(`[data-deal="7001002"]`)
	tab.Wait(theForm)
	apptest.Eval[int](tab, `document.querySelector(".kabinet-form input").value = "typed"; waiting[0](); new Promise(done => setTimeout(done, 50, 0))`)
	if text := apptest.Eval[string](tab, `document.getElementById("widgets").innerText`); strings.Contains(text,
		"Анна") || !strings.Contains(text, "7001002") ||
		!apptest.Eval[bool](tab, `document.querySelector(".kabinet-form input").value === "typed"`) {
		t.Errorf("after the late answer: %q", text)
	}
	tab.Do(apptest.Evaluate(`history.back(); 0`))
	tab.Wait(theName)
}

func TestWithoutTheBackendAmoCRMsWidgetSaysOneCalmSentence(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	tab := apptest.OpenTab(t)
	staff := apptest.OpenTab(t)
	claims := func(set string) {
		staff.Open(amoCRMOrigin(r) + "/_sandbox/settings")
		staff.Click(`[name=claims][value=` + set + `]`)
		staff.Click("#set-tokens")
		staff.Wait(`location.search === "?saved"`)
	}
	claims("foreign")
	entersCabinet(tab, r, annasPhone)
	opensWidgets(tab)
	const sentence = `document.querySelector(".kabinet-trouble")?.textContent === `
	tab.Wait(sentence + `"Доступ к сделке устарел. Обновите страницу или повторите."`)
	if apptest.Eval[int](tab, `document.querySelectorAll(".kabinet-portal a[target=_blank][rel=noopener]").length`) != 1 {
		t.Error("there is no way to the portal")
	}
	claims("text")
	tab.Click(`[data-deal="7001002"]`)
	tab.Wait(theForm)
	tab.Do(apptest.Evaluate(`window.real = window.fetch; window.fetch = (address, options) => String(address).includes("/amocrm/") ? Promise.reject(new TypeError("off")) : real(address, options); 0`))
	tab.Click(`[data-deal="7001001"]`)
	tab.Wait(sentence + `"Личный кабинет сейчас не отвечает."`)
	tab.Do(apptest.Evaluate(`window.fetch = real; 0`))
	tab.Click(".widget button")
	tab.Wait(theForm)
	tab.Do(chromedp.SendKeys(chromedp.CSS(`.kabinet-form input`), "ACDE-FGHJ"))
	tab.Click(".kabinet-form button")
	tab.Wait(`document.querySelector(".kabinet-wrong").textContent.startsWith("Такого кода нет") && document.querySelector(".kabinet-form input").value === "ACDE-FGHJ"`)
}

func TestAHundredAmoCRMDealsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	for rejoins, times := range map[bool]int{true: 100, false: 20} { // made anew, and surviving
		r := prepared(t)
		if !rejoins {
			response := r.Client(t).Do(http.MethodPost, "/_sandbox/settings",
				url.Values{"claims": {"card"}, "life": {"1800"}}, func(request *http.Request) {
					request.URL.Host, request.Host = r.Addr, strings.TrimPrefix(amoCRMOrigin(r), "http://")
					request.Header.Set("Origin", amoCRMOrigin(r))
				})
			if response.StatusCode != http.StatusSeeOther {
				t.Fatal(response.Status)
			}
		}
		tab := apptest.OpenTab(t)
		entersCabinet(tab, r, annasPhone)
		opensWidgets(tab)
		tab.Wait(theForm)
		const left = `JSON.stringify([requirejs("store").listening(), document.querySelectorAll("*").length, document.querySelectorAll(".widget").length])`
		before := apptest.Eval[string](tab, left)
		// Answers are made up here: the portal would, rightly, refuse so many.
		tab.Do(apptest.Evaluate(`(() => { const real = window.fetch; window.asked = 0; window.fetch = (address, options) => String(address).includes("/amocrm/")
			? (asked++, Promise.resolve(new Response('{"linked":false}', {headers: {"Content-Type": "application/json"}}))) : real(address, options); })(); 0`))
		apptest.Eval[int](tab, `(async () => { const there = async () => { for (;;) { if (`+cabinetReady+` && `+theForm+`) return; await new Promise(done => setTimeout(done, 1)); } };
			for (let i = 1; i <= `+strconv.Itoa(times)+`; i++) { document.querySelector('#deals a:not([aria-current])').click(); await there(); } return 0; })()`)
		if after := apptest.Eval[string](tab, left); after != before || apptest.Eval[int](tab, `asked`) != times {
			t.Errorf("made anew %v: before %s, after %s; asked %d times", rejoins, before, after,
				apptest.Eval[int](tab, `asked`))
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
func repacked(t *testing.T, r *apptest.Program, page string) string {
	t.Helper()
	archive, err := amocrm.WidgetArchive(r.URL, "", "2.0.0")
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

func TestAmoCRMsCabinetKeepsTheOrderOfCalls(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	tab := apptest.OpenTab(t)
	tab.Open(amoCRMOrigin(r) + "/integrations/")
	tab.Do(chromedp.SetUploadFiles(chromedp.ID("archive"), []string{repacked(t, r, recorder)}))
	tab.Click("#upload")
	tab.Wait(`document.getElementById("widget")?.innerText.includes("2.0.0")`)
	entersCabinet(tab, r, annasPhone)
	tab.Wait(`window.calls?.includes("initLead 7001001 7001001")`)
	opensWidgets(tab)
	tab.Click(`[data-deal="7001002"]`)
	tab.Wait(`window.calls.at(-1).startsWith("slot js-") && window.calls.includes("initLead 7001002 7001002")`)
	tab.Click("#widgets-button")
	tab.Wait(`window.calls.at(-1) === "slot destroyed"`)
	const slot = "slot js-widget-bar-item-container true"
	want := fmt.Sprint([]string{
		"module", "lead 7001001", "initLead 7001001 7001001", slot, "slot destroyed", "destroyed 7001001",
		"lead 7001002", "initLead 7001002 7001002", slot, "slot destroyed",
	})
	if got := fmt.Sprint(apptest.Eval[[]string](tab, `window.calls`)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The module of the vendor's page, in an archive of an integration of its own, stands beside ours.
func TestAmoCRMsSampleRunsUnchangedBesideAnotherWidget(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile(filepath.Join("testdata", "amocrm-personal-page.js"))
	if err != nil {
		t.Fatal(err)
	}
	r := prepared(t)
	tab := apptest.OpenTab(t)
	tab.Open(amoCRMOrigin(r) + "/integrations/")
	tab.Click("#add")
	tab.Wait(`document.getElementById("archive-2")`)
	tab.Do(chromedp.SetUploadFiles(chromedp.ID("archive-2"), []string{repacked(t, r, string(sample))}))
	tab.Click("#upload-2")
	tab.Wait(`document.querySelectorAll("#warnings-2 li").length === 4 && document.getElementById("warnings-2").innerText.includes("personal_page.js, строка 12: console.warn")`)
	tab.Click("#install-2")
	tab.Wait(`document.getElementById("remove-2")`)
	clientID := apptest.Eval[string](tab, `document.querySelectorAll(".keys")[1].querySelector("code").innerText`)
	entersCabinet(tab, r, annasPhone)
	opensWidgets(tab)
	tab.Wait(`document.querySelectorAll(".widget").length === 2 && document.querySelectorAll(".widget")[1].innerText.includes("Hello world!") && ` + theForm)
	tokens := apptest.Eval[[]string](tab, `fetch("/api/leads/7001001").then((a) => a.json()).then((a) => a.widgets.map((w) => JSON.parse(atob(w.token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).client_uuid))`)
	if len(tokens) != 2 || tokens[0] != amocrmsandbox.DefaultClientID || tokens[1] != clientID {
		t.Errorf("the tokens are of %v, the integration is %s", tokens, clientID)
	}
	tab.Open(amoCRMOrigin(r) + "/integrations/")
	tab.Click("#delete-2")
	tab.Wait(`location.search === "?saved" && !document.getElementById("archive-2")`)
}

// slow is a widget whose initLead is over when the test says so, or fails; it notes its calls where they outlive the page.
const slow = `define(['amocrm-sdk'], (init) => {
  const { methods } = init({ version: '1.0.0' });
  const note = (what) => { localStorage.calls = (localStorage.calls || '') + what + '\n'; };
  methods.subscribe('lead', (lead) => note('loaded ' + lead.isLeadLoaded), { withInitialResult: true });
  return {
    async initLead() {
      const { id } = methods.getState('lead');
      note('initLead ' + id);
      await new Promise((done, fail) => Object.assign(window, { done, fail }));
      note('begun ' + id);
      return () => note('left ' + id);
    },
    registerWidgetsBarSlot(el) {
      el.textContent = 'shown';
      return () => note('slot left');
    },
  };
});
`

func TestAnAmoCRMWidgetsInitLeadMayBeAsynchronousOrThrow(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	tab := apptest.OpenTab(t)
	tab.Open(amoCRMOrigin(r) + "/integrations/")
	tab.Do(chromedp.SetUploadFiles(chromedp.ID("archive"), []string{repacked(t, r, slow)}))
	tab.Click("#upload")
	tab.Wait(`document.getElementById("widget")?.innerText.includes("2.0.0")`)
	entersCabinet(tab, r, annasPhone)
	opensWidgets(tab)
	said := func(calls ...string) string {
		return `localStorage.calls.trimEnd().endsWith(` + strconv.Quote(strings.Join(calls, "\n")) + `)`
	}
	tab.Wait(`window.done && document.querySelector(".widget .hint") && ` + said("loaded true", "initLead 7001001"))
	tab.Click(`[data-deal="7001002"]`) // before it is over: the next waits for it and its cleanup
	tab.Wait(cabinetReady + ` && ` + said("loaded false", "loaded true"))
	tab.Do(apptest.Evaluate(`{ const { done } = window; window.done = null; done(); }`))
	tab.Wait(`window.done && ` + said("begun 7001001", "left 7001001", "initLead 7001002"))
	tab.Do(apptest.Evaluate(`fail(new Error("no figures")); 0`))
	tab.Wait(`document.querySelector(".widget .wrong")?.innerText === "Виджет сообщил об ошибке: no figures" && document.querySelector(".widget").childElementCount === 2`)
	tab.Do(apptest.Evaluate(`window.done = null`))
	tab.Click(`[data-deal="7001001"]`)
	tab.Wait(`window.done`)
	tab.Do(apptest.Evaluate(`done(); 0`))
	tab.Wait(`document.querySelector(".widget").innerText.includes("shown")`)
	tab.Click("#sign-out")
	tab.Wait(`document.readyState === "complete" && document.getElementById("phone") && ` + said("begun 7001001", "slot left", "left 7001001"))
}

// The module of the vendor's page, as it stands there.
func TestAmoCRMsSampleRunsUnchangedAsALocalWidget(t *testing.T) {
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
	tab := apptest.OpenTab(t)
	entersCabinet(tab, r, annasPhone)
	tab.Do(apptest.Evaluate(`window.warned = []; console.warn = (...what) => warned.push(what.join("")); window.AMOCRM.developer.addWidget({script: "` + address + `", token: "foo"})`))
	tab.Wait(`document.getElementById("widgets")?.innerText.includes("Hello world!")`)
	if got := apptest.Eval[int](tab, `document.querySelectorAll(".widget").length`); got != 1 {
		t.Errorf("%d widgets show", got)
	}
	warned := strings.Join(apptest.Eval[[]string](tab, `warned`), "\n")
	if !regexp.MustCompile(`^WIDGET: initLead with token: foo\nWIDGET registerWidgetsBarSlot inited at \d\d:\d\d$`).MatchString(warned) {
		t.Errorf("it says %q", warned)
	}
	// Edited, it is added again.
	edited.Store(true)
	tab.Do(apptest.Evaluate(`window.AMOCRM.developer.addWidget({script: "` + address + `", token: "foo"})`))
	tab.Wait(`document.getElementById("widgets")?.innerText.includes("Hello again!")`)
	// Another deal takes it away, and the installed one comes back only with the page.
	tab.Click(`[data-deal="7001002"]`)
	tab.Wait(`warned.at(-1) === "WIDGET: initLead destroyed" && ` + cabinetReady)
	if apptest.Eval[bool](tab, `document.getElementById("widgets-button") !== null`) {
		t.Error("a widget is shown")
	}
	tab.Open(clientCabinet(r) + "/")
	opensWidgets(tab)
	tab.Wait(theForm)
	// Our own widget meets what developers pass: the portal refuses it.
	tab.Do(apptest.Evaluate(`window.AMOCRM.developer.addWidget({script: "/widgets/` + amocrmsandbox.DefaultClientID + `/1.0.0/personal_page.js", token: "foo"})`))
	tab.Wait(`document.querySelector(".kabinet-trouble")`)
}

func TestEveryModuleThatAmoCRMDeclaresIsThere(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	tab := apptest.OpenTab(t)
	entersCabinet(tab, r, annasPhone)
	got := apptest.Eval[string](tab, `new Promise((done) => { requirejs(['amocrm-sdk', 'import-modules', 'jquery', 'react', 'react-dom', '@reduxjs/toolkit', 'react-redux',
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
			while (!root.textContent.includes('2')) await new Promise((next) => setTimeout(next, 5));
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

func TestAnAmoCRMWidgetThatDoesNotLoadHarmsNothingElse(t *testing.T) {
	t.Parallel()
	r := prepared(t)
	if err := amoCRMSandbox(r).Faults().Set("widget-script",
		sandbox.Fault{Status: http.StatusBadGateway, Times: 1}); err != nil {
		t.Fatal(err)
	}
	tab := apptest.OpenTab(t)
	entersCabinet(tab, r, annasPhone)
	opensWidgets(tab)
	tab.Wait(`document.querySelector(".widget .wrong")?.textContent === "Виджет не загрузился."`)
	tab.Click(`[data-deal="7001002"]`)
	tab.Wait(theForm)
	if err := amoCRMSandbox(r).Faults().Set("deal",
		sandbox.Fault{Status: http.StatusBadGateway, Times: 1}); err != nil {
		t.Fatal(err)
	}
	tab.Click(`[data-deal="7001001"]`)
	tab.Wait(`!document.getElementById("trouble").hidden && document.getElementById("main").childElementCount === 0 && !document.getElementById("lead-fields") && requirejs("store").get("authors") === null`)
	tab.Click(`[data-deal="7001001"]`) // again
	tab.Wait(theForm + ` && document.getElementById("trouble").hidden`)

	// A listener that throws, and a mere fragment, change nothing.
	tab.Do(apptest.Evaluate(`requirejs(["amocrm-sdk"], (init) => init({version: "1.0.0"}).methods.subscribe("lead", (lead) => lead.id.length)); location.hash = "x"; document.querySelector(".kabinet-form input").value = "typed"; 0`))
	tab.Wait(`document.querySelector(".kabinet-form input").value === "typed" && location.hash === "#x"`)
	tab.Click(`[data-deal="7001002"]`)
	tab.Wait(`document.getElementById("widgets").innerText.includes("7001002") && document.querySelector("#deals [aria-current]").dataset.deal === "7001002" && ` + theForm)

	// Whoever presses keeps their place.
	tab.Do(apptest.Evaluate(`document.querySelector(".kabinet-form input").focus(); 0`),
		chromedp.KeyEvent("ACDEFGHJ\r"))
	tab.Wait(`document.querySelector(".kabinet-wrong").textContent && document.activeElement.name === "code"`)
	tab.Do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
	tab.Wait(`document.activeElement.textContent === "Связать" && document.activeElement.getAttribute("aria-disabled") === "false"`)

	// A local widget that is added while a deal is loading waits for nothing and breaks nothing.
	tab.Do(apptest.Evaluate(`(() => { const real = window.fetch; window.fetch = (address, options) => /leads.7001001$/.test(address) ? new Promise(done => window.go = done).then(() => real(address, options)) : real(address, options); })(); 0`))
	tab.Click(`[data-deal="7001001"]`)
	tab.Wait(`window.go`)
	tab.Do(apptest.Evaluate(`window.AMOCRM.developer.addWidget({script: "/widgets/` + amocrmsandbox.DefaultClientID + `/1.0.0/personal_page.js", token: ""}); go(); 0`))
	tab.Wait(cabinetReady + ` && document.getElementById("lead-fields") && document.querySelector(".kabinet-trouble") && document.querySelectorAll(".widget").length === 1`)
}

// The SMS arrives where the widget for it is.
func TestAnSMSIsToldToAmoCRMsSMSWidget(t *testing.T) {
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
		return r.Client(t).Do(http.MethodPost, path, form, func(request *http.Request) {
			request.URL.Host, request.Host = r.Addr, strings.TrimPrefix(origin, "http://")
			request.Header.Set("Origin", origin)
		})
	}
	if got := post(amoCRMOrigin(r), "/integrations/endpoint",
		url.Values{"endpoint": {"https://sms.example.com/send"}}); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("elsewhere: %s", got.Status)
	}
	apptest.Redirected(t, post(amoCRMOrigin(r), "/integrations/endpoint",
		url.Values{"endpoint": {widget.URL + "/send"}}), "/integrations/?saved#sms")
	apptest.Redirected(t, post(clientCabinet(r), "/sign-in", url.Values{"phone": {"8 (912) 000-00-01"}}), "/code")
	mu.Lock()
	defer mu.Unlock()
	if told.Get("phone") != annasPhone ||
		!regexp.MustCompile(`^Код для входа в личный кабинет - \d{6}$`).MatchString(told.Get("text")) ||
		told.Get("token") == "" {
		t.Errorf("it is told %v", told)
	}
	verifier, err := amocrm.NewVerifier(amocrm.Config{ClientID: amocrmsandbox.DefaultClientID,
		ClientSecret: secret.New(amocrmsandbox.DefaultClientSecret), Audience: r.URL})
	if err != nil {
		t.Fatal(err)
	}
	account, id, err := verifier.VerifyDisposable(told.Get("token"))
	if err != nil || account != amocrmsandbox.DefaultAccountID || len(id) != 36 {
		t.Errorf("its token is of %d, %q: %v", account, id, err)
	}
	if _, err := verifier.Verify(t.Context(), told.Get("token")); err == nil {
		t.Error("it opens a deal")
	}
	// A number that is in no deal gets the same answer, and no SMS.
	apptest.Redirected(t, post(clientCabinet(r), "/sign-in", url.Values{"phone": {"+79990000000"}}), "/code")
	if amoCRMSandbox(r).LastSMS("79990000000") != "" {
		t.Error("an SMS has gone to nobody")
	}
}

// amoCRMPlaces are the pages and states of the deals, the account's side and the client cabinet.
func amoCRMPlaces() []place {
	prepare := func(t *apptest.Tab, r *apptest.Program) {
		t.TB.Helper()
		if err := amoCRMSandbox(r).Prepare(); err != nil {
			t.TB.Fatal(err)
		}
	}
	inCabinetOf := func(then func(t *apptest.Tab, r *apptest.Program)) func(*apptest.Tab, *apptest.Program) {
		return func(t *apptest.Tab, r *apptest.Program) {
			prepare(t, r)
			entersCabinet(t, r, annasPhone)
			opensWidgets(t)
			then(t, r)
		}
	}
	staff := func(path string) func(*apptest.Tab, *apptest.Program) {
		return func(t *apptest.Tab, r *apptest.Program) { t.Open(amoCRMOrigin(r) + path) }
	}
	return []place{
		{"deals-none", "anna@example.com", at("/profile", `document.getElementById("amocrm")`)},
		{"deals-linked", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			for i, deal := range []int64{annasDeal, annasOther} {
				linksBehindTheScenes(r, t.TB, 1, deal, byte(i))
			}
			t.Open(r.URL + "/profile?saved=amocrm.unlinked#amocrm")
		}},
		{"deals-code", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/profile")
			t.Click("#amocrm-code")
			t.Wait(`document.getElementById("code")`)
		}},
		{"deals-dashboard", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			linksBehindTheScenes(r, t.TB, 1, annasDeal, 1)
			t.Open(r.URL + "/dashboard")
		}},
		{"deals-admin", "admin@example.com", at("/admin/amocrm", "true")},
		{"deals-admin-wrong", "admin@example.com", at("/admin/amocrm/widget.zip?version=x", "true")},
		{"deals-admin-user", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			linksBehindTheScenes(r, t.TB, 1, annasDeal, 1)
			t.Open(r.URL + "/admin/users/1/amocrm?unlinked")
		}},
		{"amocrm-desk", "", staff("/_sandbox/")},
		{"amocrm-settings", "", staff("/settings/")},
		{"amocrm-settings-no-sms", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(amoCRMOrigin(r) + "/settings/")
			t.Click(`[name=tariff][value=extended]`)
			t.Click("#set-tariff")
			t.Wait(`document.getElementById("no-sms")`)
		}},
		{"amocrm-settings-on", "", func(t *apptest.Tab, r *apptest.Program) {
			prepare(t, r)
			t.Open(amoCRMOrigin(r) + "/settings/")
		}},
		{"amocrm-integrations", "", staff("/integrations/")},
		{"amocrm-integrations-two", "", func(t *apptest.Tab, r *apptest.Program) {
			prepare(t, r)
			t.Open(amoCRMOrigin(r) + "/integrations/")
			t.Click("#add")
			t.Wait(`document.getElementById("archive-2")`)
			archive, err := amocrm.WidgetArchive(r.URL, "", "")
			if err != nil {
				t.TB.Fatal(err)
			}
			files, _ := amocrm.Unpack(archive)
			files["personal_page.js"] = append(files["personal_page.js"], "console.log(1);\n"...)
			t.Do(chromedp.SetUploadFiles(chromedp.ID("archive-2"), []string{zipped(t.TB, files)}))
			t.Click("#upload-2")
			t.Wait(`document.getElementById("warnings-2")`)
		}},
		{"amocrm-integrations-refused", "", func(t *apptest.Tab, r *apptest.Program) {
			prepare(t, r)
			t.Open(amoCRMOrigin(r) + "/integrations/")
			t.Do(chromedp.SetUploadFiles(chromedp.ID("archive"), []string{brokenArchive(t.TB, r)}))
			t.Click("#upload")
			t.Wait(`document.getElementById("refused")`)
		}},
		{"amocrm-leads", "", staff("/leads/")},
		{"amocrm-tokens", "", staff("/_sandbox/settings?saved")},
		{"amocrm-sms", "", func(t *apptest.Tab, r *apptest.Program) {
			prepare(t, r)
			entersCabinet(t, r, annasPhone)
			t.Open(amoCRMOrigin(r) + "/_sandbox/sms")
		}},
		{"amocrm-limits", "", staff("/_sandbox/limits")},
		{"amocrm-closed", "", func(t *apptest.Tab, r *apptest.Program) { t.Open(clientCabinet(r) + "/") }},
		{"amocrm-sign-in", "", func(t *apptest.Tab, r *apptest.Program) {
			prepare(t, r)
			t.Open(clientCabinet(r) + "/")
			t.Fill("phone", "12")
			t.Click("#go")
			t.Wait(`document.querySelector(".wrong")`)
		}},
		{"amocrm-code", "", func(t *apptest.Tab, r *apptest.Program) {
			prepare(t, r)
			t.Open(clientCabinet(r) + "/")
			t.Fill("phone", annasPhone)
			t.Click("#go")
			t.Fill("code", "000000")
			t.Click("#go")
			t.Wait(`document.querySelector(".wrong")`)
		}},
		{"amocrm-cabinet", "", inCabinetOf(func(t *apptest.Tab, _ *apptest.Program) { t.Wait(theForm) })},
		{"amocrm-cabinet-linked", "", func(t *apptest.Tab, r *apptest.Program) {
			linksBehindTheScenes(r, t.TB, 1, annasDeal, 1)
			inCabinetOf(func(t *apptest.Tab, _ *apptest.Program) { t.Wait(theName) })(t, r)
		}},
		{"amocrm-cabinet-trouble", "", inCabinetOf(func(t *apptest.Tab, _ *apptest.Program) {
			t.Wait(theForm)
			t.Do(apptest.Evaluate(`window.AMOCRM.developer.addWidget({script: "/widgets/` + amocrmsandbox.DefaultClientID + `/1.0.0/personal_page.js", token: "foo"})`))
			t.Wait(`document.querySelector(".kabinet-trouble")`)
		})},
	}
}

// brokenArchive is one that breaks several rules.
func brokenArchive(tb testing.TB, r *apptest.Program) string {
	tb.Helper()
	archive, err := amocrm.WidgetArchive(r.URL, "", "")
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
func linksBehindTheScenes(r *apptest.Program, tb testing.TB, userID, deal int64, n byte) {
	tb.Helper()
	ctx := context.Background()
	u, err := r.DB.User(ctx, userID)
	session, code := store.TokenHash{200, n}, store.TokenHash{201, n}
	if err == nil {
		err = r.DB.CreateSession(ctx, store.NewSession{Token: session, UserID: userID,
			Proof: store.Proof(u.PasswordHash)})
	}
	if err == nil {
		err = r.DB.SetAmoCRMCode(ctx, userID, session, code, store.Actor{})
	}
	if err == nil {
		err = r.DB.LinkAmoCRMDeal(ctx, code, store.AmoCRMDeal{AccountID: amocrmsandbox.DefaultAccountID, DealID: deal},
			"192.0.2.1")
	}
	if err != nil {
		tb.Fatal(err)
	}
}
