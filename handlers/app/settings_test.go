package app_test

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/integrations/secret"

	"kabinet/handlers/app/apptest"
)

var somewhere = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}

// build builds the portal and closes it, and returns what was wrong.
func build(t *testing.T, mode app.Mode, s app.Settings) error {
	t.Helper()
	return buildAt(t, somewhere, mode, s)
}

func buildAt(t *testing.T, addr net.Addr, mode app.Mode, s app.Settings) error {
	t.Helper()
	if s.Data == "" {
		s.Data = t.TempDir()
	}
	s.QuickPasswords = true
	a, err := app.New(t.Context(), mode, s, addr, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return a.Close()
}

func TestServeRefusesWhatWouldBeUnsafe(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const otherSecret = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	file := write("secret", apptest.Secret+"\n")
	lines, badLine := write("lines", apptest.Secret+"\n"+otherSecret+"\n"), write("bad", apptest.Secret+"\nold\n")
	pp := func(change func(*app.PricePlanSettings)) app.PricePlanSettings {
		s := app.PricePlanSettings{Customer: "acme", User: "manager", Password: secret.New("p")}
		change(&s)
		return s
	}
	wm := func(change func(*app.WebimSettings)) app.WebimSettings {
		s := app.WebimSettings{Account: "acme", PrivateKey: secret.New("00112233445566778899aabbccddeeff")}
		change(&s)
		return s
	}
	tests := []struct {
		name  string
		s     app.Settings
		wrong string // "" when it starts
	}{
		{"a good secret", app.Settings{Secret: secret.New(apptest.Secret)}, ""},
		{"a secret in base64", app.Settings{Secret: secret.New("q83vEjRWeJq83vEjRWeJqBI0VniavN7xI0VniavN7xI=")}, ""},
		{"a secret in a file", app.Settings{SecretFile: file}, ""},
		{"no secret", app.Settings{}, "KABINET_SECRET: there is no secret"},
		{"the demo's secret", app.Settings{Secret: secret.New(app.DemoSecret)}, "it is the demo's secret"},
		{"a short secret", app.Settings{Secret: secret.New(apptest.Secret[:62])}, "at least 32 random bytes"},
		{"32 characters of base64, which are 24 bytes", app.Settings{Secret: secret.New("q83vEjRWeJq83vEjRWeJqBI0VniavN7x")}, "at least 32 random bytes"},
		{"a secret that is not random", app.Settings{Secret: secret.New(strings.Repeat("ab", 40))}, "at least 32 random bytes"},
		{"a secret file that is not there", app.Settings{SecretFile: file + "x"}, "KABINET_SECRET_FILE"},
		{"words", app.Settings{Secret: secret.New("correct horse battery staple and some more words")}, "in hex or base64"},
		{"the demo's secret and a space", app.Settings{Secret: secret.New(app.DemoSecret + " ")}, "it is the demo's secret"},
		{"both secrets", app.Settings{Secret: secret.New(apptest.Secret), SecretFile: file}, "set one of them"},
		{"old secrets", app.Settings{Secret: secret.New(apptest.Secret), OldSecrets: secret.New(otherSecret + ", " + apptest.Secret)}, ""},
		{"an old secret that is none", app.Settings{Secret: secret.New(apptest.Secret), OldSecrets: secret.New("short")}, "KABINET_OLD_SECRETS"},
		{"old secrets on further lines of the file", app.Settings{SecretFile: lines}, ""},
		{"a bad line in the file", app.Settings{SecretFile: badLine}, "KABINET_SECRET_FILE"},
		{"a cost", app.Settings{Secret: secret.New(apptest.Secret), BcryptCost: "10"}, ""},
		{"a cost that withstands too little", app.Settings{Secret: secret.New(apptest.Secret), BcryptCost: "9"}, "KABINET_BCRYPT_COST"},
		{"a cost that takes too long", app.Settings{Secret: secret.New(apptest.Secret), BcryptCost: "17"}, "KABINET_BCRYPT_COST"},
		{"a cost that is no number", app.Settings{Secret: secret.New(apptest.Secret), BcryptCost: "high"}, "KABINET_BCRYPT_COST"},
		{"neither https nor not", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.HTTPS = "maybe" })}, "PRICEPLAN_HTTPS"},
		{"https", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "https://portal.example.com"}, ""},
		{"plain http on this machine", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "http://localhost:9000"}, ""},
		{"plain http elsewhere", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "http://portal.example.com"}, "plain http"},
		{"an address with a path", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "https://portal.example.com/x"}, "without path"},
		{"no address", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "portal"}, "without path"},
		{"proxies", app.Settings{Secret: secret.New(apptest.Secret), TrustedProxies: []string{"10.0.0.0/8", " 2001:db8::1"}}, ""},
		{"a proxy's name", app.Settings{Secret: secret.New(apptest.Secret), TrustedProxies: []string{"proxy"}}, "KABINET_TRUSTED_PROXIES"},
		{"PricePlan", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(*app.PricePlanSettings) {})}, ""},
		{"PricePlan at plain http", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.HTTPS = "false" })}, "plain http"},
		{"PricePlan at plain http on this machine", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.HTTPS, s.Domain = "false", "priceplan.localhost:8081" })}, ""},
		{"PricePlan without a manager", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: app.PricePlanSettings{Customer: "acme"}}, "PRICEPLAN_USER"},
		{"PricePlan with an API key", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.User, s.APIKey = "", secret.New("key") })}, ""},
		{"the sign-on of 2020, at the top", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.SignOn, s.Embed = "reset-token", "redirect" })}, ""},
		{"another sign-on", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.SignOn = "password" })}, "PRICEPLAN_SIGN_ON"},
		{"neither to create clients nor not", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.Provision = "perhaps" })}, "PRICEPLAN_PROVISION"},
		{"another way to open", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.Embed = "popup" })}, "PRICEPLAN_EMBED"},
		{"Webim", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(*app.WebimSettings) {})}, ""},
		{"Webim without its key", app.Settings{Secret: secret.New(apptest.Secret), Webim: app.WebimSettings{Account: "acme"}}, "WEBIM_PRIVATE_KEY"},
		{"a key that is none", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.PrivateKey = secret.New(apptest.Secret) })}, "WEBIM_PRIVATE_KEY: the private key is not 32"},
		{"a key of before that is none", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.PreviousKey = secret.New(apptest.Secret) })}, "WEBIM_PREVIOUS_KEY"},
		{"both keys", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.PreviousKey = secret.New(apptest.Secret[:32]) })}, ""},
		{"version 1.0 by md5", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.Version, s.Algorithm, s.Charset = "1.0", "md5", "koi8-r" })}, ""},
		{"version 1.0 by HMAC", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.Version, s.Algorithm = "1.0", "hmac-sha256" })}, "WEBIM_ALGORITHM"},
		{"version 2.0 in another charset", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.Charset = "cp1251" })}, "WEBIM_CHARSET"},
		{"a version that is none", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.Version = "3" })}, "WEBIM_VERSION"},
		{"a location that is none", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.Location = "a b" })}, "WEBIM_LOCATION"},
		{"a visitor for a day", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.TTL = "24h" })}, ""},
		{"a visitor for longer", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.TTL = "24h1s" })}, "WEBIM_TTL"},
		{"a visitor for a moment", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.TTL = "4s" })}, "WEBIM_TTL"},
		{"a time that is none", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.TTL = "10" })}, "WEBIM_TTL"},
		{"neither strangers nor not", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.Anonymous = "some" })}, "WEBIM_ANONYMOUS"},
		{"neither a handler nor not", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.AuthHandler = "some" })}, "WEBIM_AUTH_HANDLER"},
		{"Webim at plain http", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.HTTPS = "false" })}, "plain http"},
		{"Webim with an odd account", app.Settings{Secret: secret.New(apptest.Secret), Webim: wm(func(s *app.WebimSettings) { s.Account = "a.b/c" })}, "WEBIM_ACCOUNT"},
		{"the portal at Webim's host", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "https://acme.webim.ru", Webim: wm(func(*app.WebimSettings) {})}, "is Webim's host"},
		{"PricePlan with both", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.APIKey = secret.New("key") })}, "PRICEPLAN_API_KEY"},
		{"PricePlan with an odd customer", app.Settings{Secret: secret.New(apptest.Secret), PricePlan: pp(func(s *app.PricePlanSettings) { s.Customer, s.HTTPS = "a.b/c", "true" })}, "not a subdomain"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := build(t, app.Serve, tt.s)
			if tt.wrong == "" && err != nil {
				t.Errorf("refused: %v", err)
			}
			if tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
				t.Errorf("got %v, want %q", err, tt.wrong)
			}
			if err != nil && strings.Contains(err.Error(), apptest.Secret) {
				t.Error("the secret is in the error")
			}
		})
	}
}

