package sandbox

import (
	"fmt"
	"io"
	"net/http"

	"github.com/emersion/go-smtp"
)

// maxLetter is how large a letter may be, in bytes.
const maxLetter = 1 << 20

// NewSession begins to listen to whoever has connected; the SMTP server calls it.
func (s *Sandbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	fault := s.Faults().Meet(s.ending, connection)
	switch {
	case fault.Status >= http.StatusBadRequest: // said once: whoever is refused so would greet again
		_, _ = fmt.Fprintf(c.Conn(), "421 mail.localhost is not available\r\n") // to who may have gone
		_ = c.Conn().Close()
	case fault.Scenario != "" || fault.Break || fault.Reset || fault.Hang:
		_ = c.Conn().Close() // as a machine that is not there
	}
	return &session{sandbox: s, conn: c}, nil
}

// refusal is what a fault with another answer says: for good as a client's mistake in HTTP is, and else for now.
func refusal(status int) error {
	switch {
	case status == 0 || status < http.StatusBadRequest:
		return nil
	case status < http.StatusInternalServerError && status != http.StatusTooManyRequests:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	default:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Try again later"}
	}
}

// session is a conversation with a client.
type session struct {
	sandbox *Sandbox
	conn    *smtp.Conn
	from    string
	to      []string
	forget  bool // takes the letter, and does not say so
}

// Mail begins a letter.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from, s.to, s.forget = from, nil, false
	return nil
}

// Rcpt names a recipient: there is a mailbox for everybody.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	fault := s.sandbox.Faults().Meet(s.sandbox.ending, delivery)
	switch {
	case fault.Scenario == "refused":
		return refusal(http.StatusNotFound)
	case fault.Scenario == "greylisted":
		return refusal(http.StatusServiceUnavailable)
	case fault.Break || fault.Reset || fault.Hang:
		_ = s.conn.Conn().Close()
	}
	if err := refusal(fault.Status); err != nil {
		return err
	}
	s.forget = s.forget || fault.Forget
	s.to = append(s.to, to)
	return nil
}

// Data takes the letter.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := read(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0},
			Message: fmt.Sprintf("The letter cannot be read: %v", err)}
	}
	l.EnvelopeFrom, l.EnvelopeTo, l.At = s.from, s.to, s.sandbox.Now()
	s.sandbox.state.add(l)
	if s.forget {
		_ = s.conn.Conn().Close()
	}
	return nil
}

// Reset forgets the letter that was begun.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the conversation.
func (*session) Logout() error { return nil }
