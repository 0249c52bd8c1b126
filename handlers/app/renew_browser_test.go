package app_test

import (
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"

	"kabinet/handlers/app/apptest"
)

// What a page renews by itself takes nobody's place away: neither the tour, when a stop is done in another window, nor
// the drawer, when something has happened.
func TestWhoGoesByKeyboardKeepsTheirPlaceWhenAPageRenews(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignIn(p, "anna@example.com")
	other := tab.Sibling()
	tab.Open(p.URL + "/dashboard")
	tab.Click(`.bottom form[action="/demo/tour"] button`)
	tab.Wait(`document.readyState === "complete" && document.querySelector(".tour")`)
	tab.Open(p.URL + "/profile")
	keeps := func(button, renewed string, happens func()) {
		t.Helper()
		tab.Wait(`document.querySelector('` + button + `')`)
		tab.Do(apptest.Evaluate(`document.querySelector('` + button + `').focus(); window.was = document.activeElement; 0`))
		happens()
		call(tab, page.BringToFront, cdp.Empty{})
		tab.Wait(renewed)
		if !apptest.Eval[bool](tab, `document.activeElement.matches('`+button+`') && document.activeElement !== was`) {
			t.Errorf("%s has lost the focus, or was not renewed", button)
		}
	}
	keeps(".tour .button", `document.querySelector(".tour .done")`, func() {
		other.Open(p.URL + "/dashboard")
		stops()[0].do(other, p)
	})
	tab.Open(p.URL + vendors()[0].pages[0])
	tab.Click("details.how summary")
	keeps(".how .step button", `!was.isConnected`, func() { other.Open(p.URL + vendors()[0].pages[0]) })
}
