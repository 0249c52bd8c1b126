// Package sandbox is a mailbox for everybody: a real SMTP server on this machine that takes whatever comes for
// whomever and shows it on a page, with faults like every sandbox. It stands in for a mail server, and for the
// mailboxes behind it. It never sends anything on.
package sandbox

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/emersion/go-smtp"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/sandbox"
)

//go:embed catalogue/*.json
var texts embed.FS

// Texts are the sandbox's own, in a folder catalogue: the sentences of the claims are among them.
func Texts() fs.FS { return texts }

//go:embed assets
var assets embed.FS

// Config is what New needs.
type Config struct {
	// Listener is where letters come in. The sandbox closes it; nil for a mailbox that nothing comes to.
	Listener net.Listener
	Portals  []string
	Now      func() time.Time
	Log      *slog.Logger
}

// The operations that faults are set on: a connection, and a letter.
const connection, delivery = "connection", "letter"

// Sandbox is the mailbox, an http.Handler.
type Sandbox struct {
	*sandbox.Kernel
	config Config
	state  state
	mux    *http.ServeMux
	smtp   *smtp.Server
	ending context.Context
	end    context.CancelFunc
	served chan struct{} // closed when no more connections are taken; nil where none are
}

// New returns an empty mailbox, which takes letters at once.
func New(c Config) (*Sandbox, error) {
	k := sandbox.NewKernel(sandbox.Config{
		Vendor: "Mail", Operations: []string{connection, delivery}, Texts: texts, Claims: claims,
		Face: "assets/mail.css", Assets: assets, Portals: c.Portals, Now: c.Now, Log: c.Log,
	})
	s := &Sandbox{Kernel: k, config: c, mux: http.NewServeMux()}
	s.ending, s.end = context.WithCancel(context.Background())
	s.Faults().Offer(
		sandbox.Scenario{Name: "refused", Text: "scenario.refused", Operations: []string{delivery}},
		sandbox.Scenario{Name: "greylisted", Text: "scenario.greylisted", Operations: []string{delivery}},
		sandbox.Scenario{Name: "down", Text: "scenario.down", Operations: []string{connection}},
	)
	desk := func(t *catalogue.Texts) templ.Component { return desk(t, s.Address(), len(s.state.all())) }
	connect := sandbox.Connect{Notes: func(t *catalogue.Texts) []string {
		return []string{t.With("connect.about", map[string]any{"Address": s.Address()})}
	}}
	if err := k.Serve(s.state.clear, desk, connect, nil, sandbox.Site{Mux: s.mux}); err != nil {
		return nil, err
	}
	s.registerPages()
	s.smtp = smtp.NewServer(s)
	s.smtp.Domain, s.smtp.MaxMessageBytes, s.smtp.MaxRecipients = "mail.localhost", maxLetter, 50
	s.smtp.ErrorLog = slog.NewLogLogger(k.Frame.Log.Handler(), slog.LevelWarn)
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = time.Minute, time.Minute
	if c.Listener != nil {
		s.served = make(chan struct{})
		go s.serve()
	}
	return s, nil
}

func (s *Sandbox) serve() {
	defer close(s.served)
	if err := s.smtp.Serve(s.config.Listener); err != nil && !errors.Is(err, net.ErrClosed) {
		s.config.Log.Error("the mailbox takes no letters any more", "error", err)
	}
}

// Work waits until the context ends, and then takes no more letters.
func (s *Sandbox) Work(ctx context.Context) {
	<-ctx.Done()
	s.end()
	if s.served == nil {
		return
	}
	// The library counts a connection that comes while it waits for all to end: no more may come before.
	_ = s.config.Listener.Close() // it may be closed already
	<-s.served
	ending, end := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer end()
	_ = s.smtp.Shutdown(ending) // whoever is still sending is cut off with the process, and tries again
}

// Address is where letters come in, as host:port; empty for nowhere.
func (s *Sandbox) Address() string {
	if s.config.Listener == nil {
		return ""
	}
	return s.config.Listener.Addr().String()
}
