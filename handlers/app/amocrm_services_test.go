package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

// What the widget says of other vendors: each in a line of its own, which goes with the vendor.
func TestAmoCRMsCardNamesTheCustomersServices(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	if status, _ := typesCode(anna, r, annasDeal, asksForCode(anna)); status != http.StatusOK {
		t.Fatal(status)
	}
	_, card := fromWidget(anna, r, http.MethodGet, "/amocrm/card", token(r, t, annasDeal), "")
	services := fmt.Sprint(card["services"])
	for _, want := range []string{
		"map[connected:true name:PricePlan]",
		"map[connected:true name:Webim]",
		"map[connected:false name:SailPlay]",
	} {
		if !strings.Contains(services, want) {
			t.Errorf("%s is not among %s", want, services)
		}
	}
}
