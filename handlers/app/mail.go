package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	room "kabinet/handlers/mail"
	"kabinet/handlers/web"
	"kabinet/integrations/mail"
	mailsandbox "kabinet/integrations/mail/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// MailSettings say how letters are sent. There is mail when URL is set; in the demo there is a mailbox on this machine
// in a server's place.
type MailSettings struct {
	URL  secret.Text `name:"smtp-url" env:"KABINET_SMTP_URL" placeholder:"URL" help:"smtp_url"`
	From string      `name:"mail-from" env:"KABINET_MAIL_FROM" placeholder:"E-MAIL" help:"mail_from"`
}

// NoMail is KABINET_SMTP_URL for a demo without mail.
const NoMail = "smtp://none"

// mailServer is the server as the settings make it out, or a mailbox in its place.
type mailServer struct {
	sandboxed       bool
	server          mail.Server
	from            netmail.Address
	badURL, badFrom error

	mailbox  string       // the address of the mailbox's pages
	port     int          // that the mailbox takes letters at; 0 for any
	listener net.Listener // of the mailbox, once it listens
}

func (s MailSettings) resolve(port int) vendor {
	if s.URL.Equal(NoMail) {
		return noMail{}
	}
	m := &mailServer{
		sandboxed: s.URL.IsEmpty(),
		from:      netmail.Address{Name: "Kabinet", Address: "kabinet@mail.localhost"},
	}
	if m.sandboxed {
		m.mailbox = fmt.Sprintf("http://mail.localhost:%d", port)
	} else {
		m.server, m.badURL = mail.ParseServer(s.URL.Reveal())
		m.badFrom = errors.New("it is not set, but KABINET_SMTP_URL is")
	}
	if s.From != "" {
		m.from, m.badFrom = mail.ParseFrom(s.From)
	}
	return m
}

// noMail is a demo without.
type noMail struct{}

func (noMail) name() string               { return "mail" }
func (noMail) configured() (string, bool) { return "KABINET_SMTP_URL", false }

func (noMail) room(*web.Site, func() time.Time) (web.Vendor, error) {
	return nil, errors.New("there is no mail")
}

// validate finds what is wrong. The address is not quoted: it may have a password in it.
func (m *mailServer) validate(_ *url.URL, _ int, f *settingErrors) {
	if m.badURL != nil {
		f.add("KABINET_SMTP_URL=smtps://user:password@mail.example.com:465", "%v", m.badURL)
	}
	if m.badFrom != nil {
		f.add(`KABINET_MAIL_FROM="Kabinet <no-reply@portal.example.com>"`, "%v", m.badFrom)
	}
}

func (m *mailServer) name() string               { return "mail" }
func (m *mailServer) configured() (string, bool) { return "KABINET_SMTP_URL", !m.sandboxed }
func (m *mailServer) secrets() []secret.Text     { return []secret.Text{m.server.Password} }

// listen has the mailbox listen, before the portal is told where.
func (m *mailServer) listen() error {
	if m.listener != nil {
		return nil
	}
	var err error
	m.listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(m.port)))
	if err == nil {
		m.server = mail.Server{Host: "127.0.0.1", Port: m.listener.Addr().(*net.TCPAddr).Port}
	}
	return err
}

func (m *mailServer) client(patience time.Duration) *mail.Client {
	return mail.New(mail.Config{Server: m.server, From: m.from, Timeout: patience})
}

func (m *mailServer) room(site *web.Site, _ func() time.Time) (web.Vendor, error) {
	if m.sandboxed {
		if err := m.listen(); err != nil {
			return nil, err
		}
	}
	return room.New(site, m.client(2*time.Minute), m.mailbox), nil
}

// sandbox is a mailbox for everybody. Where its port is taken, it says so.
func (m *mailServer) sandbox(portal string, now func() time.Time, log *slog.Logger) (instance, error) {
	i := instance{title: "Mail", messages: "/", addresses: []Address{{Name: "The mailbox", Origin: m.mailbox}}}
	if err := m.listen(); err != nil {
		i.missing = []string{"Mail: no letters come to the mailbox: " + err.Error()}
	}
	s, err := mailsandbox.New(mailsandbox.Config{Listener: m.listener, Portals: []string{portal}, Now: now, Log: log})
	i.sandbox = s
	return i, err
}

// empty takes away what waits to be sent, and the links in letters.
func (m *mailServer) empty(ctx context.Context, db *store.DB) error { return db.EmptyOutbox(ctx) }

// variables connect a portal to its mailbox.
func (m *mailServer) variables() any {
	return MailSettings{URL: secret.New(fmt.Sprintf("smtp://127.0.0.1:%d", m.port)), From: m.from.String()}
}

// alone has letters come in at the port after that of the sandboxes' pages, so that --print-env can name it.
func (m *mailServer) alone(s SandboxSettings, port int) vendor {
	if m.port = s.SMTPPort; m.port == 0 && port != 0 {
		m.port = port + 1
	}
	return m
}
