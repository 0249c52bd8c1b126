package priceplan_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/secret"
)

func TestSubscriptionsAndDocumentsAreTheClients(t *testing.T) {
	t.Parallel()
	v := start(t)
	subscribes, err := v.client.Subscribes(t.Context(), 1001)
	if err != nil || len(subscribes) != 2 || subscribes[0].Product != "Хостинг «Старт»" || subscribes[0].Blocked {
		t.Errorf("%+v, %v", subscribes, err)
	}
	documents, err := v.client.Documents(t.Context(), 1001, "2026-01-01")
	if err != nil || len(documents) < 2 || documents[0].Date < documents[1].Date || documents[0].Total == "" {
		t.Errorf("%+v, %v", documents, err)
	}
	if none, err := v.client.Documents(t.Context(), 1001, "2027-01-01"); err != nil || len(none) != 0 {
		t.Errorf("of the time to come: %+v, %v", none, err)
	}
}

// How PricePlan writes some of it is not documented: numbers may be texts, and a filter that is not heeded must show
// nobody another client's documents.
func TestRowsOfAnotherClientAreNotTaken(t *testing.T) {
	t.Parallel()
	for rows, want := range map[string]string{
		`{"id": 1, "type": "invoice", "number": 7, "date": "2026-11-01", "total": 1234.5, "client__id": 1001}`:      "7 1234.5",
		`{"id": 1, "type": "bill", "number": "A-7", "date": "2026-11-01", "total": "10.00", "client__id": 1001}`:    "A-7 10.00",
		`{"id": 1, "type": "bill", "number": null, "date": "2026-11-01", "total": null, "client__id": 1001}`:        " ",
		`{"id": 1, "type": "bill", "number": "A-7", "date": "2026-11-01", "total": "10.00", "client__id": 1002}`:    "",
		`{"id": 1, "type": "bill", "number": {"a": 1}, "date": "2026-11-01", "total": "10.00", "client__id": 1001}`: "",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte(`{"success": true, "count": 1, "data": [` + rows + `]}`)) //nolint:errcheck // the client says so
		}))
		t.Cleanup(server.Close)
		_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
		client, err := priceplan.New(priceplan.Config{
			Hosts:  priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost:" + port},
			APIKey: secret.New("key"), Password: secret.New("password"), HTTP: httpClient(new(outgoing.Recorder), callPatience),
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.Documents(t.Context(), 1001, "2026-01-01")
		switch {
		case want == "" && !errors.Is(err, priceplan.ErrUnexpected):
			t.Errorf("%s: %v, %v", rows, got, err)
		case want != "" && (err != nil || len(got) != 1 || got[0].Number+" "+got[0].Total != want):
			t.Errorf("%s: %+v, %v", rows, got, err)
		}
	}
}
