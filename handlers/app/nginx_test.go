package app_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kabinet/handlers/app/apptest"
	"kabinet/integrations/secret"
	"kabinet/migrations"
	"kabinet/store"
)

// guideName is the portal's name in the guide to production.
const guideName = "portal.example.com"

// fronted are two instances on one PostgreSQL behind a real nginx, which has the configuration of the guide.
type fronted struct {
	t           *testing.T
	database    string
	instances   [2]*apptest.Process
	listen      [2]string // of the instances
	folder      string    // nginx's
	plain, tls  string    // where nginx listens
	nginx       *apptest.Process
	trusted     *x509.CertPool
	environment []string
}

func startBehindNginx(t *testing.T) *fronted {
	t.Helper()
	if _, err := exec.LookPath("nginx"); err != nil && os.Getenv("KABINET_TEST_NGINX") != "required" {
		t.Skip("nginx is not installed: Debian's package nginx has it")
	}
	f := &fronted{t: t, database: apptest.Postgres(t), folder: t.TempDir(),
		plain: "127.0.0.1:" + apptest.FreePort(t), tls: "127.0.0.1:" + apptest.FreePort(t)}
	db, err := store.Open(t.Context(), f.database, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	id := apptest.AddCustomer(t, db, secret.New(apptest.Secret))
	anna, err := db.User(t.Context(), id)
	if err == nil {
		_, err = db.EnsureUser(t.Context(), store.User{Email: "admin@example.com", Name: "Админ", Language: "ru",
			Role: store.Administrator, PasswordHash: anna.PasswordHash})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f.environment = []string{
		"KABINET_BCRYPT_COST=10", "KABINET_SECRET=" + apptest.Secret, "KABINET_DATABASE_URL=" + f.database,
		"KABINET_BASE_URL=https://" + guideName, "KABINET_TRUSTED_PROXIES=127.0.0.1",
	}
	for i := range f.instances {
		f.listen[i] = "127.0.0.1:" + apptest.FreePort(t)
		f.start(i)
	}
	f.certify()
	f.configure()
	f.nginx = apptest.Begin(t, exec.Command("nginx", "-c", filepath.Join(f.folder, "nginx.conf"), "-e", "stderr"))
	t.Cleanup(func() { f.nginx.Stop(syscall.SIGTERM) }) // its workers with it
	apptest.Eventually(t, "nginx", func() bool {
		c, err := net.Dial("tcp", f.tls)
		return err == nil && c.Close() == nil
	})
	return f
}

// start starts an instance.
func (f *fronted) start(i int) {
	f.t.Helper()
	f.instances[i] = apptest.Run(f.t, f.environment, "serve", "--addr", f.listen[i])
	f.instances[i].Answers("http://" + f.listen[i] + "/readyz")
}

// certify makes the certificate that the configuration names.
func (f *fronted) certify() {
	f.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{guideName}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		f.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	f.write("fullchain.pem", string(chain))
	f.write("privkey.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	f.trusted = x509.NewCertPool()
	f.trusted.AppendCertsFromPEM(chain)
}

func (f *fronted) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.folder, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// configure gives nginx the guide's configuration with this machine's ports and folders in it. Around it stands what of
// Debian's nginx.conf could be in its way, its logs among it.
func (f *fronted) configure() {
	f.t.Helper()
	text, err := os.ReadFile("../../.github/production/nginx.conf")
	if err != nil {
		f.t.Fatal(err)
	}
	conf := string(text)
	for _, change := range [][2]string{
		{"server 127.0.0.1:8081;", "server " + f.listen[0] + ";"}, {"server 127.0.0.1:8082;", "server " + f.listen[1] + ";"},
		{"listen 80;", "listen " + f.plain + ";"}, {"listen 443 ssl", "listen " + f.tls + " ssl"},
		{"/etc/ssl/kabinet", f.folder}, {"/var/log/nginx", f.folder},
	} {
		if !strings.Contains(conf, change[0]) {
			f.t.Fatalf("the configuration has no %s", change[0])
		}
		conf = strings.ReplaceAll(conf, change[0], change[1])
	}
	// This machine may have no IPv6.
	conf = regexp.MustCompile(`(?m)^\s*listen \[::\].*\n`).ReplaceAllString(conf, "")
	f.write("kabinet.conf", conf)
	user := ""
	if os.Geteuid() == 0 { // the test's folder is root's
		user = "user root;\n"
	}
	f.write("nginx.conf", user+"daemon off; worker_processes 2; pid "+f.folder+"/nginx.pid;\n"+
		"error_log "+f.folder+"/error.log;\nevents { worker_connections 512; }\n"+
		"http { access_log "+f.folder+"/access.log; gzip on; ssl_protocols TLSv1 TLSv1.2 TLSv1.3;\n"+
		"client_body_temp_path "+f.folder+"/body; proxy_temp_path "+f.folder+"/proxy;\n"+
		"fastcgi_temp_path "+f.folder+"/a; uwsgi_temp_path "+f.folder+"/b; scgi_temp_path "+f.folder+"/c;\n"+
		"include "+f.folder+"/kabinet.conf; }\n")
}

// runs runs a block of the guide against this nginx and these instances. Stopping the second one is done as systemd
// does; the test starts it itself.
func (f *fronted) runs(block string) {
	f.t.Helper()
	script := strings.NewReplacer("/etc/nginx/conf.d", f.folder, "/run/nginx.pid", f.folder+"/nginx.pid",
		"nginx -s", "nginx -e stderr -c "+f.folder+"/nginx.conf -s", "127.0.0.1:8082", f.listen[1],
		"systemctl stop kabinet@8082", fmt.Sprint("kill -TERM ", f.instances[1].Cmd.Process.Pid),
		"systemctl start kabinet@8082", "true",
	).Replace(blocksOf(f.t, ".github/PRODUCTION.md", 0)[block])
	if out, err := apptest.Shell(f.t, nil, "set -e\n"+script).CombinedOutput(); err != nil {
		f.t.Fatalf("%s: %v\n%s\n%s", block, err, script, out)
	}
}

// client is somebody at an address of this machine, who asks for the portal by its name.
func (f *fronted) client(from string) *apptest.Client {
	f.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	transport := &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: f.trusted},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			to := f.tls
			if strings.HasSuffix(address, ":80") {
				to = f.plain
			}
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
			return d.DialContext(ctx, network, to)
		},
	}
	f.t.Cleanup(transport.CloseIdleConnections)
	return &apptest.Client{TB: f.t, URL: "https://" + guideName, HTTP: &http.Client{
		Jar: jar, Transport: transport, Timeout: apptest.Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func TestThePortalIsServedThroughNginxAsTheGuideHasIt(t *testing.T) {
	t.Parallel()
	f := startBehindNginx(t)
	admin := f.client("127.0.0.9")
	admin.SignIn("admin@example.com")
	page := admin.Get("/admin/audit")
	if page.ProtoMajor != 2 || page.StatusCode != http.StatusOK || page.Header.Get("Server") != "nginx" ||
		page.Header.Get("Strict-Transport-Security") == "" || page.TLS.Version < tls.VersionTLS12 {
		t.Errorf("%s %s %v", page.Proto, page.Status, page.Header)
	}
	asksForGzip := admin.Do(http.MethodGet, "/admin/audit", nil, apptest.Header("Accept-Encoding", "gzip"))
	if got := asksForGzip.Header.Get("Content-Encoding"); got != "" || asksForGzip.StatusCode != http.StatusOK {
		t.Errorf("a page is compressed: %q, %s", got, asksForGzip.Status)
	}
	if text := apptest.PageOf(t, page).Find("tbody").Text(); !strings.Contains(text, "127.0.0.9") {
		t.Errorf("the audit has another address: %s", text)
	}
	// Somebody who says that they are somebody else.
	stranger := f.client("127.0.0.10")
	stranger.Do(http.MethodPost, "/login", url.Values{"email": {"admin@example.com"}, "password": {"wrong"}},
		apptest.Header("X-Forwarded-For", "192.0.2.7"))
	if text := apptest.PageOf(t, admin.Get("/admin/audit")).Find("tbody").Text(); strings.Contains(text, "192.0.2.7") ||
		!strings.Contains(text, "127.0.0.10") {
		t.Errorf("the audit believes whoever says who they are: %s", text)
	}
	answer := stranger.Visit(http.MethodGet, "http://"+guideName+"/login?next=%2Fprofile", nil)
	if to := answer.Header.Get("Location"); to != "https://"+guideName+"/login?next=%2Fprofile" {
		t.Errorf("plain http leads to %q", to)
	}
	other := f.client("127.0.0.10").HTTP.Transport.(*http.Transport)
	other.TLSClientConfig.InsecureSkipVerify = true
	if answer, err := (&http.Client{Transport: other}).Get("https://evil.example.com/"); err == nil {
		answer.Body.Close()
		t.Errorf("another name: %s", answer.Status)
	}
}

func TestLivePagesAreNotHeldBackByNginx(t *testing.T) {
	t.Parallel()
	f := startBehindNginx(t)
	admin := f.client("127.0.0.1")
	admin.SignIn("admin@example.com")
	live := admin.Get("/admin/inspector/live")
	line, err := bufio.NewReader(live.Body).ReadString('\n')
	if err != nil || line != ": waiting\n" || live.ProtoMajor != 2 {
		t.Errorf("%q, %v", line, err) // it arrives while the answer goes on
	}
}

func TestNginxLimitsWhatOneAddressMayDo(t *testing.T) {
	t.Parallel()
	f := startBehindNginx(t)
	c := f.client("127.0.0.1")
	if got := c.Post("/login", url.Values{"email": {strings.Repeat("x", 300<<10)}}); got.StatusCode !=
		http.StatusRequestEntityTooLarge {
		t.Errorf("a form of 300 kB: %s", got.Status)
	}
	var refused atomic.Int64
	flood := func(c *apptest.Client, requests int) {
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				for range requests / 10 {
					status, err := f.asks(c, http.MethodGet, "/healthz", nil)
					if err != nil {
						t.Error(err)
					}
					if status == http.StatusTooManyRequests {
						refused.Add(1)
					}
				}
			})
		}
		all.Wait()
	}
	other := f.client("127.0.0.2")
	flood(other, 90)
	if n := refused.Load(); n > 0 {
		t.Errorf("%d of 90 requests are refused", n)
	}
	// However long a request takes on this machine, a flood is more than 20 a second at some time.
	for n := 0; n < 20 && refused.Load() == 0; n++ {
		flood(c, 1000)
	}
	if refused.Load() == 0 {
		t.Error("a flood is let through")
	}
	if status, err := f.asks(f.client("127.0.0.3"), http.MethodGet, "/login", nil); err != nil || status != http.StatusOK {
		t.Errorf("somebody else meanwhile: %d, %v", status, err)
	}
}

