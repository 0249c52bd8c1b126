package handlers

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/web"
	"kabinet/integrations/secret"
	"kabinet/store/storetest"
)

func TestReadyzTellsWhenTheDatabaseIsGone(t *testing.T) {
	t.Parallel()
	p, err := New(Config{Config: web.Config{
		DB: storetest.Open(t), BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, Secret: secret.New("secret"),
		BcryptCost: bcrypt.MinCost, Log: slog.New(slog.DiscardHandler),
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{http.StatusOK, http.StatusServiceUnavailable} {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if w.Code != want {
			t.Errorf("%d, want %d", w.Code, want)
		}
		if err := p.site.DB.Close(); err != nil {
			t.Fatal(err)
		}
		p.ready.at = time.Time{} // the second is over
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if w.Code != http.StatusOK {
		t.Errorf("healthz without a database: %d", w.Code)
	}
}
