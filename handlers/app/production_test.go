package app_test

import (
	"crypto/x509"
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/migrations"
	"kabinet/store"
)

// guide runs the commands of the guide to production, in a folder that stands for the machine's own.
type guide struct {
	t      *testing.T
	blocks map[string]string
	folder string
	port   string
	serves *apptest.Process
}

func followGuide(t *testing.T) *guide {
	t.Helper()
	g := &guide{t: t, blocks: blocksOf(t, ".github/PRODUCTION.md", 0), folder: t.TempDir(), port: apptest.FreePort(t)}
	program, err := apptest.Binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"bin", "var/lib/kabinet"} {
		if err := os.MkdirAll(filepath.Join(g.folder, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(program, filepath.Join(g.folder, "bin", "kabinet")); err != nil {
		t.Fatal(err)
	}
	// The service is stopped and started by the test.
	g.write("bin/systemctl", "#!/bin/sh\necho \"$@\" >> "+g.folder+"/systemctl\n")
	g.run("secret")
	return g
}

func (g *guide) write(name, text string) {
	g.t.Helper()
	if err := os.WriteFile(filepath.Join(g.folder, name), []byte(text), 0o700); err != nil { //nolint:gosec // it is run
		g.t.Fatal(err)
	}
}

// run runs a block of the guide, with the folder in the place of the machine's own.
func (g *guide) run(block string) {
	g.t.Helper()
	script, ok := g.blocks[block]
	if !ok {
		g.t.Fatalf("the guide has no %s", block)
	}
	script = regexp.MustCompile(`/(etc|var)/`).ReplaceAllString(script, g.folder+"/$1/")
	cmd := apptest.Shell(g.t, []string{"PATH=" + g.folder + "/bin:" + os.Getenv("PATH")}, "set -e\n"+script)
	cmd.Dir, cmd.Stdin = g.folder, strings.NewReader("correct horse battery\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		g.t.Fatalf("%s: %v\n%s", block, err, out)
	}
}

// start starts the service, as the unit does.
func (g *guide) start() *apptest.Client {
	g.t.Helper()
	script := "set -a; . " + g.folder + "/etc/kabinet/kabinet.env; KABINET_SECRET_FILE=" + g.folder + "/etc/kabinet/secret" +
		" KABINET_DATA=" + g.folder + "/var/lib/kabinet exec " + g.folder + "/bin/kabinet serve --addr 127.0.0.1:" + g.port
	g.serves = apptest.Begin(g.t, apptest.Shell(g.t, []string{"KABINET_BCRYPT_COST=10"}, script))
	g.serves.Answers("http://127.0.0.1:" + g.port + "/readyz")
	return (&apptest.Program{URL: "http://localhost:" + g.port}).Client(g.t)
}

// register returns the status of a registration, which leaves somebody signed in.
func register(c *apptest.Client, email string) int {
	c.TB.Helper()
	return c.Post("/register", url.Values{"email": {email}, "name": {"Некто"}, "password": {"correct horse battery"},
		"password_again": {"correct horse battery"}}).StatusCode
}

func signsIn(c *apptest.Client, email string) int {
	c.TB.Helper()
	return c.Post("/login", url.Values{"email": {email}, "password": {"correct horse battery"}}).StatusCode
}

func TestABackupIsBroughtBackAsTheGuideSays(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"file", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			g := followGuide(t)
			address := ""
			if engine == "postgres" {
				address = apptest.Postgres(t)
			}
			g.write("etc/kabinet/kabinet.env", "KABINET_DATABASE_URL='"+address+"'\n")
			c := g.start()
			if got := register(c, "early@example.com"); got != http.StatusSeeOther {
				t.Fatalf("registering: %d", got)
			}
			g.run("backup-" + engine)
			if got := register(g.client(), "late@example.com"); got != http.StatusSeeOther {
				t.Fatalf("registering: %d", got)
			}
			g.serves.Stop(syscall.SIGTERM)
			if engine == "postgres" {
				g.write("etc/kabinet/kabinet.env.back", "KABINET_DATABASE_URL='"+emptyBeside(t, address)+"'\n")
			}
			g.run("restore-" + engine)
			g.keepsBackups()
			c = g.start()
			if got := signsIn(c, "early@example.com"); got != http.StatusSeeOther {
				t.Errorf("who was there at the backup: %d", got)
			}
			if got := signsIn(g.client(), "late@example.com"); got != http.StatusUnprocessableEntity {
				t.Errorf("who came afterwards: %d", got)
			}
			g.serves.Stop(syscall.SIGTERM)
		})
	}
}

