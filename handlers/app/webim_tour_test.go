package app_test

import (
	"net/url"
	"slices"
	"strconv"
	"testing"

	"kabinet/handlers/app/apptest"
	"kabinet/integrations/outgoing"
)

func TestAStopAtWebimStaysTickedAndIsTickedByTheReadersOwnDoing(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	done := func() bool { return apptest.PageOf(t, anna.Get("/dashboard")).Find(".tour .done").Length() == 1 }
	anna.Post("/demo/tour", url.Values{"stop": {stopAt("/chat")}})
	tellsOfChat(r, t, "chat_started", `{"id": 1}`)
	if done() {
		t.Error("another's chat ticks it")
	}
	apptest.BodyOf(t, anna.Get("/chat")) // an exchange is noted when its answer has ended
	tellsOfChat(r, t, "chat_started", `{"id": 2}`)
	if !done() {
		t.Error("her chat does not tick it")
	}
	for range 500 {
		r.Recorder.Add(outgoing.Exchange{Vendor: "webim"})
	}
	if !done() {
		t.Error("it is forgotten with the exchanges")
	}
	anna.Post("/demo/tour", url.Values{"stop": {stopAt("/chat")}})
	if done() {
		t.Error("begun anew, it is ticked still")
	}
	// Of the chat that goes on Webim tells no more.
	anna.Post("/inspector/happened", url.Values{"event": {"chat_resumed"}})
	if !done() {
		t.Error("a chat that was open already does not tick it")
	}
}

// stopAt is the number of the stop that begins at a path.
func stopAt(path string) string {
	return strconv.Itoa(1 + slices.IndexFunc(stops(), func(s touring) bool { return s.path == path }))
}
