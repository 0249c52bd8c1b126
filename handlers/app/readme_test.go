package app_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/integrations/outgoing"
)

// readme are the README's blocks for a shell that are marked to be run, by their names. One is not: `make run` and
// `make test` are what runs this.
func readme(tb testing.TB) map[string]string {
	tb.Helper()
	return blocksOf(tb, "README.md", 1)
}

// blocksOf are a page's blocks for a shell, but for so many that are not marked to be run.
func blocksOf(tb testing.TB, page string, unmarked int) map[string]string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		tb.Fatal(err)
	}
	blocks := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)<!-- run: ([a-z-]+) -->\n```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks[m[1]] = m[2]
	}
	if n := strings.Count(string(text), "```sh\n") - len(blocks); n != unmarked {
		tb.Errorf("%d blocks of %s are not run", n, page)
	}
	return blocks
}

func TestTheREADMEsWayToProductionLeadsThere(t *testing.T) {
	t.Parallel()
	blocks := readme(t)
	program, err := apptest.Binary()
	if err != nil {
		t.Fatal(err)
	}
	portal, sandboxes := apptest.FreePort(t), apptest.FreePort(t)
	environment := []string{"KABINET_BASE_URL=http://localhost:" + portal, "KABINET_SANDBOX_ADDR=127.0.0.1:" + sandboxes, "KABINET_BCRYPT_COST=10"}
	folder := t.TempDir()
	if err := os.Symlink(program, filepath.Join(folder, "kabinet")); err != nil {
		t.Fatal(err)
	}
	terminal := func(script string) *apptest.Process {
		cmd := apptest.Shell(t, environment, script)
		cmd.Dir, cmd.Stdin = folder, strings.NewReader("correct horse battery\n")
		return apptest.Begin(t, cmd)
	}
	sandbox := terminal("exec " + blocks["sandbox"])
	sandbox.Printed(`(Stop with Ctrl-C)`)
	prepare := terminal(strings.ReplaceAll(blocks["prepare"], "8081", sandboxes))
	if err := prepare.Cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	serve := terminal(blocks["account"] + strings.Replace(blocks["serve"], "./kabinet serve", "exec ./kabinet serve", 1))
	serve.Answers("http://127.0.0.1:" + portal + "/readyz")
	c := (&apptest.Program{URL: "http://localhost:" + portal}).Client(t)
	response := c.Post("/login", url.Values{"email": {"me@example.com"}, "password": {"correct horse battery"}})
	if response.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in: %s", response.Status)
	}
	for _, v := range everyVendor() {
		for _, path := range append(v.pages, v.asks...) {
			got := c.Get(path)
			if got.StatusCode >= http.StatusBadRequest {
				t.Errorf("%s: %s", path, got.Status)
			}
			if to := got.Header.Get("Location"); strings.HasPrefix(to, "http") {
				letsIn(t, to, c.URL)
			}
		}
	}
}

// letsIn fails the test where a vendor refuses whom the portal has sent there: one that nobody has set up does.
func letsIn(t *testing.T, address, portal string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Referer", portal+"/")
	client := outgoing.NewPlainClient(time.Minute)
	defer client.CloseIdleConnections()
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		t.Errorf("the vendor refuses the customer: %s", response.Status)
	}
}

func readmeText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheREADMEIsReadInTenMinutes(t *testing.T) {
	t.Parallel()
	if n := len(strings.Fields(readmeText(t))); n > 1800 {
		t.Errorf("it has %d words", n)
	}
}

func TestEveryPlaceThatIsToBeReadFirstIsThere(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(readmeText(t), "## Read this first")
	part, _, _ := strings.Cut(rest, "\n## ")
	place := regexp.MustCompile("`([a-z_0-9]+/[a-z_0-9./]+)`")
	for _, v := range vendors() {
		_, line, ok := strings.Cut(part, "- **"+v.shown+"**: ")
		line, _, _ = strings.Cut(line, "\n")
		places := place.FindAllStringSubmatch(line, -1)
		if !ok || len(places) < 3 || len(places) > 6 {
			t.Errorf("%s has %d places", v.shown, len(places))
		}
		for _, p := range places {
			if _, err := os.Stat(filepath.Join("..", "..", p[1])); err != nil {
				t.Error(err)
			}
		}
	}
}

// variables are the variables of the environment that settings have.
func variables(of reflect.Type) []string {
	var all []string
	for field := range of.Fields() {
		if name := field.Tag.Get("env"); name != "" {
			all = append(all, name)
		} else if field.Type.Kind() == reflect.Struct {
			all = append(all, variables(field.Type)...)
		}
	}
	return all
}

// Settings are told by --help and nowhere else.
func TestEverySettingHasItsLineInTheHelp(t *testing.T) {
	t.Parallel()
	settings := variables(reflect.TypeFor[app.Settings]())
	if len(settings) < 8+2*len(vendors()) {
		t.Fatalf("only %q", settings)
	}
	out, err := apptest.Command(t, nil, "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	help := strings.Join(strings.Fields(string(out)), " ")
	for _, name := range settings {
		before, _, ok := strings.Cut(help, "($"+name+")")
		words := strings.Fields(before[strings.LastIndex(before, "($")+1:]) // with the name of the one before
		if !ok || len(words) < 5 {
			t.Errorf("%s: %q", name, words)
		}
	}
}

func TestTheHelpHasTheLongerTextsToo(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"sandbox": "Which sandboxes: " + namesOf(everyVendor())[0],
		"check":   "Which to try: " + namesOf(everyVendor())[0],
		"serve":   "from which all keys are derived",
		"user":    "Create an account. Asks for the password",
	} {
		out, err := apptest.Command(t, nil, command, "--help").Output()
		if err != nil {
			t.Fatal(err)
		}
		help := strings.Join(strings.Fields(string(out)), " ")
		if name := regexp.MustCompile(`\b[a-z]+_[a-z_]+( \(\$|$)`).FindString(help); name != "" || !strings.Contains(help, want) {
			t.Errorf("%s: %q, or no %q", command, name, want)
		}
	}
}
