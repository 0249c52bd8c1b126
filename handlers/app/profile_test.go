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

func langOf(t *testing.T, page *http.Response) string {
	t.Helper()
	return apptest.PageOf(t, page).Find("html").AttrOr("lang", "")
}

// Whoever reads the portal in English reads the sandboxes so, unless they choose otherwise there.
func TestTheSandboxesFollowThePortalsLanguage(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	c := p.Client(t)
	for _, at := range p.Sandboxes {
		page := func() string { return langOf(t, c.Visit(http.MethodGet, at.Origin+"/_sandbox/", nil)) }
		if !strings.Contains(at.Name, "sandbox") || strings.Contains(at.Name, "All") {
			continue
		}
		c.Post("/language", url.Values{"language": {"en"}, "next": {"/"}})
		c.Get("/")
		if got := page(); got != "en" {
			t.Errorf("%s: %s, beside a portal in English", at.Name, got)
		}
		c.Post("/language", url.Values{"language": {"ru"}, "next": {"/"}})
		c.Get("/")
		if got := page(); got != "ru" {
			t.Errorf("%s: %s, beside a portal in Russian", at.Name, got)
		}
	}
}

func TestTheLanguageIsChosenAndKept(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	english := apptest.Header("Accept-Language", "en")
	if got := langOf(t, c.Do(http.MethodGet, "/", nil, english)); got != "en" {
		t.Errorf("by Accept-Language: %s", got)
	}
	c.Post("/language", url.Values{"language": {"en"}, "next": {"/"}})
	c.SignIn("boris@example.com")
	if got := langOf(t, c.Get("/dashboard")); got != "en" {
		t.Errorf("chosen before signing in: %s", got)
	}
	other := r.SignedInAs(t, "boris@example.com")
	if got := langOf(t, other.Do(http.MethodGet, "/dashboard", nil, english)); got != "en" {
		t.Errorf("an account whose owner has chosen nothing: %s", got)
	}
	c.Post("/language", url.Values{"language": {"en"}, "next": {"/dashboard"}})
	if u := r.User(t, "boris@example.com"); u.Language != "en" {
		t.Errorf("stored: %+v", u)
	}
	if got := langOf(t, other.Get("/dashboard")); got != "en" {
		t.Errorf("by the account, on another device: %s", got)
	}
	// Taken back: the browser's again, and the account's no more.
	other.Post("/profile", url.Values{"name": {"Борис Второй"}, "language": {""}})
	if u := r.User(t, "boris@example.com"); u.Name != "Борис Второй" || u.Language != "" {
		t.Errorf("stored: %+v", u)
	}
	if got := langOf(t, other.Get("/dashboard")); got != "ru" {
		t.Errorf("taken back: %s", got)
	}
	if response := c.Post("/language", url.Values{"language": {"xx"}}); response.StatusCode != http.StatusBadRequest {
		t.Errorf("a language there is not: %s", response.Status)
	}
}
