package mail_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"kabinet/integrations/mail"
	"kabinet/integrations/secret"
)

const password = "geheim-7-geheim"

// server is a real SMTP server that asks who one is, and counts what it takes.
type server struct {
	address string
	roots   *x509.CertPool
	open    bool         // asks nobody
	stalls  bool         // takes a letter and says nothing more
	left    atomic.Int32 // connections of the client that it has not closed
	taken   atomic.Int32
	inClear atomic.Int32 // commands of a session that nothing protects
}

type session struct {
	*server
	conn *smtp.Conn
	in   bool
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

func (s *session) AuthMechanisms() []string {
	if s.open {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, typed string) error {
		if s.in = user == "portal" && typed == password; !s.in {
			return &smtp.SMTPError{Code: 535, Message: "It is not " + typed}
		}
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if _, ok := s.conn.TLSConnectionState(); !ok {
		s.inClear.Add(1)
	}
	if !s.in {
		return &smtp.SMTPError{Code: 530, Message: "Who are you?"}
	}
	return nil
}

func (s *session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }

func (s *session) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	s.taken.Add(1)
	if s.stalls {
		_, _ = s.conn.Conn().Read(make([]byte, 1)) // until the client has gone
	}
	return err
}

// serve starts one: with TLS from the first byte, with STARTTLS, or without either.
func serve(t *testing.T, how string) *server {
	t.Helper()
	s := &server{roots: x509.NewCertPool(), open: how == "open", stalls: how == "stalls"}
	certified := httptest.NewTLSServer(nil) // its certificate is for example.com
	certified.Close()
	s.roots.AddCert(certified.Certificate())
	config := &tls.Config{Certificates: certified.TLS.Certificates}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	real := smtp.NewServer(s)
	real.Domain, real.AllowInsecureAuth, real.ErrorLog = "example.com", true, log.New(io.Discard, "", 0)
	switch how {
	case "tls":
		listener = tls.NewListener(listener, config)
	case "starttls":
		real.TLSConfig = config
	}
	done := make(chan struct{})
	go func() { _ = real.Serve(listener); close(done) }()
	t.Cleanup(func() { _ = real.Close(); <-done })
	return s
}

// client is one that finds every name at the server.
func (s *server) client(t *testing.T, setting string, roots *x509.CertPool) *mail.Client {
	t.Helper()
	_, port, _ := net.SplitHostPort(s.address)
	parsed, err := mail.ParseServer(strings.ReplaceAll(setting, "PORT", port))
	if err != nil {
		t.Fatal(err)
	}
	return mail.New(mail.Config{
		Server: parsed, From: netmail.Address{Address: "portal@example.com"}, Timeout: time.Minute, Roots: roots,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, s.address)
			s.left.Add(1)
			return &counted{Conn: conn, left: &s.left}, err
		},
	})
}

// counted is a connection of the client's.
type counted struct {
	net.Conn
	left *atomic.Int32
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.left.Add(-1) })
	return c.Conn.Close()
}

// A server that takes a letter and says nothing more is given up, and may have it.
func TestAServerThatStallsIsLeft(t *testing.T) {
	t.Parallel()
	s := serve(t, "stalls")
	_, port, _ := net.SplitHostPort(s.address)
	parsed, err := mail.ParseServer("smtp://portal:" + password + "@127.0.0.1:" + port)
	if err != nil {
		t.Fatal(err)
	}
	client := mail.New(mail.Config{
		Server: parsed, From: netmail.Address{Address: "portal@example.com"}, Timeout: 500 * time.Millisecond,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			s.left.Add(1)
			return &counted{Conn: conn, left: &s.left}, err
		},
	})
	err = client.Send(t.Context(), mail.Letter{
		To: "anna@example.com", Subject: "x", Text: "x", HTML: "x", MessageID: "1@x", Date: time.Now(),
	})
	if !errors.Is(err, mail.ErrBroken) && !errors.Is(err, mail.ErrUnavailable) || s.left.Load() != 0 {
		t.Errorf("%v, %d connections are left", err, s.left.Load())
	}
}

