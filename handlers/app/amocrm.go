package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	room "kabinet/handlers/amocrm"
	"kabinet/handlers/web"
	"kabinet/integrations/amocrm"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
)

// AmoCRMSettings connect the portal's widget to an integration at amoCRM. amoCRM is configured when ClientID
// is set; in the demo the others apply to the sandbox too.
type AmoCRMSettings struct {
	ClientID       string      `name:"client-id" env:"AMOCRM_CLIENT_ID" placeholder:"UUID" help:"amocrm_client_id"`
	ClientSecret   secret.Text `env:"AMOCRM_CLIENT_SECRET" placeholder:"TEXT" help:"amocrm_client_secret"`
	AccountID      string      `name:"account-id" env:"AMOCRM_ACCOUNT_ID" placeholder:"NUMBER" help:"account_id"`
	CabinetOrigins []string    `env:"AMOCRM_CABINET_ORIGINS" placeholder:"URL,…" help:"amocrm_cabinet_origins"`
	DealClaim      string      `env:"AMOCRM_DEAL_CLAIM" placeholder:"PATH" help:"amocrm_deal_claim"`
}

// amoCRM is amoCRM as the settings make it out: the vendor's, or a sandbox in its place.
type amoCRM struct {
	sandboxed              bool
	accountURL, cabinetURL string // of the sandbox
	clientID               string
	secret                 secret.Text
	accountID              int64
	wrong                  settingErrors
	origins                []string
	dealClaim              string
}

// resolve fills in what is not set: for a sandbox at the given port when amoCRM is not configured.
func (s AmoCRMSettings) resolve(port int) vendor {
	a := amoCRM{clientID: s.ClientID, secret: s.ClientSecret, dealClaim: cmp.Or(s.DealClaim, amocrm.DefaultDealClaim)}
	for _, origin := range s.CabinetOrigins {
		a.origins = append(a.origins, canonical(strings.TrimSpace(origin)))
	}
	if s.AccountID != "" {
		var err error
		if a.accountID, err = strconv.ParseInt(s.AccountID, 10, 64); err != nil || a.accountID <= 0 {
			a.wrong.add("AMOCRM_ACCOUNT_ID=30050010", "%q is no account's number", s.AccountID)
		}
	}
	if s.ClientID != "" {
		return a
	}
	a.sandboxed = true
	a.accountURL = fmt.Sprintf("http://demo.amocrm.localhost:%d", port)
	a.cabinetURL = fmt.Sprintf("http://cabinet.amocrm.localhost:%d", port)
	a.clientID = amocrmsandbox.DefaultClientID
	a.secret = secretOr(s.ClientSecret, amocrmsandbox.DefaultClientSecret)
	a.accountID = cmp.Or(a.accountID, amocrmsandbox.DefaultAccountID)
	if !slices.Contains(a.origins, a.cabinetURL) {
		a.origins = append(a.origins, a.cabinetURL)
	}
	return a
}

// validate finds what is wrong, for a program whose portal is known.
func (a amoCRM) validate(portal *url.URL, _ int, f *settingErrors) {
	*f = append(*f, a.wrong...)
	if portal == nil {
		return
	}
	if _, err := a.verifier(portal, nil); err != nil {
		f.addTo("AMOCRM_…", "AMOCRM_CLIENT_ID=… with AMOCRM_CLIENT_SECRET", "%v", err)
	}
	const example = "AMOCRM_CABINET_ORIGINS=https://cabinet.example.com"
	if len(a.origins) == 0 {
		f.add(example, "without it no browser lets the widget ask: where amoCRM's client cabinet is depends on the "+
			"account")
	}
	for _, origin := range a.origins {
		u, err := parseOrigin(origin)
		switch {
		case err != nil:
			f.add(example, "%q: %v", origin, err)
		case strings.Contains(u.Host, "*"):
			f.add(example, "%q names many origins; name each", origin)
		case u.Scheme == "http" && !outgoing.IsLoopback(u.Hostname()):
			f.add(example, "%q: plain http is only for this machine", origin)
		}
	}
}

func (a amoCRM) verifier(portal *url.URL, now func() time.Time) (*amocrm.Verifier, error) {
	return amocrm.NewVerifier(amocrm.Config{
		ClientID: a.clientID, ClientSecret: a.secret, AccountID: a.accountID, Audience: canonical(portal.String()),
		DealClaim: a.dealClaim, Now: now,
	})
}

