package apptest

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/app"
	"kabinet/handlers/password"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/store/storetest"
)

// Secret is a secret that production accepts.
const Secret = "6b1f8e0d5c2a4b7e9f3d1a8c6e4b2f0d7c5a3e1f9b8d6c4a2e0f7d5b3c1a9e8f"

// Program is the program, answering on a port of its own with a folder of its own.
type Program struct {
	*app.App
	URL  string // what browsers use
	Addr string // where it listens, host and port
	Log  *Buffer
}

// Mailbox are the settings of a demo with its mailbox, as `make run` has it.
var Mailbox = app.MailSettings{From: "Kabinet <kabinet@mail.localhost>"}

// StartDemo runs the demo, as `make run` does but without mail, until the test has ended.
func StartDemo(tb testing.TB) *Program {
	tb.Helper()
	return Start(tb, app.Demo, app.Settings{})
}

// StartServe runs the portal as in production, with the demo's first customer, anna@example.com, in its database.
func StartServe(tb testing.TB, s app.Settings, key string) *Program {
	tb.Helper()
	s.Secret = secret.New(key)
	p := Start(tb, app.Serve, s)
	AddCustomer(tb, p.DB, s.Secret)
	return p
}

// StartDemoWithMail runs the demo as `make run` does, until the test has ended.
func StartDemoWithMail(tb testing.TB) *Program {
	tb.Helper()
	return Start(tb, app.Demo, app.Settings{Vendors: app.Vendors{Mail: Mailbox}})
}

// Start runs the program with settings until the test has ended. Passwords cost next to nothing unless the
// settings say how much. Without a folder in the settings it has a new one, with a database that is up to date. There
// is mail where the settings say so: Mailbox.
func Start(tb testing.TB, mode app.Mode, s app.Settings) *Program {
	tb.Helper()
	if s.Data == "" {
		s.Data = tb.TempDir()
		storetest.Put(tb, s.Database(mode)) // applying the migrations takes longer than most tests
	}
	s.QuickPasswords = s.BcryptCost == ""
	if mode == app.Demo && s.Mail == (app.MailSettings{}) {
		s.Mail.URL = secret.New(app.NoMail)
	}
	listener, err := app.Listen("127.0.0.1:0", "--addr", "KABINET_ADDR")
	if err != nil {
		tb.Fatal(err)
	}
	log := new(Buffer)
	logger := slog.New(slog.NewTextHandler(log, nil))
	a, err := app.New(context.Background(), mode, s, listener.Addr(), logger)
	if err != nil {
		listener.Close() //nolint:errcheck // nothing was served
		tb.Fatal(err)
	}
	p := &Program{App: a, URL: a.BaseURL.String(), Addr: listener.Addr().String(), Log: log}
	p.serve(tb, listener, logger)
	return p
}

func (p *Program) serve(tb testing.TB, listener net.Listener, logger *slog.Logger) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx, listener, p.App, time.Second, logger) }()
	tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
		if err := p.App.Close(); err != nil {
			tb.Error(err)
		}
	})
}

// SandboxOrigin is where the demo has the sandbox on a host.
func (p *Program) SandboxOrigin(host string) string {
	return "http://" + host + p.Addr[strings.LastIndex(p.Addr, ":"):]
}

// AddCustomer adds anna@example.com with the demo's password, and returns her id.
func AddCustomer(tb testing.TB, db *store.DB, s secret.Text) int64 {
	tb.Helper()
	ctx := context.Background()
	hasher, err := password.NewHasher(password.Config{Secret: s, Cost: bcrypt.MinCost, Concurrent: 1})
	if err != nil {
		tb.Fatal(err)
	}
	hash, err := hasher.Hash(ctx, "", app.DemoPassword)
	if err != nil {
		tb.Fatal(err)
	}
	id, err := db.EnsureUser(ctx, store.User{
		Email: "anna@example.com", Name: "Анна Смирнова", Language: "ru", Role: store.Customer, PasswordHash: hash,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// WaitForLog waits until the log has a text.
func (p *Program) WaitForLog(tb testing.TB, text string) {
	tb.Helper()
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the log: %s", p.Log)
		}
	})
	Eventually(tb, "the log saying "+text, func() bool { return strings.Contains(p.Log.String(), text) })
}

// Events are the kinds of the audit's lines about a user, the newest first; of all when the id is 0.
func (p *Program) Events(tb testing.TB, userID int64) []store.EventKind {
	tb.Helper()
	page, err := p.DB.Audit(context.Background(), store.AuditQuery{User: userID})
	if err != nil {
		tb.Fatal(err)
	}
	var kinds []store.EventKind
	for _, e := range page.Rows {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// User returns the user with an e-mail.
func (p *Program) User(tb testing.TB, email string) store.User {
	tb.Helper()
	u, err := p.DB.UserByEmail(context.Background(), email)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// CopyDatabase copies a program's database into a folder where serve finds it.
func CopyDatabase(tb testing.TB, p *Program) string {
	tb.Helper()
	folder := tb.TempDir()
	if err := store.Backup(context.Background(), p.Database, filepath.Join(folder, "kabinet.db")); err != nil {
		tb.Fatal(err)
	}
	return folder
}
