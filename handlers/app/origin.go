package app

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// hostNames are names as DNS has them, an underscore or a number among them; other scripts become punycode, as
// browsers have it in an origin.
var hostNames = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))

// parseOrigin takes scheme, host and port, and nothing else. The origin is as browsers write it: in lower case, in
// punycode, without a port that goes without saying. Every origin in the settings is read here.
func parseOrigin(text string) (*url.URL, error) {
	text = strings.TrimFunc(text, isAround)
	if problem := textProblem(text, 0); problem != "" {
		return nil, errors.New(problem)
	}
	u, err := url.Parse(strings.TrimSuffix(strings.ToLower(text), "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
		return nil, errors.New("it must be an http or https address without path")
	}
	host, err := canonicalHost(u.Host)
	if err != nil {
		return nil, err
	}
	if usual := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; strings.HasSuffix(host, usual) {
		host = strings.TrimSuffix(host, usual)
	}
	return &url.URL{Scheme: u.Scheme, Host: host}, nil
}

// canonical is an origin as browsers write it, or what was set, where that is no origin: who checks finds it.
func canonical(origin string) string {
	u, err := parseOrigin(origin)
	if err != nil {
		return origin
	}
	return u.String()
}

// canonicalHost is a host, perhaps with a port, as it stands in an origin.
func canonicalHost(text string) (string, error) {
	u := url.URL{Host: strings.ToLower(strings.TrimSpace(text))}
	name, port := u.Hostname(), u.Port()
	if ip, err := netip.ParseAddr(name); err == nil {
		if name = ip.Unmap().String(); ip.Unmap().Is6() {
			name = "[" + name + "]"
		}
	} else if name, err = hostNames.ToASCII(name); err != nil || !hostName.MatchString(name) {
		return "", errors.New("its host is no name that browsers know")
	}
	if port == "" {
		return name, nil
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return "", errors.New("its port is invalid")
	}
	return name + ":" + strconv.Itoa(n), nil
}

// hostName is what a name looks like; one whose last part is a number browsers take for an address.
var hostName = regexp.MustCompile(`^([a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*\.?$`)

// hostOr is a host as it stands in an origin, or what was set, where that is invalid: who checks finds it.
func hostOr(text string) string {
	host, err := canonicalHost(text)
	if err != nil {
		return text
	}
	return host
}
