package app_test

import (
	"testing"

	"kabinet/handlers/app/apptest"
)

func TestAnAdministratorSetsAClientIdAndPricePlansCabinetOpens(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	admin, boris := apptest.OpenTab(t), apptest.OpenTab(t)
	admin.SignIn(r, "admin@example.com")
	admin.Click(`a[href="/admin/users"]`)
	admin.Wait(`document.getElementById("search")`)
	admin.Fill("search", "борис")
	admin.Click(`form[action="/admin/users"] button`)
	admin.Wait(`document.querySelectorAll("tbody tr").length === 1`)
	admin.Click(`tbody a`)
	admin.Wait(`document.getElementById("priceplan")`)
	admin.Fill("priceplan", "1001")
	admin.Click(`form[action$="/priceplan"] button`)
	admin.Wait(`document.getElementById("errors")?.innerText.includes("anna@example.com")`)
	admin.Click(`form[action$="/priceplan"] a`)
	admin.Wait(`document.getElementById("search")`)
	admin.Fill("search", "ооо")
	admin.Click(`form[role="search"] button`)
	admin.Wait(`document.querySelectorAll(".rows li").length === 1`)
	admin.Click(`.rows form button`)
	admin.Wait(`location.search === "?done=identifier"`)

	boris.SignIn(r, "boris@example.com")
	boris.Click(`main a[href="/cabinet"]`)
	boris.Wait(`document.getElementById("cabinet")?.dataset.state === "ready"`)
	boris.Frame(cabinetOrigin(r) + "/").Wait(`document.getElementById("balance")`)

	admin.Open(r.URL + "/admin/audit?event=cabinet_opened")
	admin.Wait(`document.querySelector("tbody")?.innerText.includes("boris@example.com")`)
}
