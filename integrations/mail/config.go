package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
)

// Config is where letters are sent by, and from whom.
type Config struct {
	Server  Server
	From    netmail.Address
	Timeout time.Duration // of connecting, and of sending a letter; 2 minutes when 0
	// Roots are who may have signed the server's certificate; nil for those whom this machine trusts.
	Roots *x509.CertPool
	// Dial connects in another way than by asking DNS; nil for that.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Server is an SMTP server.
type Server struct {
	Host     string
	Port     int
	TLS      bool // from the first byte; else STARTTLS is demanded
	User     string
	Password secret.Text
}

// plain reports whether the server is spoken to in the clear: it is on this machine, and offers no certificate for it.
func (s Server) plain() bool { return !s.TLS && outgoing.IsLoopback(s.Host) }

// String is the server's address without credentials.
func (s Server) String() string {
	scheme := "smtp"
	if s.TLS {
		scheme = "smtps"
	}
	return scheme + "://" + net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// ParseServer reads smtps://user:password@host:465 or smtp://user:password@host:587. Its error quotes no credential.
func ParseServer(text string) (Server, error) {
	u, err := url.Parse(text)
	if err != nil { // whose text has the address in it
		return Server{}, errors.New("it is no address; what is special in a password is written as %xx")
	}
	s := Server{Host: u.Hostname(), TLS: u.Scheme == "smtps", Port: 587}
	switch {
	case u.Scheme != "smtp" && u.Scheme != "smtps":
		return s, errors.New("it begins with smtps:// or smtp://")
	case s.Host == "":
		return s, errors.New("it names no server")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return s, errors.New("something follows the server")
	}
	if s.TLS {
		s.Port = 465
	}
	if port := u.Port(); port != "" {
		if s.Port, err = strconv.Atoi(port); err != nil || s.Port < 1 || s.Port > 65535 {
			return s, fmt.Errorf("%q is no port", port)
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.User, s.Password = u.User.Username(), secret.New(password)
		if s.User == "" || password == "" {
			return s, errors.New("a user and a password belong together")
		}
	}
	return s, nil
}

// ParseFrom reads who sends: an e-mail, or Name <e-mail>.
func ParseFrom(text string) (netmail.Address, error) {
	a, err := netmail.ParseAddress(text)
	if err != nil {
		return netmail.Address{}, errors.New("it is no e-mail; Name <e-mail> is one too")
	}
	if a.Address, err = onTheWire(a.Address); err != nil {
		return netmail.Address{}, err
	}
	return *a, nil
}

// onTheWire is an e-mail as servers know it. Its error is ErrRefused.
func onTheWire(email string) (string, error) {
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" {
		return "", fmt.Errorf("%w: it is no e-mail", ErrRefused)
	}
	if strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("%w: what stands before the @ is beyond ASCII", ErrRefused)
	}
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", fmt.Errorf("%w: the domain cannot be written in ASCII", ErrRefused)
	}
	return local + "@" + domain, nil
}
