package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app/apptest"
)

func TestTheProfileTakesWhatIsRightAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.SignedInAs(t, "anna@example.com")
	for _, tt := range []struct {
		name, phone string
		wrong       string // the fields
		storedPhone string
	}{
		{"Анна-Мария О’Коннор", "+7 (912) 345-67-89", "", "+79123456789"},
		{"  李小龍 ", "", "", ""},
		{"", "+79123456789", "#name", ""},
		{strings.Repeat("я", 101), "", "#name", ""},
		{"Анна\nСмирнова", "+89123456789", "#name #phone", ""},
		{"Анна", "+7", "#phone", ""},
		{"Анна", "8 (912) 345-67-89", "", "+79123456789"},
		{"Анна", "\u202a+7\u202f912\u00a0345\u201167\u201189\u202c", "", "+79123456789"},
		{"Анна", "+7 912 345 67", "#phone", ""},
		{"\u202e\u200b", "", "#name", ""},
		{"\u200b", "", "#name", ""},
		{"Анна\u2028Смирнова", "", "#name", ""},
		{"می\u200cخواهم", "", "", ""}, // a joiner belongs to the word
		{"Анна", "+79123456789<script>", "#phone", ""},
	} {
		response := c.Post("/profile", url.Values{"name": {tt.name}, "phone": {tt.phone}, "language": {"ru"},
			"role": {"administrator"}, "client_id": {"1002"}, "id": {"3"}})
		if tt.wrong == "" {
			if response.StatusCode != http.StatusSeeOther {
				t.Errorf("%q, %q: %s", tt.name, tt.phone, response.Status)
			}
			u, err := r.DB.UserByEmail(t.Context(), "anna@example.com")
			if err != nil || u.Name != strings.TrimSpace(tt.name) || u.Phone != tt.storedPhone ||
				u.Role != "customer" {
				t.Errorf("stored: %+v, %v", u, err)
			}
			continue
		}
		page := apptest.PageOf(t, response)
		var links []string
		page.Find("#errors a").Each(func(_ int, a *goquery.Selection) { links = append(links, a.AttrOr("href", "")) })
		if got := strings.Join(links, " "); response.StatusCode != http.StatusUnprocessableEntity || got != tt.wrong {
			t.Errorf("%q, %q: %s, %q is wrong", tt.name, tt.phone, response.Status, got)
		}
		if got := page.Find("#phone").AttrOr("value", ""); got != tt.phone {
			t.Errorf("the phone typed was %q, the form has %q", tt.phone, got)
		}
	}
}

func TestTheLanguageIsChosenAndKept(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	if lang := apptest.PageOf(t, c.Do(http.MethodGet, "/", nil,
		apptest.Header("Accept-Language", "en"))).Find("html").AttrOr("lang", ""); lang != "en" {
		t.Errorf("by Accept-Language: %s", lang)
	}
	c.Post("/language", url.Values{"language": {"en"}, "next": {"/"}})
	if lang := apptest.PageOf(t, c.Get("/")).Find("html").AttrOr("lang", ""); lang != "en" {
		t.Errorf("by choice: %s", lang)
	}
	c.SignIn("boris@example.com")
	if lang := apptest.PageOf(t, c.Get("/dashboard")).Find("html").AttrOr("lang", ""); lang != "ru" {
		t.Errorf("by profile: %s", lang)
	}
	c.Post("/profile", url.Values{"name": {"Борис Второй"}, "language": {"ru"}})
	c.Post("/language", url.Values{"language": {"en"}, "next": {"/dashboard"}})
	if u, err := r.DB.UserByEmail(t.Context(), "boris@example.com"); err != nil || u.Name != "Борис Второй" ||
		u.Language != "en" {
		t.Errorf("stored: %+v, %v", u, err)
	}
	other := r.SignedInAs(t, "boris@example.com")
	if lang := apptest.PageOf(t, other.Get("/dashboard")).Find("html").AttrOr("lang", ""); lang != "en" {
		t.Errorf("by profile, on another device: %s", lang)
	}
	if response := c.Post("/language", url.Values{"language": {"xx"}}); response.StatusCode != http.StatusBadRequest {
		t.Errorf("a language there is not: %s", response.Status)
	}
}
