package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kabinet/handlers/app/apptest"
	mailbox "kabinet/integrations/mail/sandbox"
	"kabinet/store/storetest"
)

// registrants ask for accounts, each for an e-mail of its own and from a network of its own.
type registrants struct {
	address string
	client  *http.Client
	last    atomic.Int64 // the number of the newest

	mu           sync.Mutex
	acknowledged map[string]bool // e-mails to which the portal has said that a letter comes
}

// ask goes on until the program is gone, and tells each time that something was acknowledged.
func (w *registrants) ask(tell func()) {
	for {
		n := w.last.Add(1)
		email := fmt.Sprintf("registrant%d@example.com", n)
		form := url.Values{"name": {"Вера"}, "email": {email}}
		q, err := http.NewRequest(http.MethodPost, w.address+"/register", strings.NewReader(form.Encode()))
		if err != nil {
			return
		}
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Origin", w.address)
		q.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.1", n>>8&255, n&255))
		response, err := w.client.Do(q)
		if err != nil {
			return
		}
		response.Body.Close()
		if response.StatusCode == http.StatusSeeOther {
			w.mu.Lock()
			w.acknowledged[email] = true
			w.mu.Unlock()
			tell()
		}
	}
}

// Killed at any moment, the program loses no letter of which it has said that it comes. One that comes twice has the
// same Message-ID. `make soak` does it a thousand times.
func TestKilledWhileItSendsItLosesNoLetter(t *testing.T) {
	t.Parallel()
	rounds := kills(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := mailbox.New(mailbox.Config{Listener: listener, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { server.Work(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })

	folder, port := t.TempDir(), apptest.FreePort(t)
	storetest.Put(t, filepath.Join(folder, "kabinet.db"))
	serve := func() *apptest.Process {
		p := apptest.Run(t, []string{
			"KABINET_SECRET=" + apptest.Secret, "KABINET_TRUSTED_PROXIES=127.0.0.1",
			"KABINET_SMTP_URL=smtp://" + listener.Addr().String(), "KABINET_MAIL_FROM=portal@example.com",
		}, "serve", "--data", folder, "--addr", "127.0.0.1:"+port)
		p.Answers("http://127.0.0.1:" + port + "/readyz")
		return p
	}
	all := &registrants{
		address: "http://localhost:" + port, acknowledged: map[string]bool{},
		client: &http.Client{
			Timeout: apptest.Patience, Transport: &http.Transport{},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	came := map[string]map[string]bool{} // Message-IDs by e-mail
	collect := func() {
		for _, l := range server.Letters() {
			for _, email := range l.EnvelopeTo {
				if came[email] == nil {
					came[email] = map[string]bool{}
				}
				came[email][l.MessageID] = true
			}
		}
	}
	for range rounds {
		killedWhileSending(t, serve(), all)
		collect()
		server.Reset()
	}
	p := serve()
	apptest.Eventually(t, "every letter", func() bool {
		collect()
		for email := range all.acknowledged {
			if came[email] == nil {
				return false
			}
		}
		return true
	})
	if log := p.Stderr.String(); strings.Contains(log, "level=ERROR") {
		t.Error(log)
	}
	for email, ids := range came {
		if len(ids) != 1 {
			t.Errorf("%s was sent %d letters", email, len(ids))
		}
	}
	if len(all.acknowledged) < rounds {
		t.Errorf("only %d letters were asked for in %d rounds", len(all.acknowledged), rounds)
	}
}

// killedWhileSending kills the program at any moment, while many are asking it.
func killedWhileSending(t *testing.T, p *apptest.Process, all *registrants) {
	t.Helper()
	var left atomic.Int64
	left.Store(rand.Int64N(40))
	moment := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			all.ask(func() {
				if left.Add(-1) == -1 {
					close(moment)
				}
			})
		})
	}
	<-moment
	if err := p.Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.Cmd.Wait() //nolint:errcheck // killed
	wg.Wait()
	if log := p.Stderr.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "level=WARN") {
		t.Fatal(log)
	}
}
