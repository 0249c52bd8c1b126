package app_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/app/apptest"
)

// silent is a mail server that takes connections and says nothing.
func silent(b *testing.B) (address string) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() }) //nolint:errcheck // nobody minds
	return l.Addr().String()
}

// servingWith runs production as a process of its own, with the mail server at the address, or without mail.
func servingWith(b *testing.B, server string) (address string, cookie *http.Cookie) {
	b.Helper()
	folder, port := b.TempDir(), apptest.FreePort(b)
	cookie = account(b, filepath.Join(folder, "kabinet.db"), bcrypt.MinCost)
	environment := []string{"KABINET_SECRET=" + apptest.Secret, "KABINET_TRUSTED_PROXIES=127.0.0.1"}
	if server != "" {
		environment = append(environment, "KABINET_SMTP_URL=smtp://"+server, "KABINET_MAIL_FROM=portal@example.com")
	}
	p := apptest.Run(b, environment, "serve", "--data", folder, "--addr", "127.0.0.1:"+port)
	p.Answers("http://127.0.0.1:" + port + "/readyz")
	return "http://localhost:" + port, cookie
}

// asksFor asks for a letter, from a network of its own.
func asksFor(client *http.Client, address, path, email string, n int) error {
	form := url.Values{"name": {"Вера"}, "email": {email}}
	q, err := http.NewRequest(http.MethodPost, address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Origin", address)
	q.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.1", n>>8&255, n&255))
	return answered(client, q, http.StatusSeeOther)
}

// The dashboard while 10,000 letters wait and the mail server says nothing, by turns with a portal without mail. Aim: a
// ratio of the 99th percentiles of 1.
func BenchmarkPagesWhileLettersWait(b *testing.B) {
	with, cookie := servingWith(b, silent(b))
	without, cookieWithout := servingWith(b, "")
	client := benchClient(b)
	const letters, hands = 10_000, 8
	var asking sync.WaitGroup
	for hand := range hands {
		asking.Go(func() {
			for n := hand; n < letters; n += hands {
				if err := asksFor(client, with, "/register", fmt.Sprintf("n%d@example.com", n), n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	asking.Wait()
	var took, tookWithout []time.Duration
	open := func(address string, cookie *http.Cookie) time.Duration {
		began := time.Now()
		if err := openPage(client, address+"/dashboard", cookie); err != nil {
			b.Error(err)
		}
		return time.Since(began)
	}
	for b.Loop() {
		for range 1000 {
			took = append(took, open(with, cookie))
			tookWithout = append(tookWithout, open(without, cookieWithout))
		}
	}
	slices.Sort(took)
	slices.Sort(tookWithout)
	p99, p99Without := took[len(took)*99/100], tookWithout[len(tookWithout)*99/100]
	b.ReportMetric(milliseconds(p99), "p99-ms")
	b.ReportMetric(float64(p99)/float64(p99Without), "p99-ratio")
	b.ReportMetric(float64(took[len(took)/2])/float64(tookWithout[len(tookWithout)/2]), "p50-ratio")
	b.ReportMetric(0, "ns/op")
}

// Asking for an account, and for another password, with an e-mail that has an account and with one that has none, by
// turns. Aim: a ratio of 1, since the time must not tell.
func BenchmarkAskingForALetter(b *testing.B) {
	address, _ := servingWith(b, silent(b))
	client := benchClient(b)
	const most = guests // who are asked for twice each; more than three times nobody may be
	took := map[string][]time.Duration{}
	ask := func(path, whose, email string, n int) {
		began := time.Now()
		if err := asksFor(client, address, path, email, n); err != nil {
			b.Error(err)
		}
		took[path+whose] = append(took[path+whose], time.Since(began))
	}
	for n := 0; b.Loop(); n++ {
		for _, path := range []string{"/register", "/recover"} {
			if n < most {
				taken := func() { ask(path, "taken", guest(int64(n)), n) }
				free := func() { ask(path, "free", fmt.Sprintf("nobody%d@example.com", n), n) }
				if n%2 == 1 { // the worker deals with the first while the second is answered
					taken, free = free, taken
				}
				taken()
				free()
			}
		}
	}
	for _, path := range []string{"/register", "/recover"} {
		taken, free := took[path+"taken"], took[path+"free"]
		slices.Sort(taken)
		slices.Sort(free)
		b.ReportMetric(float64(taken[len(taken)/2])/float64(free[len(free)/2]), path[1:]+"-ratio")
	}
	b.ReportMetric(0, "ns/op")
}