func TestServeThatOthersCanReachMustKnowItsAddress(t *testing.T) {
	t.Parallel()
	everywhere := &net.TCPAddr{IP: net.IPv4zero, Port: 8080}
	if err := buildAt(t, everywhere, app.Serve, app.Settings{Secret: secret.New(apptest.Secret)}); err == nil || !strings.Contains(err.Error(), "KABINET_BASE_URL") {
		t.Errorf("without a base address: %v", err)
	}
	if err := buildAt(t, everywhere, app.Serve, app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "https://portal.example.com"}); err != nil {
		t.Errorf("with one: %v", err)
	}
}

func TestAllFaultsAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	err := build(t, app.Serve, app.Settings{BaseURL: "ftp://x", TrustedProxies: []string{"y"}, BcryptCost: "x", PricePlan: app.PricePlanSettings{Customer: "acme", HTTPS: "perhaps"}})
	for _, variable := range []string{"KABINET_BASE_URL", "KABINET_SECRET", "KABINET_TRUSTED_PROXIES", "KABINET_BCRYPT_COST", "PRICEPLAN_HTTPS", "PRICEPLAN_USER", "PRICEPLAN_PASSWORD"} {
		if err == nil || !strings.Contains(err.Error(), variable+": ") || !strings.Contains(err.Error(), variable+"=") {
			t.Errorf("%s is not among: %v", variable, err)
		}
	}
}

func TestTheDemoIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	for ip, ok := range map[string]bool{
		"127.0.0.1": true, "::1": true, "127.0.0.2": false, "0.0.0.0": false, "::": false, "192.168.1.5": false,
	} {
		err := buildAt(t, &net.TCPAddr{IP: net.ParseIP(ip), Port: 8080}, app.Demo, app.Settings{})
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "KABINET_ADDR=127.0.0.1:8080") {
			t.Errorf("%s: %v", ip, err)
		}
	}
	for base, ok := range map[string]bool{
		"": true, "http://localhost:8080": true, "http://127.0.0.1:8080/": true,
		"http://LocalHost:8080": true, "http://demo-lk.priceplan.localhost:8080": false, "localhost:8080": false,
		"http://localhost:9999": false, "https://localhost:8080": false, "http://portal.example.com:8080": false,
	} {
		if err := build(t, app.Demo, app.Settings{BaseURL: base}); (err == nil) != ok {
			t.Errorf("%q: %v", base, err)
		}
	}
}

func TestOtherVariablesOfAVendorApplyToItsSandboxToo(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{PricePlan: app.PricePlanSettings{User: "somebody", Password: secret.New("else")}})
	c := r.SignedInAs(t, "anna@example.com")
	if response := c.Get("/pp-auth/"); response.StatusCode != 302 {
		t.Errorf("with the same manager on both sides: %s", response.Status)
	}
	for name, s := range map[string]app.PricePlanSettings{
		"a real domain": {Domain: "priceplan.pro"}, "https": {HTTPS: "true"}, "another port": {Domain: "priceplan.localhost:1"},
	} {
		err := build(t, app.Demo, app.Settings{PricePlan: s})
		if err == nil || !strings.Contains(err.Error(), "PRICEPLAN_CUSTOMER") {
			t.Errorf("%s, and no customer: %v", name, err)
		}
	}
	if err := build(t, app.Demo, app.Settings{PricePlan: app.PricePlanSettings{Domain: "billing.localhost:8080"}}); err != nil {
		t.Errorf("another name on this machine: %v", err)
	}
}