// logs are what nginx has written.
func (f *fronted) logs() string {
	f.t.Helper()
	names, err := filepath.Glob(filepath.Join(f.folder, "*.log"))
	if err != nil {
		f.t.Fatal(err)
	}
	all := ""
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.t.Fatal(err)
		}
		all += string(text)
	}
	return all
}

// Not of a request that is answered, nor of one that is refused, nor where an instance fails.
func TestNginxLogsNoTokenOfALinkInALetter(t *testing.T) {
	t.Parallel()
	f := startBehindNginx(t)
	c, token := f.client("127.0.0.1"), store.NewToken()
	for _, path := range []string{"/register/open", "/recover/open", "/email/open", "/email/back/open", "/factors/back/open"} {
		c.Get(path + "?token=" + token)
		c.Visit(http.MethodGet, "http://"+guideName+path+"?token="+token, nil)
	}
	link := "/recover/open?token=" + token
	if err := f.instances[0].Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	f.instances[0].Cmd.Wait() //nolint:errcheck // killed
	both, refused := regexp.MustCompile(`"`+f.listen[0]+", "+f.listen[1]+`"`), regexp.MustCompile(`/open[^"]*" 429 `)
	apptest.Eventually(t, "both instances being asked", func() bool {
		c.Get(link)
		return both.MatchString(f.logs())
	})
	status := 0
	for n := 0; n < 20_000 && status != http.StatusTooManyRequests; n++ {
		var err error
		if status, err = f.asks(c, http.MethodGet, link, nil); err != nil {
			t.Fatal(err)
		}
	}
	apptest.Eventually(t, "the refusal in the log", func() bool { return refused.MatchString(f.logs()) })
	for line := range strings.Lines(f.logs()) {
		if strings.Contains(line, token) || strings.Contains(line, "token=") {
			t.Fatalf("it has the token: %s", line)
		}
	}
}

