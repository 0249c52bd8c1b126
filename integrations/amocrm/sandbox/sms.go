package sandbox

import (
	"context"
	"net/url"
	"strconv"

	"kabinet/integrations/outgoing"
)

// sendSMS sends a text by the chosen SMS widget: it is on the page of messages, and at the widget's
// endpoint as amoCRM tells it, a form of text, phone and a disposable token.
func (s *Sandbox) sendSMS(ctx context.Context, phone, text string) {
	s.state.mu.Lock()
	m := sms{At: s.config.Now(), Phone: "+" + phone, Text: text, Endpoint: s.state.endpoint}
	s.state.mu.Unlock()
	if m.Endpoint != "" {
		m.Outcome = s.tell(ctx, m)
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.sms = append(s.state.sms, m)
	s.state.sms = s.state.sms[max(0, len(s.state.sms)-maxSMS):]
}

func (s *Sandbox) tell(ctx context.Context, m sms) string {
	form := url.Values{"text": {m.Text}, "phone": {m.Phone}, "token": {s.state.smsToken()}}
	status, err := s.Post(ctx, m.Endpoint, form)
	if err != nil {
		return "sms.no_answer"
	}
	return strconv.Itoa(status)
}

// isEndpoint reports whether an SMS widget may be told there: at this machine, which is the sandbox's rule.
func isEndpoint(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil &&
		outgoing.IsLoopback(u.Hostname())
}
