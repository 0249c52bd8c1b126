package app_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
)

// pointsAreSeen joins two members, and runs the block again with what that brings.
func pointsAreSeen(t *testing.T, l *listening, b codeBlock, out string) {
	t.Helper()
	if !strings.Contains(out, "nobody with ") {
		t.Errorf("it prints %s", out)
	}
	authorize, err := url.Parse(lastLine(out))
	if err != nil {
		t.Fatal(err)
	}
	if response := l.send(http.MethodGet, authorize.String(), "", ""); response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", authorize, response.Status)
	}
	for _, member := range [][2]string{{"boris@example.com", "points: 0\n"}, {"anna@example.com", "points: 165\n"}} {
		brought := l.joins(authorize.Query(), member[0])
		l.forget()
		if out, err := b.runs(t, brought...); err != nil || out != member[1] {
			t.Errorf("with the code of %s: %v, %s", member[0], err, out)
		}
		if asked := l.forget(); len(asked) != 3 || !strings.HasSuffix(asked[0], "/auth/get-auth-hash/") {
			t.Errorf("with the code it asks %q", asked)
		}
		if out, err := b.runs(t, brought...); err == nil {
			t.Errorf("a code is taken twice: %s", out)
		}
	}
	if out, err := b.runs(t); err != nil || out != "points: 165\n" {
		t.Errorf("after joining: %v, %s", err, out)
	}
}

// joins follows SailPlay's forms in place of a browser. It returns what that brings as variables of the environment.
func (l *listening) joins(form url.Values, member string) []string {
	l.t.Helper()
	form.Set("name", member)
	form.Set("password", sailplaysandbox.DemoPassword)
	signedIn := l.form("/auth/authorize/sign-in", form)
	if len(signedIn.Cookies()) != 1 {
		l.t.Fatalf("signing in: %s", signedIn.Status)
	}
	form.Set("answer", "join")
	back, err := l.form("/auth/authorize/consent", form, "Cookie", signedIn.Cookies()[0].String()).Location()
	if err != nil || !strings.HasPrefix(back.String(), "http://localhost:8080/sailplay/callback/") {
		l.t.Fatalf("%v, %s", err, back)
	}
	return []string{"ORIGIN_USER_ID=" + back.Query().Get("origin_user_id"), "CODE=" + back.Query().Get("code")}
}

// The host that SailPlay leads back to is the portal's, which the sandboxes alone have not got.
func TestTheSandboxesAloneDoNotAnswerForThePortalThatSailPlayLeadsBackTo(t *testing.T) {
	t.Parallel()
	settings := app.SandboxSettings{Portal: "http://localhost:8080"}
	settings.SailPlay.RedirectBase = "http://www.localhost:8080"
	s, err := app.NewSandboxes(settings, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8081},
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"www.localhost:8081": http.StatusMisdirectedRequest, "sailplay.localhost:8081": http.StatusSeeOther,
	} {
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, request(http.MethodGet, "http://"+host+"/", "")); w.Code != want {
			t.Errorf("%s answers %d, want %d", host, w.Code, want)
		}
	}
}
