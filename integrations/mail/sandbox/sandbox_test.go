package sandbox

import (
	"context"
	"errors"
	"log/slog"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/mail"
	frame "kabinet/integrations/sandbox"
)

// open is a mailbox and a client of its server.
func open(t *testing.T) (*Sandbox, *mail.Client) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Listener: l, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Work(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	server, err := mail.ParseServer("smtp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return s, mail.New(mail.Config{Server: server, From: netmail.Address{Name: "Кабинет", Address: "portal@example.com"}, Timeout: time.Minute})
}

var letter = mail.Letter{
	To: "anna@пример.рф", Subject: "Новый пароль", Text: "Первая строка\n\nhttps://portal.example.com/x?y=1", HTML: "<p>Первая строка</p>",
	MessageID: "one@portal.example.com", Date: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC),
}

func TestALetterArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	s, client := open(t)
	if err := client.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	all := s.LettersTo("anna@xn--e1afmkfd.xn--p1ai")
	if len(all) != 1 {
		t.Fatalf("%+v", s.Letters())
	}
	l := all[0]
	if l.Subject != letter.Subject || strings.ReplaceAll(strings.TrimSpace(l.Text), "\r\n", "\n") != letter.Text || strings.TrimSpace(l.HTML) != letter.HTML ||
		l.MessageID != letter.MessageID || !strings.Contains(l.From, "Кабинет") {
		t.Errorf("%+v", l)
	}
	for _, name := range []string{"User-Agent", "X-Mailer"} {
		if l.Header.Get(name) != "" {
			t.Errorf("%s: %s", name, l.Header.Get(name))
		}
	}
	if l.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("%v", l.Header)
	}
}

func TestALetterThatIsNotTakenSaysWhetherToComeAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation string
		fault     frame.Fault
		want      error
	}{
		"refused":            {delivery, frame.Fault{Scenario: "refused"}, mail.ErrRefused},
		"greylisted":         {delivery, frame.Fault{Scenario: "greylisted"}, mail.ErrLater},
		"403":                {delivery, frame.Fault{Status: 403}, mail.ErrRefused},
		"503":                {delivery, frame.Fault{Status: 503}, mail.ErrLater},
		"down":               {connection, frame.Fault{Scenario: "down"}, mail.ErrUnavailable},
		"broken":             {connection, frame.Fault{Break: true}, mail.ErrUnavailable},
		"broken in a letter": {delivery, frame.Fault{Break: true}, mail.ErrBroken},
		"taken and not said": {delivery, frame.Fault{Forget: true}, mail.ErrBroken},
		"busy":               {connection, frame.Fault{Status: 503}, mail.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, client := open(t)
			if err := s.Faults().Set(c.operation, c.fault); err != nil {
				t.Fatal(err)
			}
			err := client.Send(t.Context(), letter)
			if !errors.Is(err, c.want) || strings.Contains(err.Error(), "anna") {
				t.Errorf("%v", err)
			}
			s.Faults().Clear()
			s.state.clear()
			if err := client.Send(t.Context(), letter); err != nil || len(s.Letters()) != 1 {
				t.Errorf("afterwards: %v, %d letters", err, len(s.Letters()))
			}
		})
	}
	s, client := open(t)
	for _, to := range []string{"анна@example.com", "", "anna", "anna@exa mple.com", "a b@example.com"} {
		l := letter
		l.To = to
		if err := client.Send(t.Context(), l); !errors.Is(err, mail.ErrRefused) || len(s.Letters()) != 0 {
			t.Errorf("%q: %v", to, err)
		}
	}
}