func TestServeHasOnlyWhatIsConfiguredAndNobodyOfTheDemo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := build(t, app.Demo, app.Settings{Data: folder}); err != nil {
		t.Fatal(err)
	}
	r := apptest.Start(t, app.Serve, app.Settings{Data: folder, Secret: secret.New(apptest.Secret)})
	c := r.Client(t)
	for _, email := range []string{"anna@example.com", "admin@example.com"} {
		response := c.Post("/login", map[string][]string{"email": {email}, "password": {app.DemoPassword}})
		if response.StatusCode != 422 {
			t.Errorf("%s: %s", email, response.Status)
		}
	}
	for _, path := range []string{"/cabinet", "/pp-auth/"} {
		if response := c.Get(path); response.StatusCode != 404 {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
	if body := apptest.BodyOf(t, c.Get("/login")); strings.Contains(body, "example.com") {
		t.Error("the sign-in page tells of demo accounts")
	}
	if r.PricePlan != nil {
		t.Error("there is a sandbox")
	}
}

func TestAnnaIsLinkedOnlyToAPricePlanOnThisMachine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	linked := func(s app.PricePlanSettings) bool {
		r := apptest.Start(t, app.Demo, app.Settings{Data: folder, PricePlan: s})
		u, err := r.DB.UserByEmail(t.Context(), "anna@example.com")
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.DB.PricePlanClient(t.Context(), u.ID)
		return err == nil
	}
	if !linked(app.PricePlanSettings{}) {
		t.Error("not linked at the sandbox")
	}
	if linked(app.PricePlanSettings{Customer: "acme", User: "u", Password: secret.New("p")}) {
		t.Error("linked to whoever has that number at the real PricePlan")
	}
	if !linked(app.PricePlanSettings{Customer: "demo", Domain: "priceplan.localhost:8081", HTTPS: "false", User: "u", Password: secret.New("p")}) {
		t.Error("not linked at a sandbox elsewhere on this machine")
	}
}

func TestTheVariablesThatConnectAPortalArePrinted(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := app.SandboxSettings{Addr: "127.0.0.1:8081", Portal: "http://localhost:9000", PricePlanPassword: secret.New("it's a $ecret"),
		WebimPrivateKey: secret.New("00112233445566778899aabbccddeeff"), WebimAlgorithm: "sha512"}
	if err := s.PrintEnv(&out); err != nil {
		t.Fatal(err)
	}
	want := `KABINET_BASE_URL=http://localhost:9000
KABINET_ADDR=127.0.0.1:9000
PRICEPLAN_CUSTOMER=demo
PRICEPLAN_DOMAIN=priceplan.localhost:8081
PRICEPLAN_HTTPS=false
PRICEPLAN_USER=portal-manager
PRICEPLAN_PASSWORD='it'\''s a $ecret'
WEBIM_ACCOUNT=demo
WEBIM_DOMAIN=webim.localhost:8081
WEBIM_HTTPS=false
WEBIM_PRIVATE_KEY=00112233445566778899aabbccddeeff
WEBIM_ALGORITHM=sha512
SAILPLAY_URL=http://sailplay.localhost:8081
SAILPLAY_PARTNER_ID=7301
SAILPLAY_DEPARTMENT_ID=9104
SAILPLAY_SECRET=0a1b2c3d4e5f60718293a4b5c6d7e8
SAILPLAY_DEPARTMENT_KEY=portal-department-key
SAILPLAY_PIN_CODE=4711
AMOCRM_CLIENT_ID=5c0f3a7e-91d2-4b68-a3f4-6e1d2c7b8a90
AMOCRM_CLIENT_SECRET=Zk3vQx81mTn5LrYw0aHb7GdCe4UfJs9PoIi2XtNqVyRzMl6KhEuBgWcDp1SjFa8O
AMOCRM_ACCOUNT_ID=30050010
AMOCRM_CABINET_ORIGINS=http://cabinet.amocrm.localhost:8081
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestTheSandboxPrintsTheAPIKeyInPlaceOfTheManager(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{"": "PRICEPLAN_USER=", "the-key": "PRICEPLAN_API_KEY=the-key\n"} {
		var printed strings.Builder
		s := app.SandboxSettings{Addr: "127.0.0.1:8081", Portal: "http://localhost:8080", PricePlanAPIKey: secret.New(key)}
		if err := s.PrintEnv(&printed); err != nil {
			t.Fatal(err)
		}
		text := printed.String()
		if !strings.Contains(text, want) || strings.Contains(text, "PRICEPLAN_USER") == strings.Contains(text, "PRICEPLAN_API_KEY") {
			t.Errorf("with the key %q: %s", key, text)
		}
	}
}
