package app_test

import (
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

// A chat whose visitor holds for five seconds goes on, whichever instance signs the next.
func TestAWebimVisitorIsRenewedByBothInstances(t *testing.T) {
	t.Parallel()
	tab := apptest.OpenTab(t)
	c := startCluster(t, "WEBIM_TTL=5s")
	tab.SignIn(c.portal, "anna@example.com")
	window := chats(tab, &apptest.Program{URL: c.portal.URL, Addr: c.sandboxes.Addr})
	window.Wait(`document.getElementById("who").textContent.includes("Анна Смирнова")`)
	somebody := c.client(t)
	apptest.Eventually(t, "both having renewed the visitor", func() bool {
		somebody.Get("/healthz") // or the page's own requests would always find the same one
		for _, one := range c.instances {
			if strings.Count(one.Stderr.String(), "route=/chat/visitor status=200") < 2 {
				return false
			}
		}
		return true
	})
	says(window, "Я ещё здесь")
	reads(window, "visitor", "Я ещё здесь")
	window.Wait(`document.getElementById("who").textContent.includes("Анна Смирнова")`)
	c.saysNothingWrong(t)
}
