package app

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers"
	"kabinet/handlers/contact"
	"kabinet/handlers/password"
	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
)

// Settings are the settings of the portal, by flag and by environment.
type Settings struct {
	Addr           string      `env:"KABINET_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"addr"`
	BaseURL        string      `name:"base-url" env:"KABINET_BASE_URL" placeholder:"URL" help:"base_url"`
	MetricsAddr    string      `env:"KABINET_METRICS_ADDR" placeholder:"HOST:PORT" help:"metrics_addr"`
	Data           string      `env:"KABINET_DATA" default:"data" placeholder:"FOLDER" help:"data"`
	Secret         secret.Text `env:"KABINET_SECRET" placeholder:"TEXT" minimum:"0" help:"secret"`
	DatabaseURL    secret.Text `env:"KABINET_DATABASE_URL" placeholder:"URL" help:"database_url"`
	SecretFile     string      `env:"KABINET_SECRET_FILE" placeholder:"FILE" help:"secret_file"`
	OldSecrets     secret.Text `env:"KABINET_OLD_SECRETS" placeholder:"TEXT,…" many:"yes" help:"old_secrets"`
	TrustedProxies []string    `env:"KABINET_TRUSTED_PROXIES" placeholder:"CIDR" help:"trusted_proxies"`

	RequireSecondFactor string `env:"KABINET_REQUIRE_SECOND_FACTOR" placeholder:"WHO" help:"require_second_factor"`

	BcryptCost  string `env:"KABINET_BCRYPT_COST" placeholder:"NUMBER" help:"bcrypt_cost"`
	PhoneRegion string `env:"KABINET_PHONE_REGION" placeholder:"REGION" help:"phone_region"`

	BrandSettings `embed:"" prefix:"brand-"`
	KeepSettings  `embed:""`
	Vendors       `embed:""`

	// For tests: hashing that costs next to nothing, and withstands nobody; a clock; and how long vendors are waited
	// for, by calls and by pages.
	QuickPasswords bool
	Now            func() time.Time
	Patience       outgoing.Patience
	PagePatience   outgoing.Patience
}

// usualAddr is where a program listens that is told nothing else.
var usualAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}

// DemoSecret is always the demo's: fixed, so that its accounts' passwords need no hashing at
// the start, and known to everybody, so that serve refuses it.
const DemoSecret = "the-secret-of-kabinet-demo-which-everybody-knows"

// SettingError is one thing wrong with the settings; Example is a whole assignment or flag.
type SettingError struct {
	Variable, What, Example string
}

func (f SettingError) Error() string {
	return fmt.Sprintf("%s: %s; for example %s", f.Variable, f.What, f.Example)
}

// settingErrors collects what is wrong, so that all of it is said at once.
type settingErrors []error

// add notes what is wrong with the variable that the example sets.
func (f *settingErrors) add(example, format string, a ...any) {
	variable, _, _ := strings.Cut(example, "=")
	f.addTo(variable, example, format, a...)
}

// addTo notes what is wrong with several variables, or where the example sets none.
func (f *settingErrors) addTo(variables, example, format string, a ...any) {
	*f = append(*f, SettingError{variables, fmt.Sprintf(format, a...), example})
}

// bool reads true or false. Nothing stands for the default.
func (f *settingErrors) bool(example, text string, byDefault bool) bool {
	value, err := strconv.ParseBool(cmp.Or(text, strconv.FormatBool(byDefault)))
	if err != nil {
		f.add(example, "%q is neither true nor false", text)
		return byDefault
	}
	return value
}

// secretOr is a credential, or the default for none.
func secretOr(t secret.Text, byDefault string) secret.Text {
	if t.IsEmpty() {
		return secret.New(byDefault)
	}
	return t
}

// parsed is what parse makes of a setting, and nothing where it is not set or wrong.
func parsed[T any](f *settingErrors, example, text string, parse func(string) (T, error)) (value T) {
	if text == "" {
		return value
	}
	value, err := parse(text)
	if err != nil {
		f.add(example, "%q: %v", text, err)
		return *new(T)
	}
	return value
}

func (f settingErrors) err() error { return errors.Join(f...) }

// Mode is how the portal is run.
type Mode int

// The modes: production, and the demo with sandboxes and known accounts.
const (
	Serve Mode = iota
	Demo
)

