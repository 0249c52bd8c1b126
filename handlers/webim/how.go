package webim

import (
	"net/http"

	"kabinet/handlers/observe"
	"kabinet/views"
)

// How is how the chat knows who is writing.
func (w *Room) How() observe.How {
	renewed := observe.Either(observe.Asked(http.MethodGet, "/chat/visitor"), observe.InBrowser("visitor_changed"))
	told := observe.Asked(http.MethodPost, "/webim/events")
	// Of a chat that goes on Webim tells nothing more.
	talks := observe.Either(told, observe.InBrowser("chat_resumed"))
	return observe.How{
		Title: "webim.how.title", Document: "webim.how.document", Page: "/chat",
		Events: []string{"chat_open", "chat_resumed", "chat_stalled", "visitor_changed"},
		Stop: observe.Stop{
			Title: "webim.tour.title", Do: "webim.tour.do", See: "webim.tour.see", Page: "/chat",
			Links: []views.Link{{Path: "/operator", Text: "webim.tour.operator"}}, Done: observe.Once(talks),
		},
		Steps: []observe.Step{{
			Key: "webim.how.signed", Is: observe.Asked(http.MethodGet, "/chat"),
			File: "handlers/webim/visitor.go", Function: "(*Room).sign",
			Break: map[string]string{"clock": "clock-ahead"}, Broken: "webim.how.signed_broken",
		}, {
			Key: "webim.how.script", Is: observe.InBrowser("chat_open", "chat_stalled"),
			File: "static/webim.js", Function: "open",
			Break: map[string]string{"button.js": "404"}, Broken: "webim.how.script_broken",
		}, {
			Key: "webim.how.renewed", Is: renewed, File: "static/webim.js", Function: "refresh",
		}, {
			Key: "webim.how.told", Is: told, File: "handlers/webim/events.go", Function: "(*Room).event",
		}},
	}
}
