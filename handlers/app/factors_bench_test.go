package app_test

import (
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/app/apptest"
	"kabinet/handlers/password"
	"kabinet/store/storetest"
)

// Signing in with an app, both steps, against one bare bcrypt; and by a passkey, which costs none. One at a time, on an
// idle machine. Aims: at least 0.9, and at most a tenth of it.
func BenchmarkSignInsWithSecondFactors(b *testing.B) {
	const each, apps = 16, 256
	folder, port := b.TempDir(), apptest.FreePort(b)
	storetest.Put(b, filepath.Join(folder, "kabinet.db"))
	people := newPeople(b, folder, "http://localhost:"+port, apps, password.DefaultCost)
	p := apptest.Run(b, []string{"KABINET_SECRET=" + apptest.Secret}, "serve", "--data", folder, "--addr", "127.0.0.1:"+port)
	p.Answers("http://127.0.0.1:" + port + "/readyz")
	hash, err := bcrypt.GenerateFromPassword([]byte(factorPassword), password.DefaultCost)
	if err != nil {
		b.Fatal(err)
	}
	took := func(do func() bool) time.Duration {
		began := time.Now()
		if !do() {
			b.Fatal("the sign-in was refused")
		}
		return time.Since(began)
	}
	var bare, byApp, byPasskey time.Duration
	n := 0
	for b.Loop() {
		for range each {
			bare += took(func() bool { return bcrypt.CompareHashAndPassword(hash, []byte(factorPassword)) == nil })
			byApp += took(func() bool {
				code, err := people.totp.Code(time.Now()) // of each app once: a code is good once
				n++
				return err == nil && people.apps[(n-1)%apps].signsIn(b, code)
			})
			byPasskey += took(func() bool { return people.passkeys[n%apps].signsIn(b, "") })
		}
	}
	b.ReportMetric(bare.Seconds()/byApp.Seconds(), "app-ratio")
	b.ReportMetric(byPasskey.Seconds()/bare.Seconds(), "passkey-of-bcrypt")
	b.ReportMetric(0, "ns/op")
}
