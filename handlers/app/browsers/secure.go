package browsers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kabinet/handlers/app/apptest"
	"kabinet/integrations/outgoing"
)

// Main runs the tests of a package. Meanwhile the program trusts the certificates of [Secure].
func Main(m *testing.M) int {
	folder, err := os.MkdirTemp("", "kabinet-certificate-")
	if err != nil {
		panic(err)
	}
	apptest.AtExit(func() { os.RemoveAll(folder) }) //nolint:errcheck // a temporary folder
	file := filepath.Join(folder, "roots.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		panic(err)
	}
	os.Setenv("SSL_CERT_FILE", file) //nolint:errcheck // fails only for bad names
	return apptest.Main(m)
}

// certificate is for this machine's names that tests use, and signed by itself.
var certificate = newCertificate("localhost", "*.localhost", "*.vendor.localhost")

func newCertificate(names ...string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	text, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{text}, PrivateKey: key}
}

// Secure is a server at https, as a proxy before the program would be.
type Secure struct {
	Port  string
	hosts map[string]http.Handler
}

// StartSecure starts a server that has no hosts yet.
func StartSecure(tb testing.TB) *Secure {
	tb.Helper()
	s := &Secure{hosts: map[string]http.Handler{}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hosts[outgoing.Hostname(r.Host)].ServeHTTP(w, r)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	tb.Cleanup(server.Close)
	s.Port = apptest.MustParse(tb, server.URL).Port()
	return s
}

// Serve lets a handler answer at a host, before any browser asks.
func (s *Secure) Serve(host string, h http.Handler) { s.hosts[host] = h }