func (a amoCRM) room(site *web.Site, now func() time.Time) (web.Vendor, error) {
	verifier, err := a.verifier(site.BaseURL, now)
	if err != nil {
		return nil, err
	}
	return room.New(site, room.Config{
		Verifier: verifier, ClientID: a.clientID, AccountID: a.accountID, DealClaim: a.dealClaim,
		CabinetOrigins: a.origins,
	}), nil
}

// variables connect a portal to its sandbox.
func (a amoCRM) variables() any {
	return AmoCRMSettings{ClientID: a.clientID, ClientSecret: a.secret, AccountID: strconv.FormatInt(a.accountID, 10),
		CabinetOrigins: a.origins}
}

func (a amoCRM) name() string               { return "amocrm" }
func (a amoCRM) configured() (string, bool) { return "AMOCRM_CLIENT_ID", !a.sandboxed }

func (a amoCRM) secrets() []secret.Text { return []secret.Text{a.secret} }

// sandbox has one integration, the portal's.
func (a amoCRM) sandbox(portal string, now func() time.Time, log *slog.Logger) (instance, error) {
	// Whoever starts the demo does not wait for what is perhaps never uploaded.
	archive := func() ([]byte, error) { return amocrm.WidgetArchive(portal, "", "") }
	s, err := amocrmsandbox.New(amocrmsandbox.Config{
		AccountURL: a.accountURL, CabinetURL: a.cabinetURL, Portal: canonical(portal),
		ClientID: a.clientID, ClientSecret: a.secret, AccountID: a.accountID, Archive: archive, Now: now, Log: log,
	})
	return instance{
		title: "amoCRM", sandbox: s, messages: "/_sandbox/sms", missing: amocrmsandbox.MissingAssets(),
		addresses: []Address{
			{Name: "amoCRM's sandbox", Origin: a.accountURL}, {Name: "  client cabinet", Origin: a.cabinetURL},
		},
		hint: "amoCRM: press “Настроить всё” at /_sandbox/ of its address, then open its client cabinet.",
	}, err
}

// AmoCRMCommands are about the widget in amoCRM's client cabinet.
type AmoCRMCommands struct {
	Widget AmoCRMWidget `cmd:"" help:"amocrmcommands_widget"`
}

// AmoCRMWidget builds the archive of the widget.
type AmoCRMWidget struct {
	AmoCRMSettings `embed:"" prefix:"amocrm-" group:"amoCRM"`
	BaseURL        string `name:"base-url" env:"KABINET_BASE_URL" default:"http://localhost:8080" help:"widget_url"`
	Output         string `short:"o" default:"widget.zip" placeholder:"FILE" help:"widget_output"`
	Version        string `placeholder:"NUMBER" help:"widget_version"`
}

// Run is the command.
func (c AmoCRMWidget) Run(ctx context.Context, out io.Writer) error {
	var f settingErrors
	portal := Settings{BaseURL: c.BaseURL}.checkBaseURL(Serve, usualAddr, &f)
	if c.ClientID != "" { // the archive has none of it; what is set is to be right all the same
		f = append(f, validate(c.resolve(0), portal, 0)...)
	}
	if err := f.err(); err != nil {
		return err
	}
	archive, err := amocrm.WidgetArchive(canonical(portal.String()), "", c.Version)
	if problems, ok := errors.AsType[amocrm.Problems](err); ok &&
		slices.ContainsFunc(problems, func(p amocrm.Problem) bool {
			return p.Rule == amocrm.RuleVersion
		}) {
		return SettingError{"--version", fmt.Sprintf("%q is not three numbers with dots between", c.Version),
			"--version 1.0.1"}
	}
	if err != nil {
		return err
	}
	if c.Output == "-" {
		_, err := out.Write(archive)
		return err
	}
	if err := os.WriteFile(c.Output, archive, 0o644); err != nil {
		return fmt.Errorf("writing the archive: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s: the widget for %s, %d bytes. Upload it to amoCRM, into the integration whose "+
		"redirect_uri is at that address.\n", c.Output, portal, len(archive))
	return err
}
