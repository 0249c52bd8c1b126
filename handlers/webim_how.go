package handlers

import (
	"net/http"

	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// how is how the chat knows who is writing.
func (w *webimChat) how() how {
	renewed := func(e outgoing.Exchange) bool {
		return asked(http.MethodGet, "/chat/visitor")(e) || happensInBrowser("visitor_changed")(e)
	}
	// Of a chat that goes on Webim tells nothing more.
	talks := func(e outgoing.Exchange) bool {
		return asked(http.MethodPost, "/webim/events")(e) || happensInBrowser("chat_resumed")(e)
	}
	return how{vendor: "webim", title: "webim.how.title", document: "webim.how.document", page: "/chat", events: []string{"chat_open", "chat_resumed", "chat_stalled", "visitor_changed"}, stop: stop{
		title: "webim.tour.title", do: "webim.tour.do", see: "webim.tour.see", page: "/chat", links: []views.Link{{Path: w.config.Account.Origin() + "/operator", Text: "webim.tour.operator"}},
		done: once(talks),
	}, steps: []step{
		{"webim.how.signed", asked(http.MethodGet, "/chat"), "handlers/webim.go", "(*webimChat).sign", demoFault{broken{"clock": "clock-ahead"}, "webim.how.signed_broken"}},
		{"webim.how.script", happensInBrowser("chat_open", "chat_stalled"), "static/webim.js", "open", demoFault{broken{"button.js": "404"}, "webim.how.script_broken"}},
		{"webim.how.renewed", renewed, "static/webim.js", "refresh", demoFault{}},
		{"webim.how.told", asked(http.MethodPost, "/webim/events"), "handlers/webim_events.go", "(*webimChat).event", demoFault{}},
	}}
}
