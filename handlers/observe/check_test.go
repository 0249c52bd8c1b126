package observe

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/store/storetest"
)

// acme is a vendor with nothing but a line on the page of integrations.
type acme struct{}

func (acme) Name() string             { return "acme" }
func (acme) Routes() []web.Route      { return nil }
func (acme) Integration() Integration { return Integration{Title: "Acme"} }

// looking is a site with the page of integrations, and who asks it.
func looking(t *testing.T, c Config) (site *web.Site, ask func(method, path string) *httptest.ResponseRecorder) {
	t.Helper()
	db := storetest.Open(t)
	site, err := web.New(web.Config{
		DB: db, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, Secret: secret.New("secret"),
		BcryptCost: bcrypt.MinCost, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	o := New(site, []web.Vendor{acme{}}, c)
	site.Mount([]web.Route{
		{Path: "/admin/integrations", Who: web.Administrators, Do: o.Integrations},
		{Method: http.MethodPost, Path: "/admin/integrations/check", Who: web.Administrators, Do: o.Check},
	})
	user := store.User{Email: "admin@example.com", Name: "Имя", Role: store.Administrator, PasswordHash: "x"}
	id, err := db.EnsureUser(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	token := store.NewToken()
	session := store.NewSession{Token: store.HashToken(token), UserID: id, Proof: "x"}
	if err := db.CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	return site, func(method, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader("vendor=acme"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://localhost")
		r.AddCookie(&http.Cookie{Name: "kabinet", Value: token})
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		return w
	}
}

func TestACheckIsBoundedAndEndsWithThePortal(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	site, ask := looking(t, Config{Check: func(ctx context.Context, _ string) []CheckStep {
		if until, ok := ctx.Deadline(); !ok || time.Until(until) > checkFor {
			t.Errorf("it may take until %v", until)
		}
		close(began)
		<-ctx.Done()
		return []CheckStep{{Did: catalogue.Text{Verbatim: "left half done"}, Result: CheckFailed}}
	}})
	go func() { <-began; site.EndStreams() }()
	if got := ask(http.MethodPost, "/admin/integrations/check").Code; got != http.StatusSeeOther {
		t.Error(got)
	}
	page := ask(http.MethodGet, "/admin/integrations").Body.String()
	if strings.Contains(page, "left half done") {
		t.Error("what was not tried to the end is shown")
	}
	if strings.Count(page, "<section") != 1 || strings.Contains(page, "badge soft") {
		t.Error("without a demo there is a sandbox, or the vendor is missing")
	}
}

func TestWithoutACheckThePageOffersNone(t *testing.T) {
	t.Parallel()
	_, ask := looking(t, Config{})
	page := ask(http.MethodGet, "/admin/integrations").Body.String()
	if strings.Count(page, "<section") != 1 || strings.Contains(page, "/admin/integrations/check") {
		t.Error("it does")
	}
}
