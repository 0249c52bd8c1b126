package mail

import (
	"kabinet/handlers/observe"
	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// Stop is the recovery of an account, with the mailbox beside the portal: it ends when two letters have come, the one
// with the link, and the one about what was done by it.
func (m *Room) Stop() observe.Stop {
	return observe.Stop{
		Title: "mail.tour.title", Do: "mail.tour.do", See: "mail.tour.see", Page: "/recover",
		Links: []views.Link{{Path: "/", Text: "mail.tour.mailbox"}},
		Done: func(all []outgoing.Exchange) bool {
			sent := 0
			for _, e := range all {
				if e.Vendor == m.Name() && !e.WentWrong() {
					sent++
				}
			}
			return sent >= 2
		},
	}
}
