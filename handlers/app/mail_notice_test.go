package app_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	mailbox "kabinet/integrations/mail/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store/storetest"
)

func TestWhoeverOwnsAnAccountIsToldWhatIsDoneWithIt(t *testing.T) {
	t.Parallel()
	p, _ := mailed(t)
	firefox := apptest.Header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
	anna := p.Client(t)
	signIn := url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}}
	anna.Do(http.MethodPost, "/login", signIn, firefox)
	device := comes(t, p, "anna@example.com", 1)
	anna.Post("/logout", url.Values{})
	anna.Do(http.MethodPost, "/login", signIn, firefox) // known now
	chosen := "совсем другая фраза"
	anna.Do(http.MethodPost, "/profile/password", url.Values{"password": {chosen}}, firefox)
	changed := comes(t, p, "anna@example.com", 2)
	anna.Do(http.MethodPost, "/profile/delete", url.Values{"password": {chosen}}, firefox)
	deleted := comes(t, p, "anna@example.com", 3)
	for what, l := range map[string]mailbox.Letter{"новым устройством": device, "Пароль": changed, "удалена": deleted} {
		for _, part := range []string{"Firefox", "127.0.0.1", "01.11.2026"} {
			if !strings.Contains(l.Text, part) {
				t.Errorf("%s: no %s in %s", what, part, l.Text)
			}
		}
		if leads := strings.Contains(l.Text, "/recover"); leads != (what != "удалена") {
			t.Errorf("%s: it leads to recovery: %v", what, leads)
		}
	}
	nothingWaits(t, p)
	if n := len(mailboxOf(p).LettersTo("anna@example.com")); n != 3 {
		t.Errorf("%d letters", n)
	}
}

func TestAPasswordThatAnAdministratorSetsOnTheCommandLineIsToldByLetter(t *testing.T) {
	t.Parallel()
	demo := apptest.StartDemoWithMail(t)
	server := "smtp://" + mailboxOf(demo).Address()
	data := t.TempDir()
	storetest.Put(t, filepath.Join(data, "kabinet.db"))
	for _, line := range []string{"create anna@example.com", "create boris@example.com", "set-password boris@example.com"} {
		commands{t, data}.run("a good phrase\n", strings.Fields("user "+line)...)
	}
	said, ok := commands{t, data}.run("a newer phrase\n", "user", "set-password", "anna@example.com", "--smtp-url", server,
		"--mail-from", "portal@example.com")
	if !ok {
		t.Fatal(said)
	}
	s := app.Settings{Data: data, Secret: secret.New(apptest.Secret)}
	s.Mail = app.MailSettings{URL: secret.New(server), From: "portal@example.com"}
	portal := apptest.Start(t, app.Serve, s)
	nothingWaits(t, portal)
	told := newest(t, demo, "anna@example.com")
	if !strings.Contains(told.Text, "администратор") || !strings.Contains(told.Text, portal.URL+"/recover") {
		t.Errorf("%s", told.Text)
	}
	if n := len(mailboxOf(demo).LettersTo("boris@example.com")); n != 0 {
		t.Errorf("%d letters by a command that knows of no mail", n)
	}
}

// Whoever has signed in writes nothing into the letter that tells of it.
func TestALetterNamesOnlyBrowsersThatAreKnown(t *testing.T) {
	t.Parallel()
	p, _ := mailed(t)
	for i, agent := range []string{"https://evil.example/kabinet", "evil.example/1.0 (Windows NT 10.0)",
		"Mozilla/5.0 (Linux; Android 14; evil.example) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36"} {
		p.Client(t).Do(http.MethodPost, "/login", url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}},
			apptest.Header("User-Agent", agent))
		if l := comes(t, p, "anna@example.com", i+1); strings.Contains(l.Text+l.HTML, "evil") {
			t.Errorf("%s", l.Text)
		}
	}
}
