package app_test

import (
	"strings"
	"testing"

	"kabinet/integrations/outgoing"

	"kabinet/handlers/app/apptest"
)

// One request's exchanges with SailPlay are a diagram, with the same in words.
func TestARequestThatAskedSailPlayThriceIsADiagram(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	inspectable(t, p)
	var request string
	for _, e := range p.Recorder.Exchanges() {
		if e.Cause == outgoing.Retry {
			request = e.RequestID
		}
	}
	page := apptest.PageOf(t, p.SignedInAs(t, "admin@example.com").Get("/admin/inspector?request="+request))
	words, arrows := page.Find(".sequence li").Text(), page.Find(".sequence svg line.arrow").Length()
	if arrows != 7 || !strings.Contains(words, "Клиент → Kabinet: запрос") || strings.Count(words, "502") != 3 ||
		!strings.Contains(words, "повтор") || page.Find("#exchanges details").Length() != 3 {
		t.Errorf("%d arrows, %q", arrows, words)
	}
}