// asks sends one request and reads the answer.
func (f *fronted) asks(c *apptest.Client, method, path string, form url.Values) (int, error) {
	r, err := http.NewRequest(method, c.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", c.URL)
	}
	answer, err := c.HTTP.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// busy are customers who read and save all the time.
type busy struct {
	read, saved atomic.Int64
	mu          sync.Mutex
	wrong       []string
	saving      atomic.Bool
	end         func() // and waits for it
}

func (f *fronted) keepBusy() *busy {
	f.t.Helper()
	ctx, stop := context.WithCancel(f.t.Context())
	var all sync.WaitGroup
	b := &busy{end: func() { stop(); all.Wait() }}
	f.t.Cleanup(b.end)
	b.saving.Store(true)
	for n := range 4 {
		c := f.client(fmt.Sprintf("127.0.1.%d", n+1))
		c.SignIn("anna@example.com")
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				b.once(f, c, i)
				time.Sleep(60 * time.Millisecond) // below the limit of an address
			}
		})
	}
	return b
}

func (b *busy) once(f *fronted, c *apptest.Client, i int) {
	method, path, form, want, count := http.MethodGet, "/dashboard", url.Values(nil), http.StatusOK, &b.read
	if i%4 == 0 && b.saving.Load() {
		method, path, form, want = http.MethodPost, "/profile", url.Values{"name": {"Анна"}}, http.StatusSeeOther
		count = &b.saved
	}
	status, err := f.asks(c, method, path, form)
	count.Add(1)
	if err != nil || status != want {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.wrong = append(b.wrong, fmt.Sprint(method, " ", path, ": ", status, " ", err))
	}
}

