package priceplan_test

import (
	"fmt"
	"strings"
	"testing"

	"kabinet/integrations/priceplan"
)

func TestClientsAreFoundByNumberAndByTheBeginningOfTheirName(t *testing.T) {
	t.Parallel()
	v := start(t)
	for _, tt := range []struct {
		q     priceplan.ClientsQuery
		want  string
		count int
	}{
		{priceplan.ClientsQuery{}, "[1001 1002 1003 1004]", 4},
		{priceplan.ClientsQuery{Take: 1, Skip: 2}, "[1003]", 4},
		{priceplan.ClientsQuery{Filters: []priceplan.Filter{{Field: "client__id", Operator: priceplan.Equal, Value: "1002"}}}, "[1002]", 1},
		{priceplan.ClientsQuery{Filters: priceplan.NameBeginsWith("оо")}, "[1002]", 1},
		{priceplan.ClientsQuery{Filters: priceplan.NameBeginsWith("Никого")}, "[]", 0},
	} {
		clients, count, err := v.client.Clients(t.Context(), tt.q)
		if err != nil {
			t.Fatal(err)
		}
		ids := []priceplan.ClientID{}
		for _, c := range clients {
			ids = append(ids, c.ID)
		}
		if got := fmt.Sprint(ids); got != tt.want || count != tt.count {
			t.Errorf("%+v: %s of %d", tt.q, got, count)
		}
	}
	clients, _, err := v.client.Clients(t.Context(), priceplan.ClientsQuery{Take: 1})
	if want := (priceplan.ListedClient{ID: 1001, Name: "Анна Смирнова", AccountNumber: "A-1001", UserID: 7001}); err != nil || clients[0] != want {
		t.Errorf("got %+v, %v", clients, err)
	}
	// What was searched for is a person's name: no record holds it.
	for _, e := range v.recorder.Exchanges() {
		if strings.Contains(e.Address, "?") {
			t.Errorf("recorded: %s", e.Address)
		}
	}
}
