package app_test

import (
	"testing"

	"kabinet/handlers/app/apptest"
)

func TestASessionAtWebimThatEndsIsMended(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(p, "anna@example.com")
	window := chats(tab, p)
	meets(t, webimSandbox(p).Faults(), "messages", "expired-session", 1)
	says(window, "Меня слышно?")
	reads(window, "visitor", "Меня слышно?")
}
