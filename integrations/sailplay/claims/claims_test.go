package claims_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sailplay"
	"kabinet/integrations/sailplay/claims"
	"kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/sandbox/sandboxtest"
	"kabinet/integrations/secret"
)

// The addresses below which the portal is led back to, by the documented rule and without it.
const returns, documented = "http://localhost:8080/sailplay/callback/", "http://www.localhost:8080/sailplay/callback/"

// open returns a sandbox that listens, and the claims about it; a member's browser is signed in where that is wanted.
func open(t *testing.T, signedIn bool) (sandboxtest.Played, func() claim.Book) {
	t.Helper()
	listening := httptest.NewUnstartedServer(nil)
	c := sailplay.Config{
		URL:       "http://" + strings.Replace(listening.Listener.Addr().String(), "127.0.0.1", "sailplay.localhost", 1),
		PartnerID: sandbox.DefaultPartnerID, DepartmentID: sandbox.DefaultDepartmentID,
		Secret: secret.New(sandbox.DefaultSecret), DepartmentKey: secret.New(sandbox.DefaultDepartmentKey),
		PinCode: secret.New(sandbox.DefaultPinCode),
	}
	s, err := sandbox.New(sandbox.Config{URL: c.URL, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Partner: sandbox.Partner{ID: c.PartnerID, DepartmentID: c.DepartmentID, Secret: c.Secret,
			DepartmentKey: c.DepartmentKey, PinCode: c.PinCode, Returns: []string{returns, documented}}})
	if err != nil {
		t.Fatal(err)
	}
	listening.Config.Handler = s
	listening.Start()
	t.Cleanup(listening.Close)
	a := claims.Account{Config: c, Return: returns + "compare", Asker: sandboxtest.Hasty()}
	return s, func() claim.Book {
		if signedIn {
			a.Cookie = secret.New(signIn(t, c))
		}
		return claims.Book(a)
	}
}

// signIn signs the first member in, and returns the header Cookie of their browser.
func signIn(t *testing.T, c sailplay.Config) string {
	t.Helper()
	form := url.Values{"partner_id": {c.PartnerID}, "store_department_id": {c.DepartmentID},
		"redirect_url": {documented + "x"}, "name": {"anna@example.com"}, "password": {sandbox.DemoPassword}}
	client := outgoing.NewPlainClient(time.Minute)
	defer client.CloseIdleConnections()
	response, err := client.Post(c.URL+"/auth/authorize/sign-in", "application/x-www-form-urlencoded",
		strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	for _, cookie := range response.Cookies() {
		return (&http.Cookie{Name: cookie.Name, Value: cookie.Value}).String()
	}
	t.Fatalf("nobody is signed in: %s", response.Status)
	return ""
}

func TestSailPlaysSandboxIsAsItsClaimsForeseeAndIsFoundOtherwiseWhereItIs(t *testing.T) {
	t.Parallel()
	sandboxtest.Compare(t, func(t *testing.T) (sandboxtest.Played, func() claim.Book) { return open(t, true) })
}

func TestWhatNeedsAMembersBrowserIsNotTriedWithoutOne(t *testing.T) {
	t.Parallel()
	_, claims := open(t, false)
	found, err := claim.Run(t.Context(), "sailplay", claims(), true)
	if err != nil {
		t.Fatal(err)
	}
	without := 0
	for _, f := range found {
		if f.Why == "claim.not.session" {
			without++
		}
		if f.Result == claim.Different {
			t.Errorf("%s: seen %q", f.Claim, f.Seen)
		}
	}
	if without != 5 {
		t.Errorf("%d probes miss the browser", without)
	}
}

func TestTheProbesOfSailPlayLookAtWhatTheyAsk(t *testing.T) {
	t.Parallel()
	sandboxtest.ProbesLook(t, func(t *testing.T, handler http.Handler) claim.Book {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return claims.Book(claims.Account{Config: sailplay.Config{URL: server.URL, PartnerID: "1", DepartmentID: "1"},
			Return: returns + "compare", Cookie: secret.New("a=b"), Asker: sandboxtest.Hasty()})
	}, "authorize", "auth_page", "www") // any page, and any address is taken
}

// A browser's session that has ended, and a redirect to a sign-in, are no consent.
func TestAMemberWhoIsNotSignedInIsNotTakenForOneWhoIsAsked(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.Handler{
		"a redirect to the sign-in": http.RedirectHandler("/login/", http.StatusFound),
		"the sign-in itself": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `<input type="password">`)
		}),
	} {
		server := httptest.NewServer(handler)
		defer server.Close()
		book := claims.Book(claims.Account{Config: sailplay.Config{URL: server.URL, PartnerID: "1", DepartmentID: "1"},
			Return: returns + "compare", Cookie: secret.New("a=b"), Asker: sandboxtest.Hasty()})
		found, err := claim.Run(t.Context(), "sailplay", book, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if needs := f.Claim == "at_once" || f.Claim == "appended" || f.Claim == "exchange"; needs && f.Why != "claim.not.over" {
				t.Errorf("%s: %s is %s, %q, %q", name, f.Claim, f.Result, f.Seen, f.Why)
			}
		}
	}
}
