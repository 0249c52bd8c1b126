package app_test

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

// readme are the README's blocks for a shell that are marked to be run, by their names.
func readme(tb testing.TB) map[string]string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		tb.Fatal(err)
	}
	blocks := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)<!-- run: (\\w+) -->\n```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks[m[1]] = m[2]
	}
	// `make run` and `make test` are what runs this.
	if unmarked := strings.Count(string(text), "```sh\n") - len(blocks); unmarked != 1 {
		tb.Errorf("%d blocks of the README are not run", unmarked)
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
	serve := terminal(blocks["account"] + strings.Replace(blocks["serve"], "./kabinet serve", "exec ./kabinet serve", 1))
	serve.Answers("http://127.0.0.1:" + portal + "/readyz")
	c := (&apptest.Program{URL: "http://localhost:" + portal}).Client(t)
	response := c.Post("/login", url.Values{"email": {"me@example.com"}, "password": {"correct horse battery"}})
	if response.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in: %s", response.Status)
	}
	if got := c.Get("/pp-auth/"); got.StatusCode != http.StatusFound || !strings.Contains(got.Header.Get("Location"), ":"+sandboxes+"/auth-key/") {
		t.Errorf("the cabinet: %s to %q", got.Status, got.Header.Get("Location"))
	}
}

func TestTheREADMEsFaultIsMet(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	r := apptest.StartDemo(t)
	_, port, _ := strings.Cut(r.Addr, ":")
	out, err := apptest.Shell(t, nil, strings.ReplaceAll(readme(t)["fault"], "8080", port)).CombinedOutput()
	if active := strings.Join(r.Control.Active(), " "); err != nil || active != "PricePlan: auth-key +500ms…1s 502 ×3" {
		t.Errorf("%v, %s; set is %q", err, out, active)
	}
}

// What bears a vendor's name goes, and the lines elsewhere that name it: the rest is a portal.
func TestEachVendorCanBeTakenOutAsTheREADMESays(t *testing.T) {
	t.Parallel()
	block := readme(t)["fork"]
	for _, vendor := range []string{"priceplan", "webim", "sailplay", "amocrm"} {
		t.Run(vendor, func(t *testing.T) {
			fork := copyOfTheRepository(t)
			cmd := apptest.Shell(t, []string{"GOFLAGS=-trimpath"}, "set -e\n"+strings.Replace(block, "vendor=sailplay", "vendor="+vendor, 1))
			cmd.Dir = fork
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			left, err := exec.Command("grep", "-rli", vendor, "--include=*.go", "--exclude=*_test.go", fork).Output()
			if err == nil {
				t.Errorf("it is still named in %s", left)
			}
			theRestWorks(t, fork, vendor)
		})
	}
}

// copyOfTheRepository has what is in the repository, and what npm brings.
func copyOfTheRepository(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	cmd := apptest.Shell(t, nil, `set -e
		cd "$FROM"
		{ git ls-files -z --cached --others --exclude-standard; find static/npm integrations/*/sandbox/assets/npm -type f -print0; } | xargs -0 cp --parents -t "$TO"
		cd "$TO" && git init -q && git add -A && git -c user.name=test -c user.email=test@example.com commit -qm copy`)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, "FROM="+root, "TO="+folder)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return folder
}

// theRestWorks runs a fork's demo and looks at what each vendor has there.
func theRestWorks(t *testing.T, fork, without string) {
	t.Helper()
	port := apptest.FreePort(t)
	cmd := apptest.Command(t, []string{"KABINET_ADDR=127.0.0.1:" + port}, "demo")
	cmd.Path = filepath.Join(fork, "kabinet")
	demo := apptest.Begin(t, cmd)
	demo.Printed(`(Stop with Ctrl-C)`)
	c := (&apptest.Program{URL: "http://localhost:" + port}).Client(t)
	c.SignIn("anna@example.com")
	pages := map[string]string{"priceplan": "/cabinet", "webim": "/chat", "sailplay": "/loyalty", "amocrm": "/how/amocrm"}
	for vendor, path := range pages {
		want := http.StatusOK
		if vendor == without {
			want = http.StatusNotFound
		}
		if got := c.Get(path); got.StatusCode != want {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
	for _, path := range []string{"/dashboard", "/profile", "/profile/export"} {
		if got := c.Get(path); got.StatusCode != http.StatusOK || strings.Contains(strings.ToLower(apptest.BodyOf(t, got)), without+".") {
			t.Errorf("%s: %s, or it asks for a text of %s's", path, got.Status, without)
		}
	}
}