// emptyBeside makes an empty database on the server of another, and returns its address.
func emptyBeside(t *testing.T, address string) string {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	u := apptest.MustParse(t, address)
	name := strings.TrimPrefix(u.Path, "/") + "_back"
	if _, err := db.ExecContext(t.Context(), `CREATE DATABASE `+name); err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// keepsBackups looks whether the service was stopped and started, and whether only its owner reads a backup.
func (g *guide) keepsBackups() {
	g.t.Helper()
	log, err := os.ReadFile(g.folder + "/systemctl")
	if lines := strings.Split(string(log), "\n"); err != nil || len(lines) != 3 || !strings.HasPrefix(lines[0], "stop ") ||
		!strings.HasPrefix(lines[1], "start ") {
		g.t.Errorf("the service is not stopped and started: %q, %v", log, err)
	}
	all, err := os.ReadDir(g.folder + "/var/backups/kabinet")
	if err != nil || len(all) == 0 {
		g.t.Fatal("there is no backup", err)
	}
	for _, one := range all {
		if info, err := one.Info(); err != nil || info.Mode().Perm() != 0o600 {
			g.t.Errorf("%s: %v, %v", one.Name(), info.Mode(), err)
		}
	}
}

func (g *guide) client() *apptest.Client {
	return (&apptest.Program{URL: "http://localhost:" + g.port}).Client(g.t)
}

func TestAnotherSecretLocksNobodyOutAsTheGuideSays(t *testing.T) {
	t.Parallel()
	g := followGuide(t)
	g.write("etc/kabinet/kabinet.env", "")
	c := g.start()
	register(c, "early@example.com")
	hash := g.hash("early@example.com")
	g.run("rotate")
	g.serves.Stop(syscall.SIGTERM)
	g.start()
	if !c.SignedIn() {
		t.Error("who was signed in is not")
	}
	if got := signsIn(g.client(), "early@example.com"); got != http.StatusSeeOther {
		t.Errorf("with the old secret's password: %d", got)
	}
	if hash == g.hash("early@example.com") {
		t.Error("the password has not moved to the new secret")
	}
	// Without the old line it is still right.
	lines, err := os.ReadFile(g.folder + "/etc/kabinet/secret")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(lines), "\n")
	g.write("etc/kabinet/secret", first)
	g.serves.Stop(syscall.SIGTERM)
	g.start()
	if got := signsIn(g.client(), "early@example.com"); got != http.StatusSeeOther {
		t.Errorf("with the new secret alone: %d", got)
	}
}

func (g *guide) hash(email string) string {
	g.t.Helper()
	db, err := store.Open(g.t.Context(), g.folder+"/var/lib/kabinet/kabinet.db", migrations.Files)
	if err != nil {
		g.t.Fatal(err)
	}
	defer db.Close()
	u, err := db.UserByEmail(g.t.Context(), email)
	if err != nil {
		g.t.Fatal(err)
	}
	return u.PasswordHash
}

// What the guide has in its file of settings is read alike by systemd and by a shell, and the portal starts with it.
func TestTheSettingsOfTheGuideAreReadByAShellAndStartThePortal(t *testing.T) {
	t.Parallel()
	g := followGuide(t)
	page, err := os.ReadFile("../../.github/PRODUCTION.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```ini\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(found) != 2 {
		t.Fatalf("the guide has %d files of settings", len(found))
	}
	for _, m := range found {
		for line := range strings.Lines(m[1]) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			out, err := apptest.Shell(t, nil, line+`printf %s "$`+name+`"`).Output()
			if err != nil || "'"+string(out)+"'" != value {
				t.Errorf("%s is %q for a shell, %v", name, out, err)
			}
		}
	}
	g.write("etc/kabinet/kabinet.env", found[0][1])
	g.start()
	g.serves.Stop(syscall.SIGTERM)
}

func TestTheFirstAdministratorOfTheGuideSignsIn(t *testing.T) {
	t.Parallel()
	g := followGuide(t)
	g.write("etc/kabinet/kabinet.env", "")
	c := g.start()
	g.run("administrator")
	if got := signsIn(c, "admin@example.com"); got != http.StatusSeeOther {
		t.Errorf("signing in: %d", got)
	}
	if got := c.Get("/admin/users"); got.StatusCode != http.StatusOK {
		t.Errorf("the administrators' pages: %s", got.Status)
	}
}

