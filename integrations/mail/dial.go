package mail

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/wneessen/go-mail"
)

// dialFor is how long a server may take to be connected to.
const dialFor = 15 * time.Second

// connections are closed in the end whatever has become of them: the library leaves those open that fail on the way,
// or to which it cannot say goodbye.
type connections []net.Conn

func (all *connections) keep(c net.Conn, err error) (net.Conn, error) {
	if c != nil {
		*all = append(*all, c)
	}
	return c, err
}

func (all *connections) close() {
	for _, c := range *all {
		_ = c.Close() // at worst it is closed already
	}
}

// secured is TLS by which the server must prove who it is.
func (c *Client) secured() *tls.Config {
	return &tls.Config{ServerName: c.config.Server.Host, MinVersion: tls.VersionTLS12, RootCAs: c.config.Roots}
}

// dial connects, with TLS from the first byte where the server is spoken to so.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, stop := context.WithTimeout(ctx, min(dialFor, c.config.Timeout))
	defer stop()
	dial := c.config.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, network, address)
	if err != nil || !c.config.Server.TLS {
		return conn, err
	}
	secured := tls.Client(conn, c.secured())
	return secured, secured.HandshakeContext(ctx)
}

// signingIn is how the password is proven, the first that the server offers. The library does not know of the TLS that
// dial begins, and would not choose the plain ones by itself.
func (s Server) signingIn() mail.Option {
	if s.plain() {
		return mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc)
	}
	return mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin)
}
