package sandbox

import (
	"embed"
	"strings"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
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
	_, host, _ := strings.Cut(s.config.URL, "://")
	return sandbox.Connect{
		Blocks: blocks,
		Hosts:  map[string]string{"sailplay": outgoing.Hostname(host)},
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
