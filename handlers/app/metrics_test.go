package app_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
)

// metricsOf are the samples that the program tells Prometheus, each by its name with its labels.
func metricsOf(tb testing.TB, p *apptest.Program) map[string]string {
	tb.Helper()
	return samples(metricsText(p))
}

func metricsText(p *apptest.Program) string {
	answer := httptest.NewRecorder()
	p.Metrics.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return answer.Body.String()
}

func samples(text string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			all[name] = value
		}
	}
	return all
}

// watched is a program that tells Prometheus.
func watched(tb testing.TB, mode app.Mode) *apptest.Program {
	tb.Helper()
	return apptest.Start(tb, mode, app.Settings{
		MetricsAddr: "127.0.0.1:9090", Vendors: app.Vendors{Mail: apptest.Mailbox},
	})
}

func metricsPage(tb testing.TB) string {
	tb.Helper()
	page, err := os.ReadFile("../../.github/metrics.md")
	if err != nil {
		tb.Fatal(err)
	}
	return string(page)
}

// figures are the names that the page explains, each with its labels.
func figures(tb testing.TB) map[string]string {
	tb.Helper()
	all := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(kabinet_\\w+)` \\| ?(.*?) ?\\| .{20}").FindAllStringSubmatch(metricsPage(tb), -1) {
		all[row[1]] = strings.NewReplacer("`", "", " ", "").Replace(row[2])
	}
	return all
}

func TestEachFigureThatPrometheusIsToldIsExplainedWithItsLabels(t *testing.T) {
	t.Parallel()
	p := watched(t, app.Demo)
	anna := p.SignedInAs(t, "anna@example.com")
	anna.Post("/recover", asks("anna@example.com"))
	apptest.Eventually(t, "a letter", func() bool { return strings.Contains(metricsText(p), `vendor="mail"`) })
	told := map[string]string{}
	name := regexp.MustCompile(`(?m)^(kabinet_\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? [^ ]+$`)
	label := regexp.MustCompile(`(\w+)="`)
	for _, m := range name.FindAllStringSubmatch(metricsText(p), -1) {
		var labels []string
		for _, l := range label.FindAllStringSubmatch(m[2], -1) {
			if l[1] != "le" {
				labels = append(labels, l[1])
			}
		}
		slices.Sort(labels)
		told[m[1]] = strings.Join(labels, ",")
	}
	explained := figures(t)
	for name, labels := range explained {
		all := strings.FieldsFunc(labels, func(r rune) bool { return r == ',' })
		slices.Sort(all)
		explained[name] = strings.Join(all, ",")
	}
	if len(told) < 15 || !maps.Equal(told, explained) {
		t.Errorf("told are\n%q\nand explained\n%q", told, explained)
	}
}

func TestTheAlarmsSpeakOfFiguresThatThereAre(t *testing.T) {
	t.Parallel()
	explained := figures(t)
	rules := regexp.MustCompile(`alert: (\w+)\n\s+expr: (.*)`).FindAllStringSubmatch(metricsPage(t), -1)
	if len(rules) != 5 {
		t.Fatalf("%d alarms", len(rules))
	}
	for _, rule := range rules {
		names := regexp.MustCompile(`kabinet_\w+`).FindAllString(rule[2], -1)
		if len(names) == 0 {
			t.Errorf("%s looks at nothing", rule[1])
		}
		for _, name := range names {
			if _, ok := explained[name]; !ok {
				t.Errorf("%s looks at %s, which there is not", rule[1], name)
			}
		}
		for _, m := range regexp.MustCompile(`[{,](\w+)(?:=|=~|!=|!~)"`).FindAllStringSubmatch(rule[2], -1) {
			if !strings.Contains(explained[names[0]], m[1]) && m[1] != "job" {
				t.Errorf("%s goes by %s, which %s has not", rule[1], m[1], names[0])
			}
		}
	}
}

