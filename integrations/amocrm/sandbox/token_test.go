package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/secret"
)

func TestATokenHasTheChosenClaims(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	anna, staff := s.browser(), s.browser()
	anna.enters(annasPhone)
	token := func() string {
		t.Helper()
		_, answer := anna.deal(7001001)
		return answer.Widgets[0].Token
	}
	verify := func(claim, token string) (amocrm.Deal, error) {
		t.Helper()
		v, err := amocrm.NewVerifier(amocrm.Config{ClientID: DefaultClientID, ClientSecret: secret.New(DefaultClientSecret), AccountID: DefaultAccountID, Audience: "http://localhost:9", DealClaim: claim, Now: s.clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		return v.Verify(t.Context(), token)
	}
	for _, c := range []struct {
		form  url.Values
		claim string
		want  bool
	}{
		{url.Values{"claims": {"card"}, "life": {"1800"}}, "", true},
		{url.Values{"claims": {"card"}, "life": {"1800"}, "no_user": {"on"}}, "", true},
		{url.Values{"claims": {"card"}, "life": {"1800"}, "port": {"on"}}, "", true},
		{url.Values{"claims": {"text"}, "life": {"60"}}, "", true},
		{url.Values{"claims": {"flat"}, "life": {"60"}}, "lead_id", true},
		{url.Values{"claims": {"flat"}, "life": {"60"}}, "", false},
		{url.Values{"claims": {"contact"}, "life": {"60"}}, "", false},
		{url.Values{"claims": {"none"}, "life": {"60"}}, "", false},
		{url.Values{"claims": {"foreign"}, "life": {"60"}}, "", false},
		{url.Values{"claims": {"card"}, "life": {"-60"}}, "", false},
	} {
		if status, _ := staff.post(s.account+"/_sandbox/settings", c.form); status != http.StatusSeeOther {
			t.Fatal(c.form, status)
		}
		given := token()
		if deal, err := verify(c.claim, given); (err == nil) != c.want || c.want && deal != (amocrm.Deal{AccountID: DefaultAccountID, ID: 7001001}) {
			t.Errorf("%v: %v, %v", c.form, deal, err)
		}
		// A verifier takes both.
		audience := "http://localhost"
		if c.form.Has("port") {
			audience = "http://localhost:9"
		}
		if got := claimsOf(t, given)["aud"]; got != audience {
			t.Errorf("%v: aud is %v, want %s", c.form, got, audience)
		}
	}
	for _, wrong := range []url.Values{{"claims": {"other"}, "life": {"60"}}, {"claims": {"card"}, "life": {"x"}}, {"claims": {"card"}, "life": {"86401"}}} {
		if status, _ := staff.post(s.account+"/_sandbox/settings", wrong); status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", wrong, status)
		}
	}
	s.Reset()
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	anna.enters(annasPhone)
	claims := claimsOf(t, token())
	now := float64(s.clock.Now().Unix())
	for name, want := range map[string]any{
		"iss": s.account, "aud": "http://localhost", "iat": now, "nbf": now, "exp": now + 1800, "account_id": float64(DefaultAccountID), "user_id": float64(6003), "client_uuid": DefaultClientID, "subdomain": "demo",
	} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
	first, _ := claims["jti"].(string)
	second, _ := claimsOf(t, token())["jti"].(string)
	for _, id := range []string{first, second} {
		if err := uuid.Validate(id); err != nil || len(id) != len(uuid.Nil.String()) {
			t.Errorf("jti is %q: %v", id, err)
		}
	}
	if first == second {
		t.Error("two tokens have one jti")
	}
}

// claimsOf are what a token says, unverified.
func claimsOf(t *testing.T, token string) jwt.MapClaims {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// Whoever writes a backend needs tokens before there is a widget.
func TestATokenIsHadWithoutTheCabinet(t *testing.T) {
	t.Parallel()
	s := serve(t)
	v, err := amocrm.NewVerifier(amocrm.Config{ClientID: DefaultClientID, ClientSecret: secret.New(DefaultClientSecret), AccountID: DefaultAccountID, Audience: "http://localhost:9", Now: s.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{s.account, s.cabinet} {
		status, text, header := s.browser().do(http.MethodGet, host+"/_sandbox/token?deal=7002001", nil, "")
		deal, err := v.Verify(t.Context(), text)
		if status != http.StatusOK || err != nil || deal.ID != 7002001 || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %v, %v", host, status, deal, err)
		}
		for _, wrong := range []string{"", "?deal=1", "?deal=x"} {
			if status, text := s.browser().get(host + "/_sandbox/token" + wrong); status != http.StatusNotFound || !strings.Contains(text, "/leads/") {
				t.Errorf("%q: %d %s", wrong, status, text)
			}
		}
	}
	s.browser().post(s.account+"/_sandbox/settings", url.Values{"claims": {"foreign"}, "life": {"60"}})
	token, err := s.Token(7001001)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), token); err == nil {
		t.Error("the desk's settings change nothing")
	}
}
