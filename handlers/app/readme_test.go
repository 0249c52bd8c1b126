package app_test

import (
	"net/http"
	"net/url"
	"os"
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
	for _, v := range everyVendor() {
		for _, path := range append(v.pages, v.asks...) {
			if got := c.Get(path); got.StatusCode >= http.StatusBadRequest {
				t.Errorf("%s: %s", path, got.Status)
			}
		}
	}
}
