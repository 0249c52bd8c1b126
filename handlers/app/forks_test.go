package app_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

// What bears a vendor's name goes, and the lines elsewhere that name it: the rest is a portal whose tests pass. Here
// two vendors are taken out; `make forks` takes out each alone, too.
func TestAForkWithoutAVendorIsAPortalWhoseTestsPass(t *testing.T) {
	t.Parallel()
	if len(vendors()) < 3 {
		t.Skip("hardly anything would be left")
	}
	forks := [][]string{vendorNames()[1:3]}
	if os.Getenv("KABINET_FORKS") == "all" {
		for _, vendor := range vendorNames() {
			forks = append(forks, []string{vendor})
		}
		forks = append(forks, vendorNames()[1:]) // one is left
	}
	for _, without := range forks {
		t.Run(strings.Join(without, " "), func(t *testing.T) {
			fork := copyOfTheRepository(t)
			_, recipe, _ := strings.Cut(readme(t)["fork"], "\n") // the first line says which vendor
			recipe, build, _ := strings.Cut(recipe, "go build")
			for _, vendor := range without {
				in(t, fork, "vendor="+vendor+"\n"+recipe)
				if left, err := exec.Command("grep", "-rli", vendor, "--include=*.go", "--include=*.css",
					"--include=*.js", "--include=Makefile", fork).Output(); err == nil {
					t.Errorf("%s is still named in %s", vendor, left)
				}
			}
			in(t, fork, "go build"+build)
			in(t, fork, `go vet ./...`)
			in(t, fork, `KABINET_SOAK_ROUNDS=2 KABINET_TEST_POSTGRES=none go test -vet off -parallel 2 -skip '^TestAFork' ./...`)
			in(t, fork, `dead=$(go run golang.org/x/tools/cmd/deadcode@v0.52.0 -test ./...); echo "$dead"; [ -z "$dead" ]`)
			theRestWorks(t, fork, without)
		})
	}
}

// in runs a script in a fork, which has no browser.
func in(t *testing.T, fork, script string) {
	t.Helper()
	if out, err := tryIn(t, fork, script); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// tryIn runs a script that may fail, and returns what it printed.
func tryIn(t *testing.T, fork, script string) (out string, err error) {
	t.Helper()
	cmd := apptest.Shell(t, []string{"GOFLAGS=-trimpath", "KABINET_TEST_BROWSER=none"}, "set -e\n"+script)
	cmd.Dir = fork
	printed, err := cmd.CombinedOutput()
	return string(printed), err
}

// Acme has one page, one call and an empty sandbox: what the README shows of adding it makes it part of the portal, and
// whatever of that is forgotten is told.
func TestAForkWithAnotherVendorIsAPortal(t *testing.T) {
	t.Parallel()
	fork := copyOfTheRepository(t)
	in(t, fork, readme(t)["vendor"])
	changed, err := tryIn(t, fork, "git diff --numstat")
	if err != nil {
		t.Fatal(err)
	}
	files, lines := strings.Split(strings.TrimSpace(changed), "\n"), 0
	for _, file := range files {
		n, err := strconv.Atoi(strings.Fields(file)[0])
		if err != nil {
			t.Fatal(err)
		}
		lines += n
	}
	if len(files) > 3 || lines > 6 {
		t.Errorf("%d lines are added in\n%s", lines, changed)
	}
	const tests = "TestAcme|TestAVendorIs|TestThePagesOfAdministrators|TestOnlySomePages|TestNoChain"
	in(t, fork, `go vet ./handlers/app
		go test -vet off ./handlers ./views
		go test -vet off -run '`+tests+`' ./handlers/app
		go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./integrations/acme/... ./handlers/acme
		go run github.com/a-h/templ/cmd/templ@v0.3.977 generate -log-level error
		git status --porcelain -- '*_templ.go' | grep -v '^??' && exit 1
		git add -A && git -c user.name=test -c user.email=test@example.com commit -qm acme`)
	for _, forgotten := range []struct{ what, run, told string }{
		{`sed -i '/AcmeSettings/d' handlers/app/vendors.go`, "go vet ./handlers/app", "c.Acme undefined"},
		{`sed -i '/acmeTested/d' handlers/app/vendors_test.go`, "go test -vet off -run TestAVendorIs ./handlers/app",
			"handlers/app/vendors_test.go has"},
		{`sed -i '/acme.none/d; s/,$//' views/catalogue/acme.en.json`, "go test -vet off ./views",
			`"acme.none" of acme.ru.json is missing in en`},
		{`sed -i 's/ Routes()/ Paths()/' handlers/acme/acme.go`, "go build ./...", "missing method Routes"},
	} {
		in(t, fork, forgotten.what)
		if out, err := tryIn(t, fork, forgotten.run); err == nil || !strings.Contains(out, forgotten.told) {
			t.Errorf("after %s: %v\n%s", forgotten.what, err, out)
		}
		in(t, fork, "git reset -q --hard")
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
func theRestWorks(t *testing.T, fork string, without []string) {
	t.Helper()
	port := apptest.FreePort(t)
	cmd := apptest.Command(t, []string{"KABINET_ADDR=127.0.0.1:" + port}, "demo")
	cmd.Path = filepath.Join(fork, "kabinet")
	demo := apptest.Begin(t, cmd)
	demo.Printed(`(Stop with Ctrl-C)`)
	c := (&apptest.Program{URL: "http://localhost:" + port}).Client(t)
	c.SignIn("anna@example.com")
	for _, v := range vendors() {
		want := http.StatusOK
		if slices.Contains(without, v.name) {
			want = http.StatusNotFound
		}
		for _, path := range append(v.pages, "/how/"+v.name) {
			if got := c.Get(path); got.StatusCode != want {
				t.Errorf("%s: %s", path, got.Status)
			}
		}
	}
	for _, path := range []string{"/dashboard", "/profile", "/profile/export"} {
		page := c.Get(path)
		text := strings.ToLower(apptest.BodyOf(t, page))
		for _, vendor := range without {
			if page.StatusCode != http.StatusOK || strings.Contains(text, vendor+".") {
				t.Errorf("%s: %s, or it asks for a text of %s's", path, page.Status, vendor)
			}
		}
	}
}
