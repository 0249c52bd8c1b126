package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	webimsandbox "kabinet/integrations/webim/sandbox"
)

func chatOpens(t *testing.T, l *listening, _ codeBlock, out string) {
	t.Helper()
	if !strings.Contains(out, "Webim believes that this is Анна Смирнова\n") {
		t.Errorf("it prints %s", out)
	}
	u, err := url.Parse(lastLine(out))
	if err != nil {
		t.Fatal(err)
	}
	link, err := webim.ParseLink(u.RawQuery)
	if err != nil || link.Visitor == nil || strings.Contains(u.RawQuery, "+") {
		t.Fatalf("%v in %s", err, u)
	}
	verifier, err := webim.NewVerifier([]secret.Text{secret.New(webimsandbox.DefaultKey)}, webim.Default, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(*link.Visitor, time.Now()); err != nil ||
		time.Until(link.Visitor.Expires) > 11*time.Minute {
		t.Errorf("the visitor in the link: %v, until %v", err, link.Visitor.Expires)
	}
	if response := l.send(http.MethodGet, u.String(), "", ""); response.StatusCode != http.StatusOK {
		t.Errorf("the link: %s", response.Status)
	}
}
