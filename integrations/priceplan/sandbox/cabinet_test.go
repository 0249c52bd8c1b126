package sandbox

import (
	"kabinet/integrations/priceplan/claims"

	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// send sends a form of the cabinet's, as its page would: with a number that is new.
func (b *box) send(cookie, path, form string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.ask("POST", path, form+"&form="+randomText(20), append(headers, "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded")...)
}

func TestAPersonTopsUpByCardAndIsRefused(t *testing.T) {
	t.Parallel()
	b := open(t)
	anna, vector := b.customer("1001"), b.customer("1002")
	begin := func() string {
		t.Helper()
		w := b.send(anna, "/topup/", "as=person&amount=1+500,50")
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/topup/") {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		return w.Header().Get("Location")
	}
	refused := begin()
	w := b.send(anna, refused, "card="+url.QueryEscape(cards[1].Number), "Accept-Language", "ru")
	if w.Code != http.StatusPaymentRequired || !strings.Contains(w.Body.String(), "недостаточно средств") || b.balance(1001) != 3678_50 {
		t.Errorf("refused: %d, balance %d", w.Code, b.balance(1001))
	}
	// A refusal stands: another card needs another payment.
	if b.send(anna, refused, "card="+url.QueryEscape(cards[0].Number)); b.balance(1001) != 3678_50 {
		t.Error("a refused payment was paid")
	}
	paid := begin()
	if w := b.send(vector, paid, "card="+url.QueryEscape(cards[0].Number)); w.Code != http.StatusNotFound {
		t.Errorf("another's payment: %d", w.Code)
	}
	if w := b.ask("GET", paid, "", "Cookie", vector); w.Code != http.StatusNotFound {
		t.Errorf("the page of another's payment: %d", w.Code)
	}
	for range 2 {
		if w := b.send(anna, paid, "card="+url.QueryEscape(cards[0].Number)); w.Header().Get("Location") != "/?done=paid" {
			t.Errorf("paid: %d %v", w.Code, w.Header())
		}
	}
	if got := b.balance(1001); got != 3678_50+1500_50 {
		t.Errorf("the balance is %d", got)
	}
	b.agrees(1001)
}

func TestALegalEntityTopsUpByInvoice(t *testing.T) {
	t.Parallel()
	b := open(t)
	vector, anna := b.customer("1002"), b.customer("1001")
	w := b.send(vector, "/topup/", "as=legal&amount=1200")
	place := w.Header().Get("Location")
	if !strings.HasPrefix(place, "/documents/") || b.balance(1002) != 450_00 {
		t.Fatalf("%d %s, balance %d", w.Code, place, b.balance(1002))
	}
	pdf := b.ask("GET", place+"download/", "", "Cookie", vector, "Accept-Language", "ru")
	if text := textOf(t, pdf.Body.Bytes()); !strings.Contains(text, "1200.00") || !strings.Contains(folded(text), folded("не оплачен")) || strings.HasSuffix(folded(text), folded("песочница")) {
		t.Errorf("the invoice says %q", text)
	}
	for _, path := range []string{place, place + "download/"} {
		if w := b.ask("GET", path, "", "Cookie", anna); w.Code != http.StatusNotFound {
			t.Errorf("another's %s: %d", path, w.Code)
		}
	}
	number := strings.Trim(strings.TrimPrefix(place, "/documents/"), "/")
	if page := b.ask("GET", "/_sandbox/", "").Body.String(); !strings.Contains(page, "/_sandbox/invoices/"+number+"/paid") {
		t.Error("the desk does not show the invoice")
	}
	if w := b.ask("POST", "/_sandbox/invoices/"+number+"/paid", "", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden || b.balance(1002) != 450_00 {
		t.Errorf("paid from another site: %d", w.Code)
	}
	for range 2 {
		if w := b.ask("POST", "/_sandbox/invoices/"+number+"/paid", ""); w.Code != http.StatusSeeOther {
			t.Errorf("paid: %d", w.Code)
		}
	}
	if got := b.balance(1002); got != 450_00+1200_00 {
		t.Errorf("the balance is %d", got)
	}
	b.agrees(1002)
}

func TestAFormOfTheCabinetIsTakenOnceAndFromItsOwnPagesOnly(t *testing.T) {
	t.Parallel()
	b := open(t)
	anna, one := b.customer("1001"), randomText(20)
	post := func(form string, headers ...string) int {
		return b.ask("POST", "/subscriptions/", form, append(headers, "Cookie", anna, "Content-Type", "application/x-www-form-urlencoded")...).Code
	}
	for range 3 {
		if code := post("product=3&form=" + one); code != http.StatusSeeOther {
			t.Errorf("sent: %d", code)
		}
	}
	// One who has gone back and chosen something else gets that.
	if code := post("product=99&form=" + one); code != http.StatusUnprocessableEntity {
		t.Errorf("with something else: %d", code)
	}
	if code := post("product=3"); code != http.StatusBadRequest {
		t.Errorf("no form of the cabinet's: %d", code)
	}
	if code := post("product=3&form="+randomText(20), "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); code != http.StatusForbidden {
		t.Errorf("from another site: %d", code)
	}
	if code := post("product=3&form="+randomText(20), "Origin", portal, "Sec-Fetch-Site", "cross-site"); code != http.StatusForbidden {
		t.Errorf("from the portal: %d", code)
	}
	if code := post("product=3&form=" + randomText(20) + "&x=" + strings.Repeat("x", maxBody)); code != http.StatusBadRequest {
		t.Errorf("too long: %d", code)
	}
	if got := b.balance(1001); got != 3678_50-199_90 {
		t.Errorf("the balance is %d: it was done more than once, or not at all", got)
	}
}

// Whoever has signed out can do nothing more, not even by a form that was on its way.
func TestAFormThatIsStillSentWhenItsSessionEndsDoesNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *box, cookie string){
		"a sign-out": func(b *box, cookie string) {
			if w := b.ask("POST", "/logout/", "", "Cookie", cookie); w.Header().Get("Location") != "/logged-out/" {
				b.t.Errorf("signing out: %d %v", w.Code, w.Header())
			}
		},
		"a reset": func(b *box, _ string) { b.Reset() },
	} {
		b := open(t)
		anna, before := b.customer("1001"), len(b.state.documents())
		body, rest := io.Pipe()
		r := httptest.NewRequest("POST", "/topup/", body)
		r.Host = "demo-lk.priceplan.localhost:8081"
		r.Header.Set("Cookie", anna)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w, done := httptest.NewRecorder(), make(chan struct{})
		go func() {
			defer close(done)
			defer body.Close() // or what is written below would wait for ever
			b.ServeHTTP(w, r)
		}()
		_, _ = io.WriteString(rest, "as=legal&amount=100") // comes back when it is read: by then the session was found
		end(b, anna)
		_, _ = io.WriteString(rest, "&form="+randomText(20))
		_ = rest.Close()
		<-done
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		if after := len(b.state.documents()); after != before {
			t.Errorf("%s: there were %d documents, now %d", name, before, after)
		}
		b.agrees(1001)
	}
}

