package sandbox

import (
	"embed"

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
	return sandbox.Connect{
		Blocks: blocks,
		Hosts:  map[string]string{"sailplay": sandbox.HostOf(s.config.URL)},
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
