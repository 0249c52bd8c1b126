package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

// A vendor's clock that is an hour away is seen by who tries the settings, in its answers' Date.
func TestTheClockOfAmoCRMsSandboxCanBeMoved(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	set(t, amoCRMSandbox(p).Faults(), sandbox.ClockOperation, sandbox.Fault{Ahead: -time.Hour})
	anna := p.SignedInAs(t, "anna@example.com")
	apart := func() time.Duration {
		date, err := http.ParseTime(anna.Visit(http.MethodGet, amoCRMOrigin(p)+"/_sandbox/", nil).Header.Get("Date"))
		if err != nil {
			t.Fatal(err)
		}
		return p.DB.Now().Sub(date)
	}
	if got := apart(); got < 59*time.Minute {
		t.Errorf("%v apart", got)
	}
	if bar := apptest.PageOf(t, anna.Get("/dashboard")).Find(".faults").Text(); !strings.Contains(bar,
		"amoCRM: clock -1h0m0s") {
		t.Errorf("the bar says %q", bar)
	}
	p.Control.StopFaults()
	if got := apart(); got > 30*time.Minute {
		t.Errorf("after all faults were stopped it is still %v away", got)
	}
}

func TestASessionInAmoCRMsClientCabinetThatEndsIsSaidThere(t *testing.T) {
	t.Parallel()
	p := prepared(t)
	tab := apptest.OpenTab(t)
	entersCabinet(tab, p, annasPhone)
	meets(t, amoCRMSandbox(p).Faults(), "deal", "expired-session", 1)
	tab.Open(clientCabinet(p) + "/")
	tab.Wait(`document.getElementById("phone") || document.querySelector("[role=alert], .wrong, #problem")?.innerText`)
}
