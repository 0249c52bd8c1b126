package sandbox

import (
	"embed"
	"errors"
	"io"
	"net/http"
	"strconv"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/sandbox"
)

//go:embed connect
var blocks embed.FS

// connect is what clients in other languages are told.
func (s *Sandbox) connect() sandbox.Connect {
	return sandbox.Connect{
		Blocks: blocks,
		Hosts: map[string]string{
			"account": sandbox.HostOf(s.config.AccountURL), "cabinet": sandbox.HostOf(s.config.CabinetURL),
		},
		Values: func() []sandbox.Value {
			return []sandbox.Value{
				sandbox.Plain("AMOCRM_CLIENT_ID", s.config.ClientID), sandbox.Plain("AMOCRM_ACCOUNT_ID",
					strconv.FormatInt(s.config.AccountID, 10)),
				sandbox.Plain("AUDIENCE", s.config.Portal),
				{Variable: "AMOCRM_CLIENT_SECRET", Text: s.config.ClientSecret, Public: DefaultClientSecret},
			}
		},
		Notes: func(t *catalogue.Texts) []string { return []string{t.T("connect.about")} },
	}
}

// ErrNoDeal says that there is no such deal.
var ErrNoDeal = errors.New("there is no such deal")

// Token returns what the client cabinet hands to our widget for a deal, by the settings of the desk, without anybody
// signing in: for tests of what verifies tokens. Its error is ErrNoDeal for a deal that there is not.
func (s *Sandbox) Token(dealID int64) (string, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if s.state.indexOf(dealID) < 0 {
		return "", ErrNoDeal
	}
	return s.state.token(s.state.integrations[0], dealID), nil
}

// giveToken is Token for clients in other languages.
func (s *Sandbox) giveToken(w http.ResponseWriter, r *http.Request) {
	dealID, _ := strconv.ParseInt(r.URL.Query().Get("deal"), 10, 64)
	token, err := s.Token(dealID)
	if err != nil {
		http.Error(w, "deal is the number of a deal; they are at /leads/", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, token) // the client may be gone; there is nobody to tell
}
