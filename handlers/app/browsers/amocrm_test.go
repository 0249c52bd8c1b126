package browsers_test

import (
	"regexp"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/app/browsers"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
)

var sixDigits = regexp.MustCompile(`\d{6}`)

// linksAmoCRM signs in to amoCRM's client cabinet by SMS and links the deal by a code of the portal's.
func linksAmoCRM(page *browsers.Page, r *apptest.Program) {
	page.TB.Helper()
	sandbox := app.SandboxOf[*amocrmsandbox.Sandbox](r.App)
	if err := sandbox.Prepare(); err != nil {
		page.TB.Fatal(err)
	}
	cabinet := page.Beside()
	cabinet.Open(r.SandboxOrigin("cabinet.amocrm.localhost") + "/")
	cabinet.Fill("#phone", "+79120000001")
	cabinet.Click("#go")
	cabinet.Wait(`document.readyState === "complete" && document.getElementById("code")`)
	cabinet.Fill("#code", sixDigits.FindString(sandbox.LastSMS("79120000001")))
	cabinet.Click("#go")
	cabinet.Click("#widgets-button")
	page.Click("#amocrm-code")
	page.Wait(`document.getElementById("code")`)
	cabinet.Fill(".kabinet-form input", page.Text(`document.getElementById("code").textContent`))
	cabinet.Click(".kabinet-form button")
	cabinet.Wait(`document.querySelector(".kabinet-name")?.textContent === "Анна Смирнова"`)
	cabinet.Close()
}