// goesOn waits until there was some more of both, and reports what went wrong.
func (b *busy) goesOn(t *testing.T, when string) {
	t.Helper()
	read, saved := b.read.Load()+20, b.saved.Load()+4
	apptest.Eventually(t, "customers to go on", func() bool {
		return b.read.Load() >= read && (!b.saving.Load() || b.saved.Load() >= saved)
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.wrong) > 0 {
		t.Errorf("%s: %q", when, b.wrong)
	}
	b.wrong = nil
}

func TestAnInstanceIsTakenOutWhileCustomersAreBusyAndNoneNoticesIt(t *testing.T) {
	t.Parallel()
	f := startBehindNginx(t)
	b := f.keepBusy()
	b.goesOn(t, "two instances")

	f.runs("out")
	if err := f.instances[1].Cmd.Wait(); err != nil {
		t.Errorf("the instance: %v", err)
	}
	b.goesOn(t, "one is taken out")
	f.start(1)
	f.runs("back")
	b.goesOn(t, "it is back")

	// And without a word: what only reads is asked of the other one.
	b.saving.Store(false)
	apptest.Eventually(t, "what is being saved", func() bool { // it may be lost, and is tried again by who sees an error
		saved, read := b.saved.Load(), b.read.Load()
		apptest.Eventually(t, "all to read", func() bool { return b.read.Load() >= read+12 })
		return b.saved.Load() == saved
	})
	if err := f.instances[0].Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	f.instances[0].Cmd.Wait() //nolint:errcheck // killed
	b.goesOn(t, "one was killed")
	b.saving.Store(true)
	b.goesOn(t, "saving goes on at the other one")
	b.end()
}
