package app_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"
)

// git runs git in the repository, and returns what it prints.
func git(t *testing.T, arguments ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", apptest.Root()}, arguments...)...).Output()
	if err != nil {
		t.Skip("without git's history: ", err)
	}
	return strings.TrimSpace(string(out))
}

// programBefore builds the program of the commit before the newest migration.
func programBefore(t *testing.T) string {
	t.Helper()
	newest := git(t, "log", "-1", "--format=%H", "--diff-filter=A", "--", ":(glob)migrations/*.sql")
	folder := t.TempDir()
	archive := filepath.Join(folder, "before.tar")
	git(t, "archive", "--output="+archive, newest+"~1")
	if out, err := exec.Command("tar", "-C", folder, "-xf", archive).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	build := exec.Command("go", "build", "-trimpath", "-o", "before", ".")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return filepath.Join(folder, "before")
}

// While a release is rolled out, the program before it goes on for a while on a database that has the newest migration
// already.
func TestTheProgramBeforeGoesOnBesideTheNewestMigration(t *testing.T) {
	t.Parallel()
	if os.Getenv("KABINET_UPGRADE_TEST") == "" {
		t.Skip("`make upgrade-test` runs it")
	}
	before, folder, port := programBefore(t), t.TempDir(), apptest.FreePort(t)
	environment := []string{"KABINET_SECRET=" + apptest.Secret, "KABINET_BCRYPT_COST=10"}
	old := exec.Command(before, "serve", "--data", folder, "--addr", "127.0.0.1:"+port)
	old.Env = append(os.Environ(), environment...)
	p := apptest.Begin(t, old)
	p.Answers("http://127.0.0.1:" + port + "/readyz")
	c := (&apptest.Program{URL: "http://localhost:" + port}).Client(t)
	form := url.Values{"name": {"Вера"}, "email": {"vera@example.com"}, "password": {"a good long phrase"}}
	apptest.Redirected(t, c.Post("/register", form), "/dashboard")

	file := filepath.Join(folder, "kabinet.db")
	if applied, err := store.Migrate(t.Context(), file, migrations.Files); err != nil || len(applied) == 0 {
		t.Fatalf("%q, %v", applied, err)
	}
	if !c.SignedIn() {
		t.Error("the session has ended")
	}
	apptest.Redirected(t, c.Post("/profile", url.Values{"name": {"Вера Новая"}}), "/profile?saved=profile")
	apptest.Redirected(t, c.Post("/logout", url.Values{}), "/login?signed-out")
	apptest.Redirected(t, c.Post("/login", form), "/dashboard")
	form.Set("email", "boris@example.com")
	c.Post("/logout", url.Values{})
	apptest.Redirected(t, c.Post("/register", form), "/dashboard")
	// And the new one beside it knows all of them.
	newer := apptest.Start(t, app.Serve, app.Settings{Data: folder, Secret: secret.New(apptest.Secret)})
	for _, email := range []string{"vera@example.com", "boris@example.com"} {
		newer.User(t, email)
	}
	if log := p.Stderr.String(); strings.Contains(log, "level=ERROR") {
		t.Error(log)
	}
}
