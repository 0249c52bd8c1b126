package app_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/secret"

	"kabinet/handlers/app/apptest"
)

// The vendor's own HTML fragment, with only its placeholders filled, works on a plain page
// against the sandbox: real https, the vendor's real host name (which the browser resolves to this machine).
func TestPricePlansOwnFragmentWorksUnchanged(t *testing.T) {
	t.Parallel()
	apptest.NeedBrowser(t)
	fragment, err := os.ReadFile(filepath.Join("testdata", "priceplan-guide-fragment.html"))
	if err != nil {
		t.Fatal(err)
	}
	jquery := apptest.NodeModule(t, "jquery", "dist", "jquery.min.js")
	filled := strings.NewReplacer("{yoursubdomain}", "demo", "<субдомен_клиента>", "demo").Replace(string(fragment))

	vendor, client := startVendorAtItsRealName(t)
	page := http.NewServeMux()
	page.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		// What the fragment takes for granted: jQuery, and the elements that it names.
		fmt.Fprintf(w, `<!DOCTYPE html><meta charset="utf-8"><title>plain</title><script src="/jquery.js"></script>
			<p id="preloaded">…</p><div id="loaded" style="display: none">ready</div><div id="element_id"></div>%s`, filled)
	})
	page.HandleFunc("GET /jquery.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		if _, err := w.Write(jquery); err != nil {
			t.Error(err)
		}
	})
	page.HandleFunc("GET /pp-auth/{$}", func(w http.ResponseWriter, r *http.Request) {
		key, err := client.AuthKey(r.Context(), sandbox.DemoClient)
		if err != nil {
			t.Error(err)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, client.Hosts().AuthKeyURL(key), http.StatusFound)
	})
	portal := httptest.NewTLSServer(page)
	t.Cleanup(portal.Close)

	tab := apptest.OpenTabResolving(t, "MAP demo-lk.priceplan.pro:443 "+vendor,
		"MAP portal.example:443 "+portal.Listener.Addr().String())
	tab.Open("https://portal.example/")
	tab.Wait(`getComputedStyle(document.getElementById("preloaded")).display === "none"`)
	tab.Wait(`getComputedStyle(document.getElementById("loaded")).display !== "none"`)
	frame := tab.Frame("https://demo-lk.priceplan.pro/")
	frame.Wait(`document.getElementById("balance")`)
	// Resized by the fragment's plain iFrameResize({}).
	tab.Wait(`document.getElementById("pp_cabinet_iframe").clientHeight > 600`)
	frame.Wait(`document.documentElement.scrollHeight <= innerHeight + 1`)
	if width := apptest.Eval[int](tab, `document.getElementById("pp_cabinet_iframe").clientWidth`); width != 900 {
		t.Errorf("the frame is %d px wide, the fragment asks for 900", width)
	}
	// isReady shows what is loaded, and is called once, not for each page of the cabinet. The page listens later than
	// the vendor's script, so that this has had each message before.
	tab.Do(apptest.Evaluate(`document.getElementById("loaded").style.display = "none"
		window.told = 0
		addEventListener("message", e => { if (e.data.event === "ready") told++ })`))
	for page, next := range []string{"#topup", `a[href="/"]`} {
		frame.Click(next)
		tab.Wait(fmt.Sprintf("told > %d", page))
	}
	if apptest.Eval[string](tab, `document.getElementById("loaded").style.display`) != "none" {
		t.Error("isReady is called again for another page of the cabinet")
	}
}

// startVendorAtItsRealName runs the sandbox as https://demo-lk.priceplan.pro, and returns
// where it listens and a client that reaches it there.
func startVendorAtItsRealName(t *testing.T) (string, *priceplan.Client) {
	t.Helper()
	hosts := priceplan.Hosts{Customer: "demo", Domain: "priceplan.pro", HTTPS: true}
	password := secret.New(sandbox.DefaultPassword)
	box, err := sandbox.New(sandbox.Config{
		Hosts: hosts, User: secret.New(sandbox.DefaultUser), Password: password,
		Portals: []string{"https://portal.example"}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(box)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	address := server.Listener.Addr().String()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
		TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com"}, // the test certificate's name
	}
	t.Cleanup(transport.CloseIdleConnections)
	client, err := priceplan.New(priceplan.Config{Hosts: hosts, User: sandbox.DefaultUser, Password: password,
		HTTP: &http.Client{Transport: transport, Timeout: apptest.Patience}})
	if err != nil {
		t.Fatal(err)
	}
	return address, client
}