func TestNothingThatSomebodySendsIsALabel(t *testing.T) {
	t.Parallel()
	const mark = "marked"
	p := watched(t, app.Demo)
	c := p.Client(t)
	form := url.Values{"email": {mark + "@example.com"}, "name": {mark}, "password": {mark}}
	c.Post("/register", form)
	c.Post("/login", form)
	c.Post("/recover", asks(mark+"@example.com"))
	for _, path := range []string{"/" + mark, "/admin/users/" + mark, "/how/" + mark, "/static/" + mark, "/dashboard?" + mark} {
		c.Get(path)
	}
	c.Do("MARKED", "/login", nil)
	c.Do("MARKED", "/"+mark, nil)
	c.Do(http.MethodGet, "/", nil, apptest.Header("User-Agent", mark), apptest.Header("X-Forwarded-For", mark))
	text := metricsText(p)
	if strings.Contains(strings.ToLower(text), mark) || strings.Contains(text, "example.com") {
		t.Error(text)
	}
	all := samples(text)
	for name, want := range map[string]string{
		`kabinet_requests_total{method="other",route="other",status="404"}`: "3", // /marked twice, and /static/marked
		`kabinet_requests_total{method="POST",route="/login",status="422"}`: "1",
	} {
		if all[name] != want {
			t.Errorf("%s is %q\n%s", name, all[name], text)
		}
	}
}

func TestRequestsSignInsAndSessionsAreCounted(t *testing.T) {
	t.Parallel()
	p := watched(t, app.Demo)
	anna := p.SignedInAs(t, "anna@example.com")
	p.SignedInAs(t, "boris@example.com")
	anna.Get("/profile")
	anna.Get("/profile")
	for name, want := range map[string]string{
		`kabinet_requests_total{method="GET",route="/profile",status="200"}`:      "2",
		`kabinet_requests_total{method="POST",route="/login",status="303"}`:       "2",
		`kabinet_request_seconds_count{method="POST",route="/login"}`:             "2",
		`kabinet_request_seconds_bucket{method="GET",route="/profile",le="+Inf"}`: "2",
		`kabinet_password_gate_refused_total`:                                     "0",
		`kabinet_password_gate_waiting`:                                           "0",
		`kabinet_sessions`:                                                        "2",
		`kabinet_database_up`:                                                     "1",
	} {
		// What was answered is counted a moment later.
		apptest.Eventually(t, name+" to be "+want, func() bool { return metricsOf(t, p)[name] == want })
	}
	if n := metricsOf(t, p)["kabinet_password_gate_seconds_count"]; n < "2" || len(n) > 1 {
		t.Errorf("%s have passed the gate", n) // two to sign in, and one for the demo's own account
	}
}

func TestWithoutADatabasePrometheusIsToldSo(t *testing.T) {
	t.Parallel()
	p := watched(t, app.Demo)
	if err := p.DB.Close(); err != nil {
		t.Fatal(err)
	}
	all := metricsOf(t, p)
	if _, ok := all["kabinet_sessions"]; ok || all["kabinet_database_up"] != "0" {
		t.Errorf("%q", all)
	}
}

func TestPrometheusIsToldAtAnAddressOfItsOwnAndOnlyWhereThatIsSet(t *testing.T) {
	t.Parallel()
	if p := apptest.StartDemo(t); p.Metrics != nil {
		t.Error("it is told without the setting")
	} else if got := p.Client(t).Get("/metrics"); got.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics at the portal: %s", got.Status)
	}
	port, watching := apptest.FreePort(t), apptest.FreePort(t)
	p := apptest.Run(t, []string{"KABINET_METRICS_ADDR=127.0.0.1:" + watching}, "demo", "--addr", "127.0.0.1:"+port,
		"--data", t.TempDir())
	p.Answers("http://127.0.0.1:" + watching + "/metrics")
	for address, want := range map[string]int{
		"http://127.0.0.1:" + watching + "/":      http.StatusNotFound,
		"http://127.0.0.1:" + watching + "/login": http.StatusNotFound,
		"http://localhost:" + port + "/metrics":   http.StatusNotFound,
	} {
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != want {
			t.Errorf("%s: %s", address, answer.Status)
		}
	}
}
