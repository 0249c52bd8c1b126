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

// setting is a way to configure serve, and what is wrong with it: empty when it starts.
type setting struct {
	name  string
	s     app.Settings
	wrong string
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
	tests := []setting{
		{"a good secret", app.Settings{Secret: secret.New(apptest.Secret)}, ""},
		{"a secret in base64", app.Settings{Secret: secret.New("q83vEjRWeJq83vEjRWeJqBI0VniavN7xI0VniavN7xI=")}, ""},
		{"a secret in a file", app.Settings{SecretFile: file}, ""},
		{"no secret", app.Settings{}, "KABINET_SECRET: there is no secret"},
		{"the demo's secret", app.Settings{Secret: secret.New(app.DemoSecret)}, "it is the demo's secret"},
		{"a short secret", app.Settings{Secret: secret.New(apptest.Secret[:62])}, "at least 32 random bytes"},
		{"32 characters of base64, which are 24 bytes",
			app.Settings{Secret: secret.New("q83vEjRWeJq83vEjRWeJqBI0VniavN7x")}, "at least 32 random bytes"},
		{"a secret that is not random", app.Settings{Secret: secret.New(strings.Repeat("ab", 40))},
			"at least 32 random bytes"},
		{"a secret file that is not there", app.Settings{SecretFile: file + "x"}, "KABINET_SECRET_FILE"},
		{"words", app.Settings{Secret: secret.New("correct horse battery staple and some more words")},
			"in hex or base64"},
		{"the demo's secret and a space", app.Settings{Secret: secret.New(app.DemoSecret + " ")},
			"it is the demo's secret"},
		{"both secrets", app.Settings{Secret: secret.New(apptest.Secret), SecretFile: file}, "set one of them"},
		{"old secrets", app.Settings{Secret: secret.New(apptest.Secret),
			OldSecrets: secret.New(otherSecret + ", " + apptest.Secret)}, ""},
		{"an invalid old secret", app.Settings{Secret: secret.New(apptest.Secret),
			OldSecrets: secret.New("short")}, "KABINET_OLD_SECRETS"},
		{"old secrets on further lines of the file", app.Settings{SecretFile: lines}, ""},
		{"a bad line in the file", app.Settings{SecretFile: badLine}, "KABINET_SECRET_FILE"},
		{"a cost", app.Settings{Secret: secret.New(apptest.Secret), BcryptCost: "10"}, ""},
		{"a cost that withstands too little", app.Settings{Secret: secret.New(apptest.Secret), BcryptCost: "9"},
			"KABINET_BCRYPT_COST"},
		{"a cost that takes too long", app.Settings{Secret: secret.New(apptest.Secret), BcryptCost: "17"},
			"KABINET_BCRYPT_COST"},
		{"a cost that is no number", app.Settings{Secret: secret.New(apptest.Secret), BcryptCost: "high"},
			"KABINET_BCRYPT_COST"},
		{"https", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "https://portal.example.com"}, ""},
		{"plain http on this machine", app.Settings{Secret: secret.New(apptest.Secret),
			BaseURL: "http://localhost:9000"}, ""},
		{"plain http elsewhere", app.Settings{Secret: secret.New(apptest.Secret),
			BaseURL: "http://portal.example.com"}, "plain http"},
		{"an address with a path", app.Settings{Secret: secret.New(apptest.Secret),
			BaseURL: "https://portal.example.com/x"}, "without path"},
		{"no address", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "portal"}, "without path"},
		{"proxies", app.Settings{Secret: secret.New(apptest.Secret),
			TrustedProxies: []string{"10.0.0.0/8", " 2001:db8::1"}}, ""},
		{"networks of one's own", app.Settings{Secret: secret.New(apptest.Secret),
			TrustedProxies: []string{"172.16.0.0/12", "fc00::/7", "2001:db8::/32", "::ffff:10.0.0.0/104"}}, ""},
		{"everybody", app.Settings{Secret: secret.New(apptest.Secret), TrustedProxies: []string{"0.0.0.0/0"}},
			"KABINET_TRUSTED_PROXIES: \"0.0.0.0/0\": strangers are in so wide a network"},
		{"half of everybody", app.Settings{Secret: secret.New(apptest.Secret),
			TrustedProxies: []string{"10.0.0.1", "128.0.0.0/1"}}, "strangers are in so wide a network"},
		{"everybody by IPv6", app.Settings{Secret: secret.New(apptest.Secret), TrustedProxies: []string{"::/0"}},
			"strangers are in so wide a network"},
		{"all that is given out by IPv6", app.Settings{Secret: secret.New(apptest.Secret),
			TrustedProxies: []string{"2000::/3"}}, "strangers are in so wide a network"},
		{"everybody by IPv4 in IPv6", app.Settings{Secret: secret.New(apptest.Secret),
			TrustedProxies: []string{"::ffff:0:0/96"}}, "strangers are in so wide a network"},
		{"a region", app.Settings{Secret: secret.New(apptest.Secret), PhoneRegion: "de"}, ""},
		{"second factors", app.Settings{Secret: secret.New(apptest.Secret), RequireSecondFactor: "Administrators "}, ""},
		{"second factors of nobody known", app.Settings{Secret: secret.New(apptest.Secret), RequireSecondFactor: "admins"},
			"KABINET_REQUIRE_SECOND_FACTOR"},
		{"a region that there is not", app.Settings{Secret: secret.New(apptest.Secret), PhoneRegion: "Russia"},
			"KABINET_PHONE_REGION"},
		{"an address of another script", app.Settings{Secret: secret.New(apptest.Secret),
			BaseURL: "https://Кабинет.рф:443/ "}, ""},
		{"an invalid address", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "https://каби нет.рф"},
			"KABINET_BASE_URL"},
		{"an invalid port", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "https://a.example:99999"},
			"KABINET_BASE_URL"},
		{"a secret in quotes", app.Settings{Secret: secret.New(`"` + apptest.Secret + `"`)},
			"KABINET_SECRET: it stands in quotes"},
		{"a secret and a line end of Windows", app.Settings{Secret: secret.New("\ufeff" + apptest.Secret + "\r\n")}, ""},
		{"an address in quotes", app.Settings{Secret: secret.New(apptest.Secret), BaseURL: `"https://portal.example.com"`},
			"KABINET_BASE_URL: it stands in quotes"},
		{"a folder in quotes", app.Settings{Secret: secret.New(apptest.Secret), Data: `"/srv/kabinet"`},
			"KABINET_DATA: it stands in quotes"},
		{"a cost and a line end", app.Settings{Secret: secret.New(apptest.Secret), BcryptCost: "12\r"}, ""},
		{"a proxy in quotes", app.Settings{Secret: secret.New(apptest.Secret), TrustedProxies: []string{"'10.0.0.1'"}},
			"it stands in quotes"},
		{"a proxy's name", app.Settings{Secret: secret.New(apptest.Secret), TrustedProxies: []string{"proxy"}},
			"KABINET_TRUSTED_PROXIES"},
	}
	for _, v := range everyVendor() {
		tests = append(tests, v.settings...)
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
	if err := buildAt(t, everywhere, app.Serve, app.Settings{Secret: secret.New(apptest.Secret)}); err == nil ||
		!strings.Contains(err.Error(), "KABINET_BASE_URL") {
		t.Errorf("without a base address: %v", err)
	}
	if err := buildAt(t, everywhere, app.Serve,
		app.Settings{Secret: secret.New(apptest.Secret), BaseURL: "https://portal.example.com"}); err != nil {
		t.Errorf("with one: %v", err)
	}
}

func TestAllFaultsAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	err := build(t, app.Serve, app.Settings{BaseURL: "ftp://x", TrustedProxies: []string{"y"}, BcryptCost: "x"})
	for _, variable := range []string{"KABINET_BASE_URL", "KABINET_SECRET", "KABINET_TRUSTED_PROXIES",
		"KABINET_BCRYPT_COST"} {
		if err == nil || !strings.Contains(err.Error(), variable+": ") ||
			!strings.Contains(err.Error(), variable+"=") {
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
		"http://LocalHost:8080": true, "localhost:8080": false,
		"http://localhost:9999": false, "https://localhost:8080": false, "http://portal.example.com:8080": false,
	} {
		if err := build(t, app.Demo, app.Settings{BaseURL: base}); (err == nil) != ok {
			t.Errorf("%q: %v", base, err)
		}
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
	for _, v := range everyVendor() {
		for _, path := range append(v.pages, v.asks...) {
			if response := c.Get(path); response.StatusCode != 404 {
				t.Errorf("%s: %s", path, response.Status)
			}
		}
	}
	if body := apptest.BodyOf(t, c.Get("/login")); strings.Contains(body, "example.com") {
		t.Error("the sign-in page tells of demo accounts")
	}
	if len(r.Sandboxes) != 0 || r.Control != nil {
		t.Error("there is a sandbox")
	}
}

func TestTheVariablesThatConnectAPortalArePrinted(t *testing.T) {
	t.Parallel()
	s := app.SandboxSettings{Addr: "127.0.0.1:8081", Portal: "http://localhost:9000"}
	want := "KABINET_BASE_URL=http://localhost:9000\nKABINET_ADDR=127.0.0.1:9000\n"
	for _, v := range everyVendor() {
		if v.given != nil {
			v.given(&s)
		}
		want += v.printed
	}
	var out strings.Builder
	if err := s.PrintEnv(&out); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestTheSandboxesAloneAreGivenWhatTheEnvironmentSays(t *testing.T) {
	t.Parallel()
	var environment []string
	for _, v := range vendors() {
		environment = append(environment, v.environment...)
	}
	out, err := apptest.Command(t, environment, "sandbox", "--print-env").Output()
	if err != nil {
		t.Fatal(err)
	}
	printed := strings.NewReplacer(`'\''`, "'", "='", "=", "'\n", "\n").Replace(string(out))
	for _, variable := range environment {
		if !strings.Contains(printed, variable+"\n") {
			t.Errorf("%s is not in\n%s", variable, printed)
		}
	}
}

// Whoever has the real accounts in the environment must not have the sandboxes answer as those.
func TestTheSandboxesAloneLeaveRealAccountsAlone(t *testing.T) {
	t.Parallel()
	run := func(environment []string, argument string) string {
		out, err := apptest.Command(t, environment, "sandbox", argument).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	printed, help := run(nil, "--print-env"), run(nil, "--help")
	var real []string
	for line := range strings.Lines(printed) {
		if name, _, _ := strings.Cut(line, "="); !strings.Contains(help, "$"+name) {
			real = append(real, name+"=https://real.example.com")
		}
	}
	if len(real) < len(vendors()) {
		t.Fatalf("only %q name an account", real)
	}
	if got := run(real, "--print-env"); got != printed {
		t.Errorf("with %q it prints\n%s\nin place of\n%s", real, got, printed)
	}
}
