package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

func TestAnAdministratorLooksAClientUpAtPricePlan(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	admin := r.SignedInAs(t, "admin@example.com")
	search := func(text string) *goquery.Document {
		return apptest.PageOf(t, admin.Get("/admin/users/2/priceplan?"+url.Values{"search": {text}}.Encode()))
	}
	if n := search("").Find(".rows li").Length(); n != 0 || len(r.Recorder.Exchanges()) != 0 {
		t.Errorf("without a search %d are found, and PricePlan is asked %d times", n, len(r.Recorder.Exchanges()))
	}
	for text, want := range map[string]string{"ооо": "ООО «Вектор»", "1002": "ООО «Вектор»", " 1002 ": "ООО «Вектор»",
		"Анна": "Анна Смирнова"} {
		rows := search(text).Find(".rows li")
		if rows.Length() != 1 || !strings.Contains(rows.Text(), want) {
			t.Errorf("%q finds %s", text, rows.Text())
		}
	}
	if text := search("Никого такого").Find("main").Text(); !strings.Contains(text, "такого клиента нет") {
		t.Errorf("nobody: %s", text)
	}
	// One that is taken says by whom, and offers nothing.
	anna := search("1001").Find(".rows li")
	if anna.Find(`a[href="/admin/users/1"]`).Text() != "anna@example.com" || anna.Find("form").Length() != 0 {
		t.Errorf("another's client: %s", anna.Text())
	}
	form := search("Олег").Find(".rows form")
	apptest.Redirected(t, admin.Post(form.AttrOr("action", ""),
		url.Values{form.Find("input").AttrOr("name",
			""): {form.Find("input").AttrOr("value", "")}}), "/admin/users/2?done=identifier")
	if id, err := r.DB.PricePlanClient(t.Context(), 2); err != nil || id != 1003 {
		t.Errorf("linked to %d, %v", id, err)
	}
	if text := search("Олег").Find(".rows li").Text(); !strings.Contains(text, "уже связан") {
		t.Errorf("the own client: %s", text)
	}

	if err := pricePlanSandbox(r).Faults().Set("clients", sandbox.Fault{Status: http.StatusBadGateway}); err != nil {
		t.Fatal(err)
	}
	response := admin.Get("/admin/users/2/priceplan?search=1002")
	if page := apptest.PageOf(t, response); response.StatusCode != http.StatusBadGateway ||
		!strings.Contains(page.Find(".note.bad").Text(), "PricePlan не отвечает") ||
		page.Find("#search").AttrOr("value", "") != "1002" {
		t.Errorf("%s, %s", response.Status, page.Find("main").Text())
	}
	if strings.Contains(r.Log.String(), "Олег") || strings.Contains(r.Log.String(), url.QueryEscape("Олег")) {
		t.Error("the name that was searched for is in the log")
	}
}
