package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/log"
)

// Letter is one to be sent.
type Letter struct {
	To        string // an e-mail
	Subject   string
	Text      string
	HTML      string    // the same; it loads nothing from anywhere
	MessageID string    // without brackets; the same however often it is sent
	Date      time.Time // when it was written
}

// Why a letter was not sent.
var (
	// ErrRefused: the server will not take this letter, ever.
	ErrRefused = errors.New("the letter is refused for good")
	// ErrLater: the server does not take this letter now; another one it may.
	ErrLater = errors.New("the server asks to come again with the letter")
	// ErrSignIn: the server does not take the user and the password.
	ErrSignIn = errors.New("the mail server refuses the user and the password")
	// ErrBroken: the conversation broke in the midst of the letter: it may be the letter's fault, and may be sent.
	ErrBroken = errors.New("the connection broke while the letter was being sent")
	// ErrUnavailable: the server cannot be spoken to, about any letter.
	ErrUnavailable = errors.New("the mail server is unavailable")
)

// Client sends letters. It is safe for concurrent use, and keeps no connection.
type Client struct{ config Config }

// New returns a client. It connects to nobody yet.
func New(c Config) *Client {
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Minute
	}
	return &Client{c}
}

// Server is where letters are sent by.
func (c *Client) Server() Server { return c.config.Server }

// Send sends one letter. Its error is one of this package's, and quotes neither the letter nor a credential. What the
// server has accepted is sent, whatever happens to the connection then.
func (c *Client) Send(ctx context.Context, l Letter) error {
	m, err := c.message(l)
	if err != nil {
		return err
	}
	client, hangUp, err := c.connect(ctx)
	defer hangUp()
	if err == nil {
		err = c.judge(client.Send(m))
	}
	return err
}

// judge says what a failure to send a letter is about: a refusal of who sends is about every letter.
func (c *Client) judge(err error) error {
	failed, ok := errors.AsType[*mail.SendError](err)
	switch {
	case err == nil:
		return nil
	case !ok || failed.ErrorCode() == 0:
		return ErrBroken
	case failed.Reason == mail.ErrSMTPMailFrom || failed.ErrorCode() == 421:
		return ofCode(failed.ErrorCode())
	case failed.IsTemp():
		return fmt.Errorf("%w: code %d", ErrLater, failed.ErrorCode())
	default:
		return fmt.Errorf("%w: code %d", ErrRefused, failed.ErrorCode())
	}
}

// Try connects as Send does, and sends nothing. It returns what Send does.
func (c *Client) Try(ctx context.Context) error {
	_, hangUp, err := c.connect(ctx)
	hangUp()
	return err
}

// connect is through when the server has taken the user and the password. Whether or not, hangUp is to be called.
func (c *Client) connect(ctx context.Context) (client *mail.Client, hangUp func(), err error) {
	s, connections := c.config.Server, new(connections)
	policy := mail.TLSMandatory
	if s.TLS || s.plain() { // TLS from the first byte is begun by dial
		policy = mail.NoTLS
	}
	options := []mail.Option{
		mail.WithPort(s.Port), mail.WithTimeout(c.config.Timeout), mail.WithoutRset(), mail.WithoutNoop(),
		mail.WithoutSMTPUTF8(), mail.WithLogger(silent{}), mail.WithTLSConfig(c.secured()), mail.WithTLSPolicy(policy),
		mail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			return connections.keep(c.dial(ctx, network, address))
		}),
	}
	if s.User != "" {
		options = append(options, mail.WithUsername(s.User), mail.WithPassword(s.Password.Reveal()), s.signingIn())
	}
	if client, err = mail.NewClient(s.Host, options...); err != nil {
		return nil, connections.close, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := client.DialWithContext(ctx); err != nil {
		return nil, connections.close, whyNot(err)
	}
	return client, func() { _ = client.Close(); connections.close() }, nil // it says goodbye, if it can
}

// message is a letter as it is sent.
func (c *Client) message(l Letter) (*mail.Msg, error) {
	to, err := onTheWire(l.To)
	if err != nil {
		return nil, err
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	from := c.config.From
	m.FromMailAddress(&from)
	if err := m.To(to); err != nil {
		return nil, fmt.Errorf("%w: it is no e-mail", ErrRefused)
	}
	m.Subject(l.Subject)
	m.SetMessageIDWithValue(l.MessageID)
	m.SetDateWithValue(l.Date)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // so that no machine answers
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	return m, nil
}

// silent keeps the library's words, which may quote credentials, out of the log.
type silent struct{}

func (silent) Debugf(log.Log) {}
func (silent) Infof(log.Log)  {}
func (silent) Warnf(log.Log)  {}
func (silent) Errorf(log.Log) {}
