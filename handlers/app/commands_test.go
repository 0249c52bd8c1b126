package app_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"kabinet/handlers/app"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// commands run the program on one folder of data, one after another.
type commands struct {
	tb   testing.TB
	data string
}

// run returns what the program printed, on either output, and whether it went well.
func (c commands) run(input string, arguments ...string) (string, bool) {
	c.tb.Helper()
	cmd := apptest.Command(c.tb, []string{"KABINET_SECRET=" + apptest.Secret, "KABINET_DATA=" + c.data,
		"KABINET_BCRYPT_COST=10"}, arguments...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if e, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || e.ExitCode() != 1) {
		c.tb.Errorf("%v: %v", arguments, err)
	}
	return string(out), err == nil
}

func TestAccountsAreLookedAfterByCommands(t *testing.T) {
	t.Parallel()
	c := commands{t, filepath.Join(t.TempDir(), "new")}
	for _, step := range []struct {
		input, line string
		ok          bool
		says        string
	}{
		{"", "user list", false, "there is no database"},
		{"short\n", "user create root@example.com", false, "at least 8 characters"},
		{"password\n", "user create root@example.com", false, "too many people"},
		{"a good phrase\n", "user create nowhere", false, "no e-mail address"},
		{"a good phrase\n", "user create Root@Example.com --role administrator", true,
			"created root@example.com, number 1"},
		{"a good phrase", "user create root@example.com", false, "has an account already"},
		{"another phrase\r\n", "user create anna@example.com --name Анна --language en", true, "number 2"},
		{"", "user create boris@example.com --password phrase", false, "unknown flag"},
		{"", "user create boris@example.com phrase", false, "an argument too many; see"},
		{"", "user create boris@example.com -phrase", false, "an unknown short flag; see"},
		{"", "user create boris@example.com --name --language=en", false, "another flag"},
		{"", "user list", true, "anna@example.com  customer"},
		{"", "user list ANNA", true, `"Анна"`},
		{"", "user list zzz", true, "nobody was found"},
		{"", "user disable root@example.com", false, "root@example.com is the last administrator"},
		{"", "user set-role anna@example.com administrator", true, "is now: administrator"},
		{"", "user set-role anna@example.com king", false, "is not one of"},
		{"", "user disable 1", true, "switched off"},
		{"", "user enable 1", true, "switched on"},
		{"a newer phrase\n", "user set-password anna@example.com", true, "new password"},
		{"", "user set-password anna@example.com", false, "at least 8"},
		{"", "user remove-second-factor anna@example.com", true, "has no second factor\n"},
		{"", "user remove-second-factor 99", false, "there is no user"},
		{"x", "user set-password 99", false, "there is no user"},
		{"", "migrate status", true, "0008_throttle.sql"},
		{"", "migrate up", true, "nothing to do"},
		{"", "backup " + filepath.Join(c.data, "copy.db"), true, "copied"},
		{"", "backup " + filepath.Join(c.data, "copy.db"), false, "is there already"},
	} {
		if said, ok := c.run(step.input, strings.Fields(step.line)...); ok != step.ok ||
			!strings.Contains(said, step.says) {
			t.Errorf("%s: %v, %s", step.line, ok, said)
		}
	}
	// The portal knows what the commands made.
	r := apptest.Start(t, app.Serve, app.Settings{Data: c.data, Secret: secret.New(apptest.Secret)})
	form := wrongPassword("anna@example.com")
	form.Set("password", "a newer phrase")
	apptest.Redirected(t, r.Client(t).Post("/login", form), "/dashboard")
	if u := r.User(t, "anna@example.com"); u.Language != "en" || u.Name != "Анна" || u.Role != store.Administrator {
		t.Errorf("stored: %+v", u)
	}
	copied, err := store.Open(t.Context(), filepath.Join(c.data, "copy.db"), migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := copied.UserByEmail(t.Context(), "root@example.com"); err != nil {
		t.Errorf("the copy: %v", err)
	}
	if err := copied.Close(); err != nil {
		t.Error(err)
	}
}

func TestABackupIsAFileWhateverItsName(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if _, err := store.Migrate(t.Context(), filepath.Join(folder, "kabinet.db"), migrations.Files); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file:copy.db", ":memory:", "copy.db?mode=memory"} {
		cmd := apptest.Command(t, nil, "backup", "--data", ".", name)
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v, %s", name, err, out)
		}
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 ||
			info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

func TestACommandChangesNoStructureUnderAProgramThatServes(t *testing.T) {
	t.Parallel()
	c := commands{t, t.TempDir()}
	file := filepath.Join(c.data, "kabinet.db")
	last := migrateButTheLast(t, file)
	for _, line := range []string{"user list", "user disable 1", "user create a@example.com"} {
		if said, ok := c.run("a good phrase", strings.Fields(line)...); ok || !strings.Contains(said, "migrate up") {
			t.Errorf("%s: %v, %s", line, ok, said)
		}
	}
	if said, ok := c.run("", "backup", filepath.Join(c.data, "before.db")); !ok {
		t.Errorf("a backup before the migration: %s", said)
	}
	if said, ok := c.run("", "migrate", "status"); !ok || !strings.Contains(said, "pending") {
		t.Errorf("the status: %s", said)
	}
	if said, ok := c.run("", "migrate", "up"); !ok || !strings.Contains(said, "applied "+last) {
		t.Errorf("the migration: %s", said)
	}
	if said, ok := c.run("", "user", "list"); !ok {
		t.Errorf("afterwards: %s", said)
	}
}

// migrateButTheLast makes a database with all migrations but the last, and returns the name of that one.
func migrateButTheLast(t *testing.T, file string) string {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	older, last := fstest.MapFS{}, names[len(names)-1]
	for _, name := range names[:len(names)-1] {
		text, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		older[name] = &fstest.MapFile{Data: text}
	}
	if _, err := store.Migrate(t.Context(), file, older); err != nil {
		t.Fatal(err)
	}
	return last
}

func TestADatabaseThatCannotBeUsedIsSaidInOneLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(folder, file string) error
		says  string
	}{
		"newer": {func(_, file string) error {
			return apptest.ExecuteIn(file, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
		}, "newer version"},
		"no database": {func(_, file string) error {
			return os.WriteFile(file, []byte("a letter, and no database at all"), 0o600)
		}, "damaged"},
		"cut off":   {func(_, file string) error { return os.Truncate(file, 9000) }, "damaged"},
		"read-only": {func(_, file string) error { return os.Chmod(file, 0o400) }, "cannot be written to"},
		"a folder": {func(_, file string) error {
			return errors.Join(os.Remove(file), os.Mkdir(file, 0o700))
		}, "kabinet.db"},
		"a read-only folder": {func(folder, file string) error {
			return errors.Join(os.Remove(file), os.Chmod(folder, 0o500))
		}, "cannot be written to"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file := filepath.Join(folder, "kabinet.db")
			if _, err := store.Migrate(t.Context(), file, migrations.Files); err != nil {
				t.Fatal(err)
			}
			if err := tt.spoil(folder, file); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(folder, 0o700) }) //nolint:errcheck // so that it can be removed
			cmd := apptest.Command(t, []string{"KABINET_SECRET=" + apptest.Secret, "KABINET_DATA=" + folder,
				"KABINET_ADDR=127.0.0.1:0"}, "serve")
			unprivileged(t, cmd, folder)
			out, err := cmd.CombinedOutput()
			e, ok := errors.AsType[*exec.ExitError](err)
			if !ok || e.ExitCode() != 1 || strings.Count(string(out), "\n") != 1 ||
				!strings.Contains(string(out), tt.says) || !strings.Contains(string(out), "KABINET_DATA") {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// unprivileged lets a command run as somebody who may not write everywhere, as root may.
func unprivileged(t *testing.T, cmd *exec.Cmd, folder string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	open := func(path string) error {
		for ; path != os.TempDir() && path != "/"; path = filepath.Dir(path) {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if path != folder {
				if err := os.Chmod(path, info.Mode().Perm()|0o055); err != nil {
					return err
				}
			}
		}
		return nil
	}
	own := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chown(path, nobody, nobody))
	})
	if err := errors.Join(own, open(folder), open(cmd.Path)); err != nil {
		t.Fatal(err)
	}
	cmd.Dir = folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody,
		NoSetGroups: true}}
}