func TestTheUnitIsAsHardAsTheGuideSays(t *testing.T) {
	t.Parallel()
	version, err := exec.Command("systemd-analyze", "--version").Output()
	if err != nil || !strings.HasPrefix(string(version), "systemd 252") {
		t.Skip("systemd 252 has rated it")
	}
	const unit = "../../.github/production/kabinet@.service"
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", unit).CombinedOutput()
	said := regexp.MustCompile(`Overall exposure level for \S+: [0-9.]+ [A-Z]+`).FindString(string(out))
	page, wrong := os.ReadFile("../../.github/PRODUCTION.md")
	if err != nil || wrong != nil || said == "" || !strings.Contains(string(page), `"`+said+`"`) {
		t.Errorf("it says %q, %v\n%s", said, err, out)
	}
	program, err := apptest.Binary()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "kabinet@8081.service")
	if err := os.WriteFile(copied, []byte(strings.Replace(string(text), "/usr/local/bin/kabinet", program, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", "--man=no", copied).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCaddyTakesTheGuidesConfiguration(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("caddy"); err != nil {
		t.Skip("caddy is not installed")
	}
	cmd := exec.Command("caddy", "adapt", "--config", "../../.github/production/Caddyfile", "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), `"warn"`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// Requests are in no log of Caddy's, not even where no instance can be reached.
func TestCaddyLogsNoTokenOfALinkInALetter(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("caddy"); err != nil {
		t.Skip("caddy is not installed")
	}
	text, err := os.ReadFile("../../.github/production/Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	conf, folder, port := string(text), t.TempDir(), apptest.FreePort(t)
	for _, change := range [][2]string{
		{"\nportal.example.com {", "\nhttp://localhost:" + port + " {"}, {"\n{\n", "\n{\nadmin off\n"},
		{"127.0.0.1:8081 127.0.0.1:8082", "127.0.0.1:" + apptest.FreePort(t)}, {"lb_try_duration 10s", "lb_try_duration 0s"},
	} {
		if !strings.Contains(conf, change[0]) {
			t.Fatalf("the configuration has no %q", change[0])
		}
		conf = strings.Replace(conf, change[0], change[1], 1)
	}
	file := filepath.Join(folder, "Caddyfile")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("caddy", "run", "--config", file, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+folder)
	caddy := apptest.Begin(t, cmd)
	caddy.Answers("http://localhost:" + port)
	c := (&apptest.Program{URL: "http://localhost:" + port}).Client(t)
	if got := c.Get("/recover/open?token=" + store.NewToken()).StatusCode; got < 500 {
		t.Errorf("without an instance: %d", got)
	}
	caddy.Stop(syscall.SIGTERM)
	if said := caddy.Stderr.String(); strings.Contains(said, "token=") {
		t.Errorf("it logs %s", said)
	}
}

// The image is built and run where buildah is to be had, by whoever may: it needs root.
func TestTheImageHasNothingButTheProgramAndServes(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("buildah"); err != nil || os.Geteuid() != 0 {
		t.Skip("buildah is not installed, or not for this user")
	}
	g := followGuide(t)
	// Images and containers of the test's own.
	real, err := exec.LookPath("buildah")
	if err != nil {
		t.Fatal(err)
	}
	g.write("bin/buildah", "#!/bin/sh\nexec "+real+" --root "+g.folder+"/images --runroot "+g.folder+"/run --storage-driver vfs \"$@\"\n")
	g.t.Cleanup(func() {
		if out, err := exec.Command(g.folder+"/bin/buildah", "rm", "--all").CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	repository, err := filepath.Abs("../../.github")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(repository, filepath.Join(g.folder, ".github")); err != nil {
		t.Fatal(err)
	}
	program, err := apptest.Binary()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	g.write("kabinet", string(binary))
	g.run("image")
	serves := apptest.Begin(t, apptest.Shell(t, nil, `set -e; PATH=`+g.folder+`/bin:`+os.Getenv("PATH")+`
		c=$(buildah from kabinet); mnt=$(buildah mount "$c"); ls -A "$mnt"; buildah umount "$c" >/dev/null
		echo started; exec buildah run --isolation chroot --env KABINET_SECRET=`+apptest.Secret+` --env KABINET_ADDR=127.0.0.1:`+
		g.port+` "$c" /kabinet serve`))
	if first := serves.Printed(`^(.*)$`); first != "data" {
		t.Errorf("it has %q", first)
	}
	serves.Printed(`^(kabinet)$`)
	serves.Printed(`^(started)$`)
	serves.Answers("http://127.0.0.1:" + g.port + "/readyz")
	if got := register(g.client(), "early@example.com"); got != http.StatusSeeOther {
		t.Errorf("registering: %d", got)
	}
	serves.Cmd.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it ends with the test at the latest
	serves.Cmd.Wait()                          //nolint:errcheck // buildah's own status
}

// rootsVariable has a program of the tests verify one of the known roots by what this machine trusts.
const rootsVariable = "KABINET_TEST_ROOTS"

func TestCertificateRootsComeWithTheProgram(t *testing.T) {
	if os.Getenv(rootsVariable) == "" {
		t.Parallel()
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self, "-test.run", "^TestCertificateRootsComeWithTheProgram$")
		cmd.Env = append(os.Environ(), rootsVariable+"=yes", "SSL_CERT_FILE=/nonexistent", "SSL_CERT_DIR=/nonexistent")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("on a machine without: %v\n%s", err, out)
		}
		return
	}
	app.BringRoots()
	verified := 0
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := certificate.Verify(x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
			verified++
		}
	}
	if verified < 50 {
		t.Errorf("%d roots are trusted", verified)
	}
}
