package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"kabinet/integrations/sailplay"
)

// How long things last. None of it is documented: our decisions.
const (
	codeLife    = 10 * time.Minute
	tokenLife   = time.Hour
	sessionLife = 12 * time.Hour
)

// state is what the pages, the API and the desk look at and change, each in one go.
type state struct {
	clock    func() time.Time
	partners []Partner // of which the shop is one; they never change, so that they are read without the lock
	shop     Partner   // never changes either
	wwwOnly  bool      // at first

	mu sync.Mutex
	contents
}

// contents are everything that a reset brings back.
type contents struct {
	switches
	members  []*member
	codes    []*code              // the newest last
	hashes   map[string]*authHash // by their texts
	tokens   map[string]token     // of the API
	browsers map[string]*browser  // by their cookies
	joined   map[string][]*member // partner → who has joined their account
	orders   map[string][]string  // partner → the numbers of their purchases
	attacked string               // redirect_url of the last attack by a code
	lastID   int
}

// member is somebody with a unified account.
type member struct {
	ID                  int
	Origin              string // origin_user_id, 32 hexadecimal digits
	Phone, Email        string // the telephone with digits only
	FirstName, LastName string
	MiddleName          string
	BirthDate           string // as RegisterDate, YYYY-MM-DD
	RegisterDate        string
	Sex                 int // 1 a man, 2 a woman, 3 another; 0 for not told
	password            password
	Entries             []entry // the newest last
}

// entry is a change of a member's points.
type entry struct {
	ID        int
	Action    string
	At        time.Time
	Name      string
	OrderNum  string
	Price     float64 // 0 for none
	Delta     int64
	Completed bool
}

// code is what a browser brings to a partner, once.
type code struct {
	text     string
	member   *member
	partner  Partner
	returnTo string // redirect_url, byte for byte
	issued   time.Time
	used     bool
	hash     string // what it was exchanged for
	Refused  []string
}

// authHash is the bearer credential of an account at a partner.
type authHash struct {
	member    *member
	partner   string
	withdrawn bool
}

// token lets a department's server call the API.
type token struct {
	partner string
	expires time.Time
}

// browser is one that has a session, at SailPlay or in the shop.
type browser struct {
	member *member // nil as long as nobody has joined the shop
	state  string  // of the way from the shop to SailPlay that is under way
	seen   time.Time
}

func newState(clock func() time.Time, wwwOnly bool, portal, shop Partner) *state {
	s := &state{clock: clock, partners: []Partner{portal, shop}, shop: shop, wwwOnly: wwwOnly}
	s.reset()
	return s
}

func (s *state) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contents = contents{
		switches: switches{WWWOnly: s.wwwOnly}, hashes: map[string]*authHash{}, tokens: map[string]token{},
		browsers: map[string]*browser{}, joined: map[string][]*member{}, orders: map[string][]string{},
	}
	s.seed()
}

// seed are the members that there are at first; all of it is invented.
func (s *state) seed() {
	day := 24 * time.Hour
	anna := s.add(member{Phone: "79120000001", Email: "anna@example.com", FirstName: "Анна", LastName: "Смирнова",
		password: demoPassword})
	for _, e := range []entry{
		{Action: "extra", At: s.clock().Add(-90 * day), Name: "Приветственные баллы", Delta: 100, Completed: true},
		{Action: "purchase", At: s.clock().Add(-60 * day), Name: "Покупка", OrderNum: "A-1001", Price: 1500,
			Delta: 75, Completed: true},
		{Action: "gift_purchase", At: s.clock().Add(-30 * day), Name: "Подарок «Кружка»", Delta: -50, Completed: true},
		{Action: "purchase", At: s.clock().Add(-2 * day), Name: "Покупка", OrderNum: "A-1002", Price: 800, Delta: 40},
	} {
		s.credit(anna, e)
	}
	s.add(member{Phone: "79120000002", Email: "boris@example.com", FirstName: "Борис", LastName: "Кузнецов",
		password: demoPassword})
}

func (s *state) add(m member) *member {
	s.lastID++
	m.ID = s.lastID
	if m.Origin == "" {
		m.Origin = randomHex(16)
	}
	s.members = append(s.members, &m)
	return &m
}

// credit notes a change of a member's points; nobody's, nil, is only given its number and time.
func (s *state) credit(m *member, e entry) entry {
	s.lastID++
	e.ID = s.lastID
	if e.At.IsZero() {
		e.At = s.clock()
	}
	if m != nil {
		m.Entries = append(m.Entries, e)
	}
	return e
}

// points are a member's: what is not completed is unconfirmed, and what is taken away is spent.
func (m *member) points() (p sailplay.Points) {
	for _, e := range m.Entries {
		switch {
		case e.Delta < 0:
			p.Spent -= e.Delta
		case e.Completed:
			p.Confirmed += e.Delta
		default:
			p.Unconfirmed += e.Delta
		}
	}
	p.Confirmed -= p.Spent
	p.Total = p.Confirmed + p.Unconfirmed
	return p
}

