package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
	"kabinet/integrations/outgoing"
)

func TestAmoCRMsCardHasPointsOnceSailPlayIsLinked(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	if status, _ := typesCode(anna, r, annasDeal, asksForCode(anna)); status != http.StatusOK {
		t.Fatal(status)
	}
	service := map[string]any{"name": "SailPlay", "connected": false}
	_, card := fromWidget(anna, r, http.MethodGet, "/amocrm/card", token(r, t, annasDeal), "")
	if services := fmt.Sprint(card["services"]); !strings.Contains(services, fmt.Sprint(service)) ||
		card["points"] != nil {
		t.Errorf("before SailPlay is linked: %s, %v", services, card["points"])
	}
	linksSailPlay(anna)
	_, card = fromWidget(anna, r, http.MethodGet, "/amocrm/card", token(r, t, annasDeal), "")
	service["connected"] = true
	if services := fmt.Sprint(card["services"]); !strings.Contains(services, fmt.Sprint(service)) ||
		card["points"] != float64(165) {
		t.Errorf("%v", card)
	}
	// A vendor that does not answer takes nothing from the card: nobody is asked.
	before := calls(r)
	fromWidget(anna, r, http.MethodGet, "/amocrm/card", token(r, t, annasDeal), "")
	if after := calls(r); after != before {
		t.Errorf("the card has asked %d times", after-before)
	}
}

// calls counts those that the portal has made.
func calls(r *apptest.Program) int {
	n := 0
	for _, e := range r.Recorder.Exchanges() {
		if e.Cause != outgoing.Incoming && e.Cause != outgoing.Browser {
			n++
		}
	}
	return n
}

func TestAmoCRMsWidgetShowsPointsOnceSailPlayIsLinked(t *testing.T) {
	t.Parallel()
	p := prepared(t)
	portal, tab := apptest.OpenTab(t), apptest.OpenTab(t)
	portal.SignInByCookie(p, "anna@example.com")
	entersCabinet(tab, p, annasPhone)
	opensWidgets(tab)
	linksDeal(tab, portal, p)
	links(portal, p)
	tab.Click(".widget button:last-child")
	tab.Wait(`document.querySelector(".kabinet-points")?.textContent === "Баллы: 165"`)
}