// check returns what the portal is told of the settings that all vendors share, and all that is wrong with them.
func (s Settings) check(mode Mode, addr net.Addr) (c handlers.Config, f settingErrors) {
	if mode == Demo {
		s.checkDemoAddr(addr.(*net.TCPAddr).IP, &f)
	}
	c.Patience, c.PagePatience = s.Patience, s.PagePatience
	c.BaseURL = s.checkBaseURL(mode, addr, &f)
	c.Secret, c.OldSecrets = s.checkSecrets(mode, &f)
	c.BcryptCost = s.checkBcryptCost(&f)
	c.PhoneRegion = cmp.Or(strings.ToUpper(strings.TrimSpace(s.PhoneRegion)), "RU")
	if !contact.IsRegion(c.PhoneRegion) {
		f.add("KABINET_PHONE_REGION=RU", "%q is no region of two letters", s.PhoneRegion)
	}
	s.checkMetricsAddr(mode, &f)
	c.Keep, c.Brand = s.KeepSettings.check(&f), s.BrandSettings.check(&f)
	c.Config.Brand = c.Brand.View()
	c.RequireFactor = strings.ToLower(strings.TrimSpace(s.RequireSecondFactor))
	if !slices.Contains([]string{"", web.RequireOfAdministrators, web.RequireOfEverybody}, c.RequireFactor) {
		f.add("KABINET_REQUIRE_SECOND_FACTOR="+web.RequireOfAdministrators, "%q is neither %s nor %s",
			s.RequireSecondFactor, web.RequireOfAdministrators, web.RequireOfEverybody)
	}
	for _, text := range s.TrustedProxies {
		prefix, err := parsePrefix(strings.TrimSpace(text))
		if err != nil {
			f.add("KABINET_TRUSTED_PROXIES=10.0.0.0/8,192.0.2.7", "%q: %v", text, err)
			continue
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix)
	}
	return c, f
}

// checkDemoAddr keeps the demo, whose passwords are known, on this machine, where browsers look for localhost.
func (s Settings) checkDemoAddr(ip net.IP, f *settingErrors) {
	const example = "KABINET_ADDR=127.0.0.1:8080"
	switch {
	case !ip.IsLoopback():
		f.add(example, "%q can be reached from other machines, and the demo's passwords are known to everybody",
			s.Addr)
	case !ip.Equal(net.IPv4(127, 0, 0, 1)) && !ip.Equal(net.IPv6loopback):
		f.add(example, "browsers do not look for localhost at %s", ip)
	}
}

// checkMetricsAddr keeps the demo's figures on this machine, as its pages are.
func (s Settings) checkMetricsAddr(mode Mode, f *settingErrors) {
	const example = "KABINET_METRICS_ADDR=127.0.0.1:9090"
	if s.MetricsAddr == "" {
		return
	}
	host, _, err := net.SplitHostPort(s.MetricsAddr)
	switch {
	case err != nil:
		f.add(example, "%q is no host with a port", s.MetricsAddr)
	case mode == Demo && !outgoing.IsLoopback(host):
		f.add(example, "%q can be reached from other machines", s.MetricsAddr)
	}
}

// parsePrefix reads an address or a network of proxies. A network so wide that strangers are in it is refused: each of
// them could say that it is somebody else.
func parsePrefix(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if ip, single := netip.ParseAddr(text); single == nil {
		prefix, err = netip.PrefixFrom(ip.WithZone(""), ip.BitLen()), nil
	}
	if problem := textProblem(text, 0); problem != "" {
		return prefix, errors.New(problem)
	}
	if err != nil {
		return prefix, errors.New("it is no address and no network")
	}
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	least := 8
	if prefix.Addr().Is6() && !prefix.Addr().IsPrivate() {
		least = 16
	} else if prefix.Addr().Is6() {
		least = 7 // fc00::/7 is all that is private
	}
	if prefix.Bits() < least {
		return prefix, errors.New("strangers are in so wide a network; name your proxies")
	}
	return prefix.Masked(), nil
}

