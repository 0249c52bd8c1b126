package app

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	room "kabinet/handlers/sailplay"
	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sailplay"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/secret"
)

// SailPlaySettings connect the portal to SailPlay. SailPlay is configured when PartnerID is set; in the
// demo the others apply to the sandbox too.
type SailPlaySettings struct {
	URL           string      `name:"url" env:"SAILPLAY_URL" placeholder:"URL" help:"sailplay_url"`
	PartnerID     string      `env:"SAILPLAY_PARTNER_ID" placeholder:"NUMBER" help:"sailplay_partner_id"`
	DepartmentID  string      `env:"SAILPLAY_DEPARTMENT_ID" placeholder:"NUMBER" help:"The partner's department."`
	Secret        secret.Text `env:"SAILPLAY_SECRET" placeholder:"TEXT" help:"sailplay_secret"`
	DepartmentKey secret.Text `env:"SAILPLAY_DEPARTMENT_KEY" placeholder:"TEXT" help:"sailplay_department_key"`
	PinCode       secret.Text `env:"SAILPLAY_PIN_CODE" placeholder:"TEXT" minimum:"4" help:"sailplay_pin_code"`
	RedirectBase  string      `env:"SAILPLAY_REDIRECT_BASE" placeholder:"URL" help:"sailplay_redirect_base"`
	SDK           string      `name:"sdk" env:"SAILPLAY_SDK" placeholder:"BOOL" help:"sailplay_sdk"`
	Widget        string      `env:"SAILPLAY_WIDGET" placeholder:"BOOL" help:"sailplay_widget"`
}

// sailPlay is SailPlay as the settings make it out: the vendor's, or a sandbox in its place.
type sailPlay struct {
	sandboxed    bool
	config       sailplay.Config
	redirectBase string

	sdk, widget bool
	wrong       settingErrors
}

// resolve fills in what is not set: the vendor's values when SailPlay is configured, those of a sandbox at
// the given port when it is not.
func (s SailPlaySettings) resolve(port int) vendor {
	p := sailPlay{redirectBase: canonical(s.RedirectBase), config: sailplay.Config{
		URL: canonical(cmp.Or(s.URL, "https://sailplay.ru")), PartnerID: s.PartnerID, DepartmentID: s.DepartmentID,
		Secret: s.Secret, DepartmentKey: s.DepartmentKey, PinCode: s.PinCode,
	}}
	p.sdk = p.wrong.bool("SAILPLAY_SDK=false", s.SDK, false)
	p.widget = p.wrong.bool("SAILPLAY_WIDGET=false", s.Widget, false)
	if s.PartnerID != "" {
		return p
	}
	p.sandboxed = true
	p.config.URL = canonical(cmp.Or(s.URL, fmt.Sprintf("http://sailplay.localhost:%d", port)))
	p.config.PartnerID = sailplaysandbox.DefaultPartnerID
	p.config.DepartmentID = cmp.Or(s.DepartmentID, sailplaysandbox.DefaultDepartmentID)
	p.config.Secret = secretOr(s.Secret, sailplaysandbox.DefaultSecret)
	p.config.DepartmentKey = secretOr(s.DepartmentKey, sailplaysandbox.DefaultDepartmentKey)
	p.config.PinCode = secretOr(s.PinCode, sailplaysandbox.DefaultPinCode)
	return p
}

// validate finds what is wrong, for a program that listens on the port.
func (p sailPlay) validate(portal *url.URL, port int, f *settingErrors) {
	if err := p.config.Validate(); err != nil {
		f.addTo("SAILPLAY_…", "SAILPLAY_PARTNER_ID=7301 with SAILPLAY_DEPARTMENT_ID, SAILPLAY_SECRET, "+
			"SAILPLAY_DEPARTMENT_KEY and SAILPLAY_PIN_CODE", "%v", err)
		return
	}
	if p.sandboxed && !canBeSandbox(p.config.URL, port) {
		f.add(fmt.Sprintf("SAILPLAY_URL=http://sailplay.localhost:%d", port), noSandbox, "SAILPLAY_PARTNER_ID",
			"SailPlay", port)
	}
	f.notPortal(portal, port, "SailPlay", hostOf(p.config.URL))
	*f = append(*f, p.wrong...)
	if p.redirectBase == "" {
		return
	}
	if _, err := parseOrigin(p.redirectBase); err != nil {
		f.add("SAILPLAY_REDIRECT_BASE=http://www.portal.example.com", "%v", err)
	}
}

// client makes no call yet.
func (p sailPlay) client(recorder *outgoing.Recorder, patience outgoing.Patience, now func() time.Time,
	log *slog.Logger) (*sailplay.Client, error) {
	c := p.config
	c.Now = now
	c.HTTP = outgoing.NewClient(outgoing.Options{Vendor: "sailplay", Timeout: patience.Of(5 * time.Second),
		Recorder: recorder, Log: log})
	return sailplay.New(c)
}

// variables connect a portal to its sandbox.
func (p sailPlay) variables() any {
	return SailPlaySettings{
		URL: p.config.URL, PartnerID: p.config.PartnerID, DepartmentID: p.config.DepartmentID,
		Secret: p.config.Secret, DepartmentKey: p.config.DepartmentKey, PinCode: p.config.PinCode,
		RedirectBase: p.redirectBase,
	}
}

func (p sailPlay) name() string               { return "sailplay" }
func (p sailPlay) configured() (string, bool) { return "SAILPLAY_PARTNER_ID", !p.sandboxed }

func (p sailPlay) secrets() []secret.Text {
	return []secret.Text{p.config.Secret, p.config.DepartmentKey, p.config.PinCode}
}

func (p sailPlay) room(site *web.Site, now func() time.Time) (web.Vendor, error) {
	client, err := p.client(site.Recorder, site.Patience, now, site.Log)
	if err != nil {
		return nil, err
	}
	if back := cmp.Or(p.redirectBase, site.BaseURL.String()); !sailplay.IsDocumentedReturn(back) {
		site.Log.Info("SailPlay documents that redirect_url begins with http://www., and the portal's does not: "+
			"if SailPlay refuses it, set SAILPLAY_REDIRECT_BASE", "redirect_url", back)
	}
	return room.New(site, room.Config{Client: client, RedirectBase: p.redirectBase, SDK: p.sdk, Widget: p.widget}), nil
}

// sandbox has one portal as a partner. Where SailPlay leads back to as it documents, it insists on that.
func (p sailPlay) sandbox(portal string, now func() time.Time, log *slog.Logger) (instance, error) {
	returns := []string{portal + "/sailplay/callback/"}
	var portals []string
	if p.redirectBase != "" {
		returns, portals = append(returns, p.redirectBase+"/sailplay/callback/"), []string{p.redirectBase}
	}
	s, err := sailplaysandbox.New(sailplaysandbox.Config{
		URL: p.config.URL, WWWOnly: sailplay.IsDocumentedReturn(p.redirectBase), Now: now, Log: log,
		Partner: sailplaysandbox.Partner{
			ID: p.config.PartnerID, DepartmentID: p.config.DepartmentID, Name: "Kabinet", Returns: returns,
			Secret: p.config.Secret, DepartmentKey: p.config.DepartmentKey, PinCode: p.config.PinCode,
		}})
	return instance{
		title: "SailPlay", sandbox: s, portals: portals,
		addresses: []Address{
			{Name: "SailPlay's sandbox", Origin: p.config.URL},
			{Name: "  another's shop", Origin: sailplaysandbox.ShopOrigin(p.config.URL)},
		},
	}, err
}
