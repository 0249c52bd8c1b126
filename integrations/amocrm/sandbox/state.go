package sandbox

import (
	"crypto/rand"
	"errors"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/secret"
)

// state is what the account's pages, the cabinet and the desk look at and change, each in one go.
type state struct {
	config Config

	mu sync.Mutex
	contents
}

// contents are everything that a reset brings back.
type contents struct {
	settings
	switches
	// integrations are the account's: ours first, then those that were added here.
	integrations []*integration
	deals        []deal
	logins       map[string]*login   // by cookie
	sessions     map[string]*visitor // by cookie
	sms          []sms               // the newest last
}

// settings are what the account's staff set. A copy shares nothing with the state that is changed later.
type settings struct {
	tariff    string   // one of tariffs
	enabled   bool     // the client cabinet
	installed []string // SMS widgets
	smsWidget string   // the one that the cabinet sends by
	endpoint  string   // where that widget is told of an SMS; empty for nowhere
	sys       sys
}

// The tariffs: the client cabinet is not to be had on the first.
const (
	tariffBasic    = "basic"
	tariffExtended = "extended"
)

var tariffs = []string{tariffBasic, tariffExtended}

// smsWidgets are the widgets of the catalogue that can send an SMS.
var smsWidgets = []string{"sms-sandbox", "sms-express"}

// readers is the language of an account that has chosen none here: that of whoever looks, so that widgets follow the
// portal as the cabinet's own texts do. At amoCRM an account always has one.
const readers = "reader"

// defaultTitle is the cabinet's as long as nobody has set another.
const defaultTitle = "Кабинет клиента"

// sys is the entity of that name, as the SDK gives it.
type sys struct {
	CurrencySymbol     string `json:"currencySymbol"`
	DateFormat         string `json:"dateFormat"`
	TimeFormat         string `json:"timeFormat"`
	Lang               string `json:"lang"`
	IsRemovalAvailable bool   `json:"isRemovalAvailable"`
	LogoURL            string `json:"logoUrl"`
	PageTitle          string `json:"pageTitle"`
}

// What the SDK's constants DATE_FORMATS and TIME_FORMATS can be, by the vendor's values: americanNormal is
// dd/mm/yyyy there. The currencies are our choice.
var (
	dateFormats = []string{"dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd"}
	timeFormats = []string{"HH:MM", "h:MM TT"}
	currencies  = []string{"₽", "$", "€"}
	logos       = []string{"/_sandbox/logo.svg", ""}
)

// integration is one of the account's, with a widget of its own.
type integration struct {
	clientID string
	secret   secret.Text
	widget   *uploaded // nil before an upload
}

// uploaded is an archive that can be used.
type uploaded struct {
	files     map[string][]byte
	manifest  amocrm.Manifest
	warnings  amocrm.Problems // what the public catalogue would refuse
	installed bool
}

// login is somebody who has typed a telephone number and waits for the code.
type login struct {
	phone, code string // the code is empty where the number is nobody's
	tries       int
	made        time.Time
}

// visitor is a customer in the cabinet.
type visitor struct {
	phone string
	seen  time.Time
}

// sms is a message that was sent.
type sms struct {
	At          time.Time
	Phone, Text string
	Endpoint    string // where the SMS widget was told; empty for nowhere
	Outcome     string // what came of that: a status, or a key of the catalogue
}

// How long things last, and how much there may be. None of it is documented: our decisions.
const (
	codeLife    = 5 * time.Minute
	codeTries   = 5
	sessionLife = 12 * time.Hour
	maxSMS      = 100
	maxVisitors = 1000
)

func newState(c Config) *state {
	s := &state{config: c}
	s.reset()
	return s
}

// reset is the account as it is bought: the cabinet is off, and nothing is installed.
func (s *state) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contents = contents{
		settings: settings{tariff: tariffBasic, sys: sys{CurrencySymbol: currencies[0], DateFormat: dateFormats[0],
			TimeFormat: timeFormats[0], Lang: readers, LogoURL: logos[0], PageTitle: defaultTitle}},
		switches:     switches{tokens: tokenSettings{Claims: claimsCard, Life: tokenLife}},
		integrations: []*integration{{clientID: s.config.ClientID, secret: s.config.ClientSecret}},
		deals:        seedDeals(), logins: map[string]*login{}, sessions: map[string]*visitor{},
	}
}

// Why something is not done, each a key of the catalogue.
var (
	errTariff  = errors.New("account.wrong_tariff")
	errNoSMS   = errors.New("account.wrong_sms")
	errCode    = errors.New("cabinet.wrong_code")
	errTooMany = errors.New("cabinet.too_many")
)

// switchCabinet switches the client cabinet on or off.
func (s *state) switchCabinet(on bool, smsWidget string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case on && s.tariff == tariffBasic:
		return errTariff
	case on && !slices.Contains(s.installed, smsWidget):
		return errNoSMS
	}
	s.enabled = on
	if slices.Contains(s.installed, smsWidget) {
		s.smsWidget = smsWidget
	}
	return nil
}

// setTariff changes the tariff, with which the cabinet may go.
func (s *state) setTariff(tariff string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(tariffs, tariff) {
		s.tariff = tariff
	}
	s.enabled = s.enabled && s.tariff != tariffBasic
}

// installSMS installs an SMS widget or takes it away; the cabinet cannot do without.
func (s *state) installSMS(name string, install bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(smsWidgets, name) {
		return
	}
	// Pages read the old one without the lock.
	s.installed = slices.DeleteFunc(slices.Clone(s.installed), func(one string) bool { return one == name })
	if install {
		s.installed = append(s.installed, name)
	}
	if s.smsWidget == name && !install {
		s.smsWidget, s.enabled = "", false
	}
}

// digits are those of a telephone number; an 8 at the beginning is +7's.
func digits(phone string) string {
	d := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	if len(d) == 11 && d[0] == '8' {
		d = "7" + d[1:]
	}
	return d
}

// beginLogin makes a code for a telephone number. Whether the number is anybody's shows in no answer; the text
// is empty where it is not.
func (s *state) beginLogin(phone string) (cookie, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Now()
	maps.DeleteFunc(s.logins, func(_ string, l *login) bool {
		return now.Sub(l.made) >= codeLife || len(s.logins) >= maxVisitors
	})
	cookie, l := rand.Text(), &login{phone: digits(phone), made: now}
	if len(s.dealsOf(l.phone)) > 0 {
		l.code = sixDigits()
		text = "Код для входа в личный кабинет - " + l.code
	}
	s.logins[cookie] = l
	return cookie, text
}

func sixDigits() string {
	n, _ := rand.Int(rand.Reader, big.NewInt(900000)) // never fails: see crypto/rand
	return n.Add(n, big.NewInt(100000)).String()
}

// finishLogin takes the code of an SMS, and begins a session.
func (s *state) finishLogin(cookie, code string) (session string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.logins[cookie]
	if !ok || s.config.Now().Sub(l.made) >= codeLife {
		return "", errCode
	}
	if l.tries++; l.tries > codeTries {
		return "", errTooMany
	}
	if l.code == "" || l.code != strings.TrimSpace(code) {
		return "", errCode
	}
	delete(s.logins, cookie)
	maps.DeleteFunc(s.sessions, func(_ string, v *visitor) bool {
		return s.config.Now().Sub(v.seen) >= sessionLife || len(s.sessions) >= maxVisitors
	})
	session = rand.Text()
	s.sessions[session] = &visitor{l.phone, s.config.Now()}
	return session, nil
}

func (s *state) leave(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session)
}