func TestLettersAreSentOverTLSOnlyButToThisMachine(t *testing.T) {
	t.Parallel()
	right := "portal:" + password + "@"
	for name, c := range map[string]struct {
		how, setting string
		strange      bool // the certificate is nobody's whom we know
		onlySent     bool // what is wrong shows when a letter is sent
		want         error
		says         string
	}{
		"TLS":                       {how: "tls", setting: "smtps://" + right + "127.0.0.1:PORT"},
		"STARTTLS":                  {how: "starttls", setting: "smtp://" + right + "example.com"},
		"a server without STARTTLS": {how: "", setting: "smtp://" + right + "example.com", want: mail.ErrUnavailable, says: "STARTTLS"},
		"in the clear here":         {how: "", setting: "smtp://" + right + "127.0.0.1:PORT"},
		"TLS at a port without":     {how: "", setting: "smtps://" + right + "127.0.0.1:PORT", want: mail.ErrUnavailable},
		"a strange certificate": {how: "tls", setting: "smtps://" + right + "127.0.0.1:PORT", strange: true,
			want: mail.ErrUnavailable, says: "certificate"},
		"a strange certificate after STARTTLS": {how: "starttls", setting: "smtp://" + right + "example.com", strange: true,
			want: mail.ErrUnavailable, says: "certificate"},
		"another's certificate": {how: "starttls", setting: "smtp://" + right + "mail.example.org", want: mail.ErrUnavailable,
			says: "certificate"},
		"nobody is asked who they are": {how: "open", setting: "smtp://" + right + "127.0.0.1:PORT", want: mail.ErrSignIn,
			says: "no way to sign in"},
		"nobody says who they are": {how: "starttls", setting: "smtp://example.com", want: mail.ErrSignIn, onlySent: true},
		"a wrong password":         {how: "tls", setting: "smtps://portal:wrong-" + password + "@127.0.0.1:PORT", want: mail.ErrSignIn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.how)
			roots := s.roots
			if c.strange {
				roots = x509.NewCertPool()
			}
			client := s.client(t, c.setting, roots)
			for what, do := range map[string]func() error{
				"a try": func() error { return client.Try(t.Context()) },
				"a letter": func() error {
					return client.Send(t.Context(), mail.Letter{
						To: "anna@example.com", Subject: "x", Text: "x", HTML: "x", MessageID: "1@x", Date: time.Now(),
					})
				},
			} {
				err := do()
				if c.onlySent && what == "a try" {
					continue
				}
				if !errors.Is(err, c.want) || c.want != nil && (!strings.Contains(err.Error(), c.says) ||
					strings.Contains(err.Error(), "geheim")) {
					t.Errorf("%s: %v", what, err)
				}
			}
			sent := c.want == nil
			if (s.taken.Load() == 1) != sent || s.inClear.Load() > 0 && !strings.HasPrefix(c.setting, "smtp://portal:"+password+"@127.0.0.1") {
				t.Errorf("%d taken, %d in the clear", s.taken.Load(), s.inClear.Load())
			}
			if n := s.left.Load(); n != 0 {
				t.Errorf("%d connections are left open", n)
			}
		})
	}
}

// A server that takes the connection and says nothing is given up.
func TestAServerThatSaysNothingIsUnavailable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nobody minds
	parsed, err := mail.ParseServer("smtp://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client := mail.New(mail.Config{Server: parsed, Timeout: 50 * time.Millisecond})
	if err := client.Try(t.Context()); !errors.Is(err, mail.ErrUnavailable) || !strings.Contains(err.Error(), "in time") {
		t.Errorf("%v", err)
	}
}

func TestWhatCannotBeAServerOrASenderIsRefused(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{
		"", "mail.example.com", "https://mail.example.com", "smtp://", "smtp://:25", "smtps://mail.example.com:0",
		"smtps://mail.example.com:70000", "smtps://mail.example.com/x", "smtps://mail.example.com?x", "smtps://mail.example.com#x",
		"smtps://portal@mail.example.com", "smtps://portal:@mail.example.com", "smtps://:" + password + "@mail.example.com",
		"smtps://portal:" + password + "%@mail.example.com", "smtps://portal:" + password + "@mail example.com",
	} {
		if s, err := mail.ParseServer(setting); err == nil || strings.Contains(err.Error(), password) {
			t.Errorf("%q: %+v, %v", setting, s, err)
		}
	}
	for setting, want := range map[string]mail.Server{
		"smtps://mail.example.com":                           {Host: "mail.example.com", Port: 465, TLS: true},
		"smtp://mail.example.com/":                           {Host: "mail.example.com", Port: 587},
		"smtp://[::1]:2525":                                  {Host: "::1", Port: 2525},
		"smtps://a%40example.com:p%2F%3A@mail.example.com:1": {Host: "mail.example.com", Port: 1, TLS: true, User: "a@example.com", Password: secret.New("p/:")},
	} {
		if got, err := mail.ParseServer(setting); err != nil || got.String() != want.String() || got.User != want.User ||
			got.Password.Reveal() != want.Password.Reveal() {
			t.Errorf("%q: %+v, %v", setting, got, err)
		}
	}
	for _, setting := range []string{"", "nobody", "a@b@c", "Имя", "портал@example.com", "a@exa mple.com", "a@example.com, b@example.com"} {
		if a, err := mail.ParseFrom(setting); err == nil {
			t.Errorf("%q: %v", setting, a)
		}
	}
	if a, err := mail.ParseFrom("Кабинет <portal@пример.рф>"); err != nil || a.Address != "portal@xn--e1afmkfd.xn--p1ai" ||
		a.Name != "Кабинет" {
		t.Errorf("%v, %v", a, err)
	}
}
