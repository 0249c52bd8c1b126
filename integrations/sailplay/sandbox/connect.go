package sandbox

import (
	"embed"
	"net/url"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/sandbox"
)

//go:embed connect
var blocks embed.FS

// connect is what clients in other languages are told.
func (s *Sandbox) connect() sandbox.Connect {
	p := s.config.Partner
	returnTo := ""
	if len(p.Returns) > 0 {
		returnTo = p.Returns[0] + "example"
	}
	hosts := map[string]string{}
	if u, err := url.Parse(s.config.URL); err == nil {
		hosts["sailplay"] = u.Hostname()
	}
	return sandbox.Connect{
		Blocks: blocks,
		Hosts:  hosts,
		Values: func() []sandbox.Value {
			return []sandbox.Value{
				sandbox.Plain("SAILPLAY_PARTNER_ID", p.ID),
				sandbox.Plain("SAILPLAY_DEPARTMENT_ID", p.DepartmentID), sandbox.Plain("REDIRECT_URL", returnTo),
				{Variable: "SAILPLAY_SECRET", Text: p.Secret, Public: DefaultSecret},
				{Variable: "SAILPLAY_DEPARTMENT_KEY", Text: p.DepartmentKey, Public: DefaultDepartmentKey},
				{Variable: "SAILPLAY_PIN_CODE", Text: p.PinCode, Public: DefaultPinCode},
			}
		},
		Notes: func(t *catalogue.Texts) []string { return []string{t.T("connect.about")} },
	}
}