// Why somebody or something is not taken.
var (
	errNoPartner = errors.New("there is no such partner or department")
	errReturn    = errors.New("redirect_url is not registered")
	errWWW       = errors.New("redirect_url must begin with http://www. and does not")
	errWrong     = errors.New("the name or the password is wrong")
	errTaken     = errors.New("there is such a member already")
	errForm      = errors.New("a telephone or an e-mail, a first name and a password of eight characters are needed")
)

// partner returns the first partner for which is holds, or errNoPartner.
func (s *state) partner(is func(Partner) bool) (Partner, error) {
	if i := slices.IndexFunc(s.partners, is); i >= 0 {
		return s.partners[i], nil
	}
	return Partner{}, errNoPartner
}

func (s *state) partnerID(id string) (Partner, error) {
	return s.partner(func(p Partner) bool { return p.ID == id })
}

func (s *state) department(id string) (Partner, error) {
	return s.partner(func(p Partner) bool { return p.DepartmentID == id })
}

// join notes that a member has joined their account at a partner. The state's lock is held.
func (s *state) join(p Partner, m *member) {
	if !slices.Contains(s.joined[p.ID], m) {
		s.joined[p.ID] = append(s.joined[p.ID], m)
	}
}

// mayReturn reports whether customers may be led to an address: of a registered origin, at a registered path
// or below it, and of one reading only.
func (p Partner) mayReturn(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" ||
		strings.Contains(u.Path, "..") || strings.ContainsAny(address, "\\\t\r\n #") {
		return false
	}
	return slices.ContainsFunc(p.Returns, func(prefix string) bool {
		r, err := url.Parse(prefix)
		return err == nil && r.Scheme == u.Scheme && strings.EqualFold(r.Host, u.Host) &&
			strings.HasPrefix(u.EscapedPath(), r.EscapedPath())
	})
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// named is the member with an e-mail or a telephone.
func (s *state) named(name string) *member {
	name = strings.ToLower(strings.TrimSpace(name))
	phone := strings.TrimPrefix(name, "+")
	for _, m := range s.members {
		if name != "" && (m.Email == name || m.Phone == phone) {
			return m
		}
	}
	return nil
}

// proven does something for the member whose name and password these are. Comparing takes its time, and nobody else's.
func (s *state) proven(name, password string, do func(*member) string) (string, error) {
	s.mu.Lock()
	m := s.named(name)
	s.mu.Unlock()
	if m == nil || m.password == nil || !m.password(password) { // a member's password never changes
		return "", errWrong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.members, m) { // everything was reset meanwhile
		return "", errWrong
	}
	return do(m), nil
}

// begin begins a session of a member's browser. The state's lock is held.
func (s *state) begin(m *member) string { return s.open(sessionCookie, browser{member: m}) }

// open begins a session of a browser by a cookie of that name, and forgets those that are over: of that name only, as
// the shop and SailPlay know nothing of each other. The state's lock is held.
func (s *state) open(name string, b browser) string {
	maps.DeleteFunc(s.browsers, func(by string, old *browser) bool {
		return strings.HasPrefix(by, name+"=") && s.isOver(old)
	})
	session := rand.Text()
	b.seen = s.clock()
	s.browsers[name+"="+session] = &b
	return session
}

func (s *state) isOver(b *browser) bool { return s.clock().Sub(b.seen) >= sessionLife }

// browserOf is the browser that a request comes from, nil where its session is over or it has
// none. The state's lock is held.
func (s *state) browserOf(r *http.Request, name string) *browser {
	c, err := r.Cookie(name)
	if err != nil {
		return nil
	}
	b, ok := s.browsers[name+"="+c.Value]
	if !ok || s.isOver(b) {
		return nil
	}
	b.seen = s.clock()
	return b
}

// register adds a member and signs them in.
func (s *state) register(name, firstName, password string) (string, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	m := member{FirstName: strings.TrimSpace(firstName)}
	if phone := strings.TrimPrefix(name, "+"); strings.Trim(phone, "0123456789") == "" {
		m.Phone = phone
	} else if strings.Count(name, "@") == 1 {
		m.Email = name
	}
	if m.Phone == "" && m.Email == "" || m.FirstName == "" || len(m.FirstName) > 200 || len(name) > 200 ||
		len(password) < 8 || len(password) > 200 {
		return "", errForm
	}
	m.password = newPassword(password)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.members) >= maxMembers:
		return "", errForm
	case s.named(name) != nil:
		return "", errTaken
	}
	return s.begin(s.add(m)), nil
}

// maxMembers is how many there may be, and maxHashes how many auth_hashes; any of them goes then.
const maxMembers, maxHashes = 1000, 5000

// maxCodes is how many codes are remembered; the oldest go.
const maxCodes = 200

// issue makes a code for a member who has consented.
func (s *state) issue(m *member, p Partner, returnTo string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &code{text: randomHex(20), member: m, partner: p, returnTo: returnTo, issued: s.clock()}
	s.codes = append(s.codes, c)
	if len(s.codes) > maxCodes {
		s.codes = s.codes[1:]
	}
	return c.text
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: see crypto/rand
	return hex.EncodeToString(b)
}
