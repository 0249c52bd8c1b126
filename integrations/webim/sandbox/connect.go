package sandbox

import (
	"embed"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/webim"
)

//go:embed connect
var blocks embed.FS

// connect is what clients in other languages are told. The settings of the account may have been changed meanwhile.
func (s *Sandbox) connect() sandbox.Connect {
	return sandbox.Connect{
		Blocks: blocks,
		Hosts:  map[string]string{"chat": s.config.Account.Host()},
		Values: func() []sandbox.Value {
			return []sandbox.Value{{Variable: "WEBIM_PRIVATE_KEY", Text: s.settings.Get().key,
				Public: DefaultKey}}
		},
		Notes: func(t *catalogue.Texts) []string {
			notes := []string{t.T("connect.about")}
			if scheme := s.settings.Get().scheme; scheme != webim.Default {
				notes = append(notes, t.With("connect.scheme",
					map[string]any{"Version": scheme.Version, "Algorithm": scheme.Algorithm}))
			}
			return notes
		},
	}
}
