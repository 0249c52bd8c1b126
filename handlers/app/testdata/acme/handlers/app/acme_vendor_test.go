package app_test

import (
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
)

// acmeTested is Acme, as the tests about all vendors know it.
func acmeTested() tested {
	return tested{
		name: "acme", shown: "Acme", asks: []string{"/acme"}, printed: "ACME_URL=http://acme.localhost:8081\n",
		configure: func(c *app.Check, p *apptest.Program) { c.Acme.URL = p.SandboxOrigin("acme.localhost") },
	}
}

func TestAcmeGreetsWhoeverIsSignedIn(t *testing.T) {
	t.Parallel()
	anna := apptest.StartDemo(t).SignedInAs(t, "anna@example.com")
	if text := apptest.BodyOf(t, anna.Get("/acme")); !strings.Contains(text, "Hello, Анна Смирнова!") {
		t.Error(text)
	}
}
