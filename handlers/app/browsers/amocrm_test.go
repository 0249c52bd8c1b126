package browsers_test

import (
	"regexp"

	"kabinet/handlers/app/apptest"
	"kabinet/handlers/app/browsers"
)

var sixDigits = regexp.MustCompile(`\d{6}`)

// linksAmoCRM signs in to amoCRM's client cabinet by SMS and links the deal by a code of the portal's.
func linksAmoCRM(page *browsers.Page, r *apptest.Program) {
	page.TB.Helper()
	if err := r.AmoCRM.Prepare(); err != nil {
		page.TB.Fatal(err)
	}
	cabinet := page.Beside()
	cabinet.Open(r.SandboxOrigin("cabinet.amocrm.localhost") + "/")
	cabinet.Fill("#phone", "+79120000001")
	cabinet.Click("#go")
	cabinet.Wait(`document.readyState === "complete" && document.getElementById("code")`)
	cabinet.Fill("#code", sixDigits.FindString(r.AmoCRM.LastSMS("79120000001")))
	cabinet.Click("#go")
	cabinet.Click("#widgets-button")
	page.Click("#amocrm-code")
	page.Wait(`document.getElementById("code")`)
	cabinet.Fill(".kabinet-form input", page.Text(`document.getElementById("code").textContent`))
	cabinet.Click(".kabinet-form button")
	cabinet.Wait(`document.querySelector(".kabinet-name")?.textContent === "Анна Смирнова"`)
	cabinet.Close()
}
