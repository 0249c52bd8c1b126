package browsers_test

import (
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/app/browsers"
	"kabinet/integrations/sailplay/sandbox"
)

// linksSailPlay links the account in a window of its own, and signs in to another partner's shop by the vendor's
// script. Its page has the figures at once.
func linksSailPlay(page *browsers.Page, r *apptest.Program) {
	page.TB.Helper()
	origin := r.SandboxOrigin("sailplay.localhost")
	window := page.Opened(origin+"/auth/authorize/", func() { page.Click("#connect") })
	window.Fill("#name", "anna@example.com")
	window.Fill("#password", sandbox.DemoPassword)
	window.ClickLast("#go")
	page.Wait(`location.search === "?linked" && document.querySelector(".total")?.innerText === "165 баллов"`)

	shop := page.Beside()
	shop.Open(sandbox.ShopOrigin(origin) + "/")
	shop.Click("#enter-sdk") // whoever is signed in at SailPlay is not asked: the window closes at once
	shop.Wait(`document.getElementById("points")?.innerText === "Анна, баллов: 165"`)
	shop.Close()
}
