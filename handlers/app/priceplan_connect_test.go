package app_test

import (
	"net/http"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

func cabinetOpens(t *testing.T, l *listening, _ codeBlock, out string) {
	t.Helper()
	if !strings.Contains(out, "1001") || !strings.Contains(out, "Анна Смирнова") || !strings.Contains(out, "1004") {
		t.Errorf("the clients: %s", out)
	}
	l.form("/_sandbox/prepare", nil) // in a new account a key is issued, and does not open
	opened := l.send(http.MethodGet, lastLine(out), "", "", "Referer", "http://localhost:8080/cabinet")
	if opened.StatusCode != http.StatusFound || len(opened.Cookies()) != 1 {
		t.Fatalf("the address with the key: %s, from\n%s", opened.Status, out)
	}
	page := l.send(http.MethodGet, lastLine(out)[:strings.Index(lastLine(out), "/auth-key/")]+"/", "", "", "Cookie",
		opened.Cookies()[0].Name+"="+opened.Cookies()[0].Value)
	if text := apptest.PageOf(t, page).Find("main").Text(); !strings.Contains(text, "Анна Смирнова") {
		t.Errorf("whose cabinet is it? %s", text)
	}
}
