package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestClientsAreListedAsPublishedClientsAskForThem(t *testing.T) {
	t.Parallel()
	b := open(t)
	cookie := b.manager()
	for _, tt := range []struct {
		query string
		want  string // the ids of the rows and the count, or the code of the refusal
	}{
		{"", "[1001 1002 1003 1004] 4"},
		{"take=2&skip=1&page=1&pageSize=2", "[1002 1003] 4"},
		{"pageSize=1", "[1001] 4"},
		{"skip=9", "[] 4"},
		{"filter[logic]=and&filter[filters][0][field]=client__id&filter[filters][0][operator]=eq&filter[filters][0][value]=1002", "[1002] 1"},
		{"filter[filters][0][field]=client__id&filter[filters][0][operator]=eq&filter[filters][0][value]=x", "code 3"},
		{"filter[filters][0][field]=client__id&filter[filters][0][operator]=lte&filter[filters][0][value]=abc", "code 3"},
		{"page=2&pageSize=2", "[1003 1004] 4"},
		{"page=2&skip=0&take=2", "code 3"},
		{"page=0", "code 3"},
		{"take=2&pageSize=3", "code 3"},
		{"take=1&take=2", "code 23"},
		{"skip=9223372036854775807", "code 3"},
		{"skip=2147483647", "[] 4"},
		{"filter[filters][0][field]=client__name&filter[filters][0][operator]=eq&filter[filters][0][value]=" + url.QueryEscape("олег новиков"), "[1003] 1"},
		{"filter[filters][0][field]=client__id&filter[filters][0][operator]=gte&filter[filters][0][value]=1002&filter[filters][1][field]=client__id&filter[filters][1][operator]=lte&filter[filters][1][value]=1003", "[1002 1003] 2"},
		{"take=0", "code 3"},
		{"take=1000", "code 3"},
		{"skip=-1", "code 3"},
		{"fields=client__id,password", "code 25"},
		{"filter[logic]=or", "code 3"},
		{"filter[filters][0][field]=client__id&filter[filters][0][operator]=contains&filter[filters][0][value]=1", "code 3"},
		{"filter[filters][0][field]=name&filter[filters][0][operator]=eq&filter[filters][0][value]=1", "code 25"},
		{"filter[filters][0][colour]=red", "code 26"},
		{"takes=1", "code 26"},
	} {
		w := b.ask("GET", "/api/clients/?"+tt.query, "", "Cookie", cookie)
		var e struct {
			Success bool
			Count   int
			Data    []map[string]any
			Errors  []struct{ Code int }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
			t.Fatalf("%s: %v", w.Body, err)
		}
		ids := []any{}
		for _, row := range e.Data {
			ids = append(ids, row["client__id"])
		}
		got := fmt.Sprint(ids, " ", e.Count)
		if !e.Success && len(e.Errors) == 1 {
			got = fmt.Sprintf("code %d", e.Errors[0].Code)
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.query, got, tt.want)
		}
	}
	w := b.ask("GET", "/api/clients/?fields=client__name&take=1", "", "Cookie", cookie)
	if got := strings.TrimSpace(w.Body.String()); got != `{"count":4,"data":[{"client__name":"Анна Смирнова"}],"success":true}` {
		t.Errorf("one field: %s", got)
	}
	if w := b.ask("GET", "/api/clients/", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("without a session: %d", w.Code)
	}
}

func TestTheAPIKeyIsTakenAtTheStaffsHostOnly(t *testing.T) {
	t.Parallel()
	b := open(t)
	basic := func(key, password string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth(key, password)
		return r.Header.Get("Authorization")
	}
	const staff, cabinet = "demo.priceplan.localhost:8081", "demo-lk.priceplan.localhost:8081"
	for _, tt := range []struct {
		host, authorization string
		want                int
	}{
		{staff, basic(DefaultAPIKey, "password"), http.StatusOK},
		{cabinet, basic(DefaultAPIKey, "password"), http.StatusUnauthorized},
		{staff, basic(DefaultAPIKey, "wrong"), http.StatusUnauthorized},
		{staff, basic("manager", "password"), http.StatusUnauthorized},
		{staff, "Bearer " + DefaultAPIKey, http.StatusUnauthorized},
		{staff, "", http.StatusUnauthorized},
	} {
		if w := b.ask("GET", "/api/clients/1001", "", "Host", tt.host, "Authorization", tt.authorization); w.Code != tt.want {
			t.Errorf("%s with %q: %d, want %d", tt.host, tt.authorization, w.Code, tt.want)
		}
	}
}