func TestWhatIsTypedWrongIsSaidBesideWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := open(t)
	anna := b.customer("1001")
	for _, amount := range []string{"", "0", "-5", "10000000.01", "<b>", "1e5"} {
		w := b.send(anna, "/topup/", "as=legal&amount="+url.QueryEscape(amount), "Accept-Language", "ru")
		if page := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "Введите сумму") || strings.Contains(page, "<b>") {
			t.Errorf("%q: %d", amount, w.Code)
		}
	}
	fresh := b.customer("1003")
	if page := b.ask("GET", "/subscriptions/new/?product=1", "", "Cookie", fresh, "Accept-Language", "ru").Body.String(); !strings.Contains(page, "не хватает") || !strings.Contains(page, "/topup/?amount=450.00") || strings.Contains(page, `id="confirm"`) {
		t.Error("one without money may confirm, or is not led to topping up")
	}
	if w := b.send(fresh, "/subscriptions/", "product=1"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("subscribing without money: %d", w.Code)
	}
	if w := b.send(anna, "/topup/", "amount=100"); w.Code != http.StatusBadRequest {
		t.Errorf("as nobody: %d", w.Code)
	}
	if w := b.send(anna, "/subscriptions/5003/", "do=stopped"); w.Code != http.StatusNotFound {
		t.Errorf("another's subscription: %d", w.Code)
	}
	if w := b.send(anna, "/subscriptions/5001/", "do=given+away"); w.Code != http.StatusBadRequest {
		t.Errorf("something else: %d", w.Code)
	}
}

