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
	return sandbox.Connect{
		Blocks: blocks,
		Hosts:  map[string]string{"cabinet": s.config.Hosts.CabinetHost(), "staff": s.config.Hosts.StaffHost()},
		Values: func() []sandbox.Value {
			return []sandbox.Value{
				{Variable: "PRICEPLAN_USER", Text: s.config.User, Public: DefaultUser},
				{Variable: "PRICEPLAN_API_KEY", Text: s.config.APIKey, Public: DefaultAPIKey},
				{Variable: "PRICEPLAN_PASSWORD", Text: s.config.Password, Public: DefaultPassword},
			}
		},
		Notes: func(t *catalogue.Texts) []string {
			if s.settings.Get().off() {
				return []string{t.T("connect.about"), t.T("desk.off")}
			}
			return []string{t.T("connect.about")}
		},
	}
}
