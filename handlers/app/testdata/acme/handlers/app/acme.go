package app

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	room "kabinet/handlers/acme"
	"kabinet/handlers/web"
	"kabinet/integrations/acme"
	acmesandbox "kabinet/integrations/acme/sandbox"
	"kabinet/integrations/outgoing"
)

// AcmeSettings connect the portal to Acme. Acme is configured when URL is set.
type AcmeSettings struct {
	URL string `name:"url" env:"ACME_URL" help:"Where Acme is. It is configured when this is set."`
}

// acmeService is Acme as the settings make it out: the vendor's, or a sandbox in its place.
type acmeService struct {
	sandboxed bool
	origin    string
}

func (s AcmeSettings) resolve(port int) vendor {
	return acmeService{s.URL == "", cmp.Or(s.URL, fmt.Sprintf("http://acme.localhost:%d", port))}
}

func (a acmeService) name() string { return "acme" }

func (a acmeService) configured() (string, bool) { return "ACME_URL", !a.sandboxed }

func (a acmeService) room(site *web.Site, _ func() time.Time) (web.Vendor, error) {
	return room.New(site, acme.New(a.origin, outgoing.NewClient(outgoing.Options{
		Vendor: a.name(), Timeout: site.Patience.Of(5 * time.Second), Recorder: site.Recorder, Log: site.Log,
	}))), nil
}

func (a acmeService) sandbox(string, func() time.Time, *slog.Logger) (instance, error) {
	return instance{
		title: "Acme", sandbox: acmesandbox.New(), addresses: []Address{{Name: "Acme's sandbox", Origin: a.origin}},
	}, nil
}

func (a acmeService) variables() any { return AcmeSettings{URL: a.origin} }