func TestTheCabinetsPagesAreForTheirCustomer(t *testing.T) {
	t.Parallel()
	b := open(t)
	anna := b.customer("1001")
	for _, path := range []string{"/", "/topup/", "/subscriptions/new/", "/subscriptions/5001/", "/documents/9001/", "/documents/9001/download/"} {
		if w := b.ask("GET", path, "", "Cookie", anna); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
		if w := b.ask("GET", path, ""); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without a session: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/documents/4242/", "/documents/x/download/", "/subscriptions/5003/", "/topup/nonsense/", "/nothing"} {
		if w := b.ask("GET", path, "", "Cookie", anna); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// set sends the form of the settings, all of it.
func (b *box) set(change func(url.Values)) *httptest.ResponseRecorder {
	b.t.Helper()
	v := url.Values{"widget": {"on"}, "auth_by_link": {"on"}, "partitioned": {"on"}, "domains": {"localhost"}, "frame_origins": {portal}}
	change(v)
	return b.ask("POST", "/_sandbox/settings", v.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func TestTheSettingsHold(t *testing.T) {
	t.Parallel()
	const widgets = "/media/js/public_widgets/pp_widgets.js"
	widget := "/widget/cabinet/?url_auth=" + url.QueryEscape(portal+"/pp-auth/")
	for name, tt := range map[string]struct {
		change func(url.Values)
		code   int // of the answer to the form; 303 when it is right
		check  func(*box) string
	}{
		"the widget off": {func(v url.Values) { v.Del("widget") }, 303, func(b *box) string { return strconv.Itoa(b.ask("GET", widget, "").Code) + " want 403" }},
		"the widget on":  {func(url.Values) {}, 303, func(b *box) string { return strconv.Itoa(b.ask("GET", widget, "").Code) + " want 302" }},
		"no authorization by link": {func(v url.Values) { v.Del("auth_by_link") }, 303, func(b *box) string {
			return strconv.Itoa(b.ask("GET", "/auth-key/"+b.key("1001")+"/", "", "Referer", portal).Code) + " want 403"
		}},
		"another domain": {func(v url.Values) { v.Set("domains", "portal.example.com, www.example.com") }, 303, func(b *box) string {
			w := b.ask("GET", "/auth-key/"+b.key("1001")+"/", "", "Referer", portal)
			return strconv.FormatBool(strings.Contains(w.Body.String(), claims.HostRefused)) + " want true"
		}},
		"its second domain": {func(v url.Values) { v.Set("domains", "portal.example.com, WWW.example.com") }, 303, func(b *box) string {
			return strconv.Itoa(b.ask("GET", "/auth-key/"+b.key("1001")+"/", "", "Referer", "https://www.example.com/").Code) + " want 302"
		}},
		"any domain": {func(v url.Values) { v.Set("domains", "*") }, 303, func(b *box) string {
			return strconv.Itoa(b.ask("GET", "/auth-key/"+b.key("1001")+"/", "", "Referer", "https://anything.example/").Code) + " want 302"
		}},
		"any domain, and none": {func(v url.Values) { v.Set("domains", "*") }, 303, func(b *box) string {
			return strconv.Itoa(b.ask("GET", "/auth-key/"+b.key("1001")+"/", "").Code) + " want 302"
		}},
		"other origins": {func(v url.Values) { v.Set("frame_origins", "https://a.example http://b.example:8080") }, 303, func(b *box) string {
			return b.ask("GET", "/", "").Header().Get("Content-Security-Policy") + " want default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self' https://a.example:* http://b.example:8080"
		}},
		"any origin": {func(v url.Values) { v.Set("frame_origins", "*") }, 303, func(b *box) string {
			policy := b.ask("GET", "/", "").Header().Get("Content-Security-Policy")
			page := b.ask("GET", "/", "", "Cookie", b.customer("1001")).Body.String()
			return strconv.FormatBool(strings.HasSuffix(policy, "; frame-ancestors 'self' *") && strings.Contains(page, `data-portals="*"`)) + " want true"
		}},
		"the vendor's example of CSS, which takes the sign-out away": {func(v url.Values) { v.Set("css", "#logout_from_cabimet { display: none }") }, 303, func(b *box) string {
			page := b.ask("GET", "/", "", "Cookie", b.customer("1001")).Body.String()
			return strconv.FormatBool(strings.Contains(page, `<form id="logout_from_cabimet" method="post" action="/logout/">`)) + " want true"
		}},
		"added CSS": {func(v url.Values) { v.Set("css", "h1 { color: red }") }, 303, func(b *box) string {
			page := b.ask("GET", "/", "", "Cookie", b.customer("1001")).Body.String()
			return strconv.FormatBool(strings.Contains(page, `href="/custom.css"`) && b.ask("GET", "/custom.css", "").Body.String() == "h1 { color: red }") + " want true"
		}},
		"an unpartitioned cookie": {func(v url.Values) { v.Del("partitioned") }, 303, func(b *box) string {
			w := b.ask("GET", "/auth-key/"+b.key("1001")+"/", "", "Referer", portal)
			return strconv.FormatBool(w.Result().Cookies()[0].Partitioned) + " want false"
		}},
		"a frame that begins at the portal": {func(v url.Values) { v.Set("from_portal", "on") }, 303, func(b *box) string {
			return strconv.FormatBool(strings.Contains(b.ask("GET", widgets, "").Body.String(), "frame.src = true ? auth")) + " want true"
		}},
		"a frame that begins at the portal, with the widget off": {func(v url.Values) { v.Set("from_portal", "on"); v.Del("widget") }, 303, func(b *box) string {
			return strconv.FormatBool(strings.Contains(b.ask("GET", widgets, "").Body.String(), "frame.src = false ? auth")) + " want true"
		}},
		"an invalid domain":       {func(v url.Values) { v.Set("domains", "https://portal.example.com/") }, 422, nil},
		"an origin with a path":   {func(v url.Values) { v.Set("frame_origins", "https://portal.example.com/path") }, 422, nil},
		"a policy in the origins": {func(v url.Values) { v.Set("frame_origins", "https://a.example; script-src") }, 422, nil},
		"too much CSS":            {func(v url.Values) { v.Set("css", strings.Repeat("x", maxCSS+1)) }, 422, nil},
	} {
		b := open(t)
		if w := b.set(tt.change); w.Code != tt.code {
			t.Errorf("%s: %d", name, w.Code)
			continue
		}
		if tt.check == nil {
			if w := b.ask("GET", widget, ""); w.Code != http.StatusFound {
				t.Errorf("%s: it changed something", name)
			}
			continue
		}
		if got, want, _ := strings.Cut(tt.check(b), " want "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		b.Reset()
		if b.settings.Get() != settingsFor([]string{portal}) {
			t.Errorf("%s: a reset does not bring the first settings back", name)
		}
	}
}

func TestTheCalendarMovesByTheDesk(t *testing.T) {
	t.Parallel()
	b := open(t)
	anna := b.customer("1001")
	move := func(step string) int {
		return b.ask("POST", "/_sandbox/time", "step="+step, "Content-Type", "application/x-www-form-urlencoded").Code
	}
	if code := move("century"); code != http.StatusBadRequest {
		t.Errorf("an invalid step: %d", code)
	}
	for range 21 { // to the first of December
		move("day")
	}
	if got := b.balance(1001); got != 3678_50-1440_50 {
		t.Errorf("the balance is %d", got)
	}
	if page := b.ask("GET", "/", "", "Cookie", anna, "Accept-Language", "ru"); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "01.12.2026") {
		t.Errorf("the session ended with the calendar, or the charge is not shown: %d", page.Code)
	}
	b.Reset()
	if got := b.state.today(); !got.Equal(b.now) {
		t.Errorf("after a reset it is %v", got)
	}
}
