package app_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The demo's sandbox of amoCRM: its two hosts.
func (r *running) amoCRMOrigin() string {
	return "http://demo.amocrm.localhost" + r.addr[strings.LastIndex(r.addr, ":"):]
}

func (r *running) clientCabinet() string {
	return "http://cabinet.amocrm.localhost" + r.addr[strings.LastIndex(r.addr, ":"):]
}

var sixDigits = regexp.MustCompile(`\d{6}`)

// entersCabinet signs in to the client cabinet by SMS, and opens the accordion.
func (t *tab) entersCabinet(r *running, phone string) {
	t.tb.Helper()
	t.open(r.clientCabinet() + "/")
	t.fill("phone", phone)
	t.click("#go")
	t.wait(`document.readyState === "complete" && document.getElementById("code")`)
	t.fill("code", sixDigits.FindString(r.AmoCRM.LastSMS(strings.TrimPrefix(phone, "+"))))
	t.click("#go")
	t.wait(`document.getElementById("cabinet")?.dataset.state === "ready"`)
}

func TestADealIsLinkedByACodeFromThePortal(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	if err := r.AmoCRM.Prepare(); err != nil {
		t.Fatal(err)
	}
	tab := openTab(t)
	tab.entersCabinet(r, "+79120000001")
	tab.click("#widgets-button")
	tab.wait(`document.querySelector(".kabinet-form")`)
	tab.picture("x1")
	portal := tab.sibling()
	portal.signIn(r, "anna@example.com")
	portal.open(r.url + "/profile")
	portal.click("#amocrm-code")
	portal.wait(`document.getElementById("code")`)
	portal.picture("x2")
	code := eval[string](portal, `document.getElementById("code").textContent`)
	tab.do(chromedp.SendKeys(chromedp.CSS(`.kabinet-form input`), code))
	tab.click(`.kabinet-form button`)
	tab.wait(`document.querySelector(".kabinet-name")?.textContent === "Анна Смирнова"`)
	tab.picture("x3")
}
