package app_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
)

// smallDisk is a file system of a few megabytes.
func smallDisk(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("a full disk takes a file system of its own, which may not be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func TestOnAFullDiskThePortalIsNotReadyAndWhoSignsOutKeepsNoCookie(t *testing.T) {
	t.Parallel()
	folder := smallDisk(t)
	p := apptest.Start(t, app.Demo, app.Settings{Data: folder})
	anna := p.SignedInAs(t, "anna@example.com")
	file := filepath.Join(folder, "fill")
	full := os.WriteFile(file, bytes.Repeat([]byte{0}, 4<<20), 0o600)
	if full == nil {
		t.Fatal("the disk is not small")
	}
	answers := func(want int) {
		t.Helper()
		apptest.Eventually(t, http.StatusText(want), func() bool { return anna.Get("/readyz").StatusCode == want })
	}
	answers(http.StatusServiceUnavailable)
	answer := anna.Post("/logout", url.Values{})
	apptest.Redirected(t, answer, "/login?signed-out")
	if cookies := answer.Cookies(); len(cookies) != 1 || cookies[0].MaxAge >= 0 || anna.SignedIn() {
		t.Errorf("the cookie stays: %v", cookies)
	}
	if answer := p.Client(t).Post("/register", url.Values{"name": {"Вера"}, "email": {"vera@example.com"},
		"password": {"очень длинная фраза"}}); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("registering: %s", answer.Status)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	answers(http.StatusOK)
}
