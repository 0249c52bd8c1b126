package browsers_test

import (
	"fmt"
	"testing"

	"kabinet/handlers/app/apptest"
	"kabinet/handlers/app/browsers"
)

// stop is what a reader does at one of the tour's.
type stop func(*browsers.Page, *apptest.Program)

// stops are those of the vendors, in their order.
func stops() []stop {
	return []stop{
		opensPricePlan,
		chatsByWebim,
		linksSailPlay,
		linksAmoCRM,
		breaksAndMendsPricePlan,
	}
}

// inEvery runs a test with a demo of its own in every browser.
func inEvery(t *testing.T, test func(b browsers.Browser, page *browsers.Page, r *apptest.Program)) {
	t.Helper()
	browsers.NeedAll(t)
	for _, b := range browsers.Browsers {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			test(b, b.Open(t), r)
		})
	}
}

func TestTheTourIsTakenInEveryBrowser(t *testing.T) {
	t.Parallel()
	inEvery(t, func(b browsers.Browser, page *browsers.Page, r *apptest.Program) {
		page.SignIn(r, "anna@example.com")
		page.Click(`.bottom form[action="/demo/tour"] button`)
		for i, do := range stops() {
			page.Wait(`document.readyState === "complete" && document.querySelector(".tour-stop:not(:has(.done))")`)
			do(page, r)
			page.Wait(`document.querySelector(".tour .done")`)
			page.Picture(fmt.Sprintf("%s tour %d", b, i+1))
			page.Click(".tour .button")
		}
		page.Wait(`location.pathname === "/dashboard" && document.readyState === "complete"`)
		page.Wait(`!document.querySelector(".tour")`)
		// The cabinet is broken on purpose at the last stop.
		page.Quiet("502")
	})
}

func TestACustomerRegistersLeavesAndDeletesTheirAccountInEveryBrowser(t *testing.T) {
	t.Parallel()
	inEvery(t, func(_ browsers.Browser, page *browsers.Page, r *apptest.Program) {
		registers(page, r)
		page.Open(r.URL + "/profile")
		signsOutAndGoesBack(page)
		page.Fill("#email", "vera@example.com")
		page.Fill("#password", phrase)
		page.Click("main button.button")
		page.Wait(`location.pathname !== "/login"`)
		page.Open(r.URL + "/profile/delete")
		page.Fill("#password", phrase)
		page.Click("main .danger")
		page.Wait(`location.search === "?deleted"`)
		page.Quiet("422") // what was typed wrong
	})
}

const phrase = "a long enough phrase"

// registers types something wrong first, and is led to it.
func registers(page *browsers.Page, r *apptest.Program) {
	page.TB.Helper()
	page.Open(r.URL + "/register")
	page.Fill("#name", "Вера Новая")
	page.Fill("#email", "vera@example.com")
	page.Fill("#password", "password")
	page.Click("main button.button")
	page.WaitInFront(`document.activeElement?.id === "errors" &&
		getComputedStyle(document.activeElement).outlineStyle === "solid"`)
	page.Fill("#password", phrase)
	page.Click("main button.button")
	page.Wait(`location.pathname === "/dashboard"`)
}

// signsOutAndGoesBack looks whether the browser shows again what it kept of the profile.
func signsOutAndGoesBack(page *browsers.Page) {
	page.TB.Helper()
	page.Wait(`(addEventListener("pageshow", (event) => {
		const isSeen = getComputedStyle(document.documentElement).display !== "none";
		if (event.persisted && isSeen) sessionStorage.setItem("seen", "yes");
	}), true)`)
	page.Click(`form[action="/logout"] button`)
	page.Wait(`location.search === "?signed-out" && document.readyState === "complete"`)
	page.Back()
	page.Wait(`location.pathname === "/login"`)
	if page.Text(`sessionStorage.getItem("seen") ?? ""`) != "" {
		page.TB.Error("the profile is seen again after signing out")
	}
}
