package sandbox

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// settings are what PricePlan's page Интеграции → Кабинет клиента → Настройки has, and choices of the sandbox's own,
// as nobody says how PricePlan does it. What each does beyond the vendor's words is our decision. Each names the claim
// that speaks of it.
type settings struct {
	Widget       bool   `claim:"settings"`     // «Виджет личного кабинета»
	AuthByLink   bool   `claim:"switched_off"` // «Авторизация по ссылке»
	Domains      string `claim:"domains"`      // «Доступные домены»: hosts, separated by commas, or *
	FrameOrigins string `claim:"frame_origin"` // «Разрешённый для доступа через iframe исходный URL (или *)»: origins
	CSS          string `claim:"css"`          // «Добавление CSS»: to the cabinet's pages

	Whole      bool          `claim:"cabinet_cookie"` // whether the cabinet's cookie is not partitioned
	FromPortal bool          `claim:"widget"`         // whether the widget's frame begins at the portal's url_auth
	Refusal    int           `claim:"envelope"`       // the status of a refusal
	SignedOut  int           `claim:"session"`        // the status of a call without a session
	KeyLife    time.Duration `claim:"key_life"`
	KeyAgain   bool          `claim:"key_once"` // whether a key enters again and again
}

// maxCSS is the most CSS that is taken, in bytes.
const maxCSS = 20 << 10

// newAccount are the settings of an account that nobody has set up: the whole function is off.
var newAccount = settings{Refusal: http.StatusOK, SignedOut: http.StatusUnauthorized, KeyLife: 5 * time.Minute}

// settingsFor are the settings of an account that lets portals in.
func settingsFor(portals []string) settings {
	s := newAccount
	s.Widget, s.AuthByLink, s.FrameOrigins = true, true, strings.Join(portals, " ")
	var hosts []string
	for _, p := range portals {
		if u, err := url.Parse(p); err == nil && !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	s.Domains = strings.Join(hosts, ", ")
	return s
}

// off reports whether nobody enters the cabinet by a portal.
func (s settings) off() bool { return !s.Widget && !s.AuthByLink }

// allows reports whether a host is among the available domains; with * even one that is not known.
func (s settings) allows(host string) bool {
	domains := s.domains()
	return slices.Contains(domains, "*") || host != "" && slices.Contains(domains, strings.ToLower(host))
}

func (s settings) domains() []string {
	return strings.FieldsFunc(strings.ToLower(s.Domains), func(r rune) bool {
		return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r'
	})
}

// origins are those whose pages may show the cabinet in a frame.
func (s settings) origins() []string { return strings.Fields(strings.ToLower(s.FrameOrigins)) }

// framers are the origins as a content security policy has them: one without a port covers all ports.
func (s settings) framers() []string {
	var all []string
	for _, o := range s.origins() {
		if _, host, _ := strings.Cut(o, "://"); o != "*" && !strings.Contains(host, ":") {
			o += ":*"
		}
		all = append(all, o)
	}
	return all
}

// listeners are the origins that are told what happens in a frame, as postMessage takes them: all, where one is not
// named to its port. What they are told is no secret.
func (s settings) listeners() []string {
	all := s.framers()
	if slices.ContainsFunc(all, func(o string) bool { return strings.HasSuffix(o, "*") }) {
		return []string{"*"}
	}
	return all
}

var (
	hostPattern   = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
	originPattern = regexp.MustCompile(`^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)
)

// wrong names the fields that hold what they cannot, each with a key of the catalogue.
func (s settings) wrong() map[string]string {
	wrong := map[string]string{}
	for _, d := range s.domains() {
		if d != "*" && !hostPattern.MatchString(d) {
			wrong["domains"] = "settings.domains_wrong"
		}
	}
	for _, o := range s.origins() {
		if o != "*" && !originPattern.MatchString(o) {
			wrong["frame_origins"] = "settings.frame_origins_wrong"
		}
	}
	if len(s.CSS) > maxCSS {
		wrong["css"] = "settings.css_wrong"
	}
	return wrong
}