// checkBaseURL returns the origin that browsers use: the one set, or localhost at the port listened on.
func (s Settings) checkBaseURL(mode Mode, addr net.Addr, f *settingErrors) *url.URL {
	const example = "KABINET_BASE_URL=https://portal.example.com"
	listening := addr.(*net.TCPAddr)
	port := listening.Port
	inDemo := fmt.Sprintf("KABINET_BASE_URL=http://localhost:%d", port)
	if s.BaseURL == "" {
		if mode == Serve && !listening.IP.IsLoopback() {
			f.add(example, "it must be set where KABINET_ADDR can be reached from other machines: without it "+
				"passwords would travel over plain http")
		}
		return &url.URL{Scheme: "http", Host: fmt.Sprintf("localhost:%d", port)}
	}
	u, err := parseOrigin(s.BaseURL)
	switch {
	case err != nil && mode == Demo:
		f.add(inDemo, "%v", err)
	case err != nil:
		f.add(example, "%v", err)
	case u.Scheme == "http" && !outgoing.IsLoopback(u.Hostname()):
		f.add(example, "plain http is only for this machine: passwords would travel in clear")
	case mode == Demo && (u.Scheme != "http" || !outgoing.IsLoopback(u.Hostname()) || u.Port() != fmt.Sprint(port)):
		f.add(inDemo, "the demo is at plain http, on this machine, at the port that it listens on")
	}
	return u
}

// minSecret is in bytes.
const minSecret = 32

// checkSecrets returns the secret of which all keys are derived, and the previous ones.
func (s Settings) checkSecrets(mode Mode, f *settingErrors) (current secret.Text, old []secret.Text) {
	if mode == Demo {
		return secret.New(DemoSecret), nil
	}
	const (
		name, example         = "KABINET_SECRET", `KABINET_SECRET="$(openssl rand -hex 32)"`
		oldName, oldExample   = "KABINET_OLD_SECRETS", `KABINET_OLD_SECRETS="$(cat /run/secrets/kabinet.old)"`
		fileName, fileExample = "KABINET_SECRET_FILE", "openssl rand -hex 32 > /run/secrets/kabinet"
	)
	for _, text := range strings.FieldsFunc(s.OldSecrets.Reveal(), isBetweenSecrets) {
		old = append(old, checkSecret(f, oldName, oldExample, text))
	}
	set := strings.TrimSpace(s.Secret.Reveal())
	switch {
	case s.SecretFile == "":
		return checkSecret(f, name, example, set), old
	case set != "":
		f.add(example, "KABINET_SECRET_FILE is set too; set one of them")
	}
	b, err := os.ReadFile(s.SecretFile)
	if err != nil {
		f.add("KABINET_SECRET_FILE=/run/secrets/kabinet", "%q cannot be read: %v", s.SecretFile, err)
		return current, old
	}
	lines := strings.FieldsFunc(string(b), isBetweenSecrets)
	if len(lines) == 0 {
		lines = []string{""}
	}
	for _, text := range lines {
		old = append(old, checkSecret(f, fileName, fileExample, text))
	}
	return secret.New(lines[0]), slices.DeleteFunc(old, func(t secret.Text) bool { return t.Equal(lines[0]) })
}

func isBetweenSecrets(r rune) bool { return r == ',' || isAround(r) }

func checkSecret(f *settingErrors, variable, example, text string) secret.Text {
	switch {
	case text == "":
		f.addTo(variable, example, "there is no secret")
	case text == DemoSecret:
		f.addTo(variable, example, "it is the demo's secret, which everybody knows")
	case !isRandom(text):
		f.addTo(variable, example, "it must be at least %d random bytes in hex or base64", minSecret)
	}
	return secret.New(text)
}

// The costs that may be set: less withstands too little, more keeps people waiting for seconds.
const minBcryptCost, maxBcryptCost = 10, 16

func (s Settings) checkBcryptCost(f *settingErrors) int {
	if s.BcryptCost == "" && s.QuickPasswords {
		return bcrypt.MinCost
	}
	if s.BcryptCost == "" {
		return password.DefaultCost
	}
	cost, err := strconv.Atoi(s.BcryptCost)
	if err != nil || cost < minBcryptCost || cost > maxBcryptCost {
		f.add("KABINET_BCRYPT_COST=12", "%q is no number from %d to %d", s.BcryptCost, minBcryptCost, maxBcryptCost)
	}
	return cost
}

// isRandom reports whether the text can be 32 random bytes: hex or base64 of so many, with no
// more repetition than chance brings. That they were drawn at random nobody can tell.
func isRandom(text string) bool {
	var bytes []byte
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if b, err := decode(text); err == nil {
			bytes = b
			break
		}
	}
	different := map[byte]bool{}
	for _, b := range bytes {
		different[b] = true
	}
	return len(bytes) >= minSecret && len(different) >= minSecret/2
}
