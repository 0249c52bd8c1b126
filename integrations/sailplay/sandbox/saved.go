package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"kabinet/integrations/sandbox"
)

// savedVersion is to be raised when a state of before could not be read any more, or would be misread.
const savedVersion = 1

// saved is what of a state outlives the program: everything but what is good once and for minutes (codes that
// nobody has brought yet, and the ways from the shop to SailPlay and back), which could be good twice when the
// program is killed. The partners are those that the program is started with. A member is named by the ID.
type saved struct {
	Version  int
	WWWOnly  bool
	Members  []savedMember
	Codes    []savedCode
	Hashes   map[string]savedHash
	Tokens   map[string]savedToken
	Sessions map[string]savedSession
	Shoppers map[string]savedSession
	Joined   map[string][]int
	LastID   int
}

type savedMember struct {
	ID                  int
	Origin              string
	Phone, Email        string
	FirstName, LastName string
	Password            password
	Entries             []entry
}

type savedCode struct {
	Text                string
	Member              int
	Partner, Department string
	ReturnTo            string
	Issued              time.Time
	Hash                string
	Refused             []string
}

type savedHash struct {
	Member    int
	Partner   string
	Withdrawn bool
}

type savedToken struct {
	Partner string
	Expires time.Time
}

type savedSession struct {
	Member int
	Seen   time.Time
}

// Save returns the state as JSON. It implements sandbox.Saver.
func (s *Sandbox) Save() ([]byte, error) { return json.Marshal(s.state.save()) }

func (s *state) save() saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := saved{
		Version: savedVersion, WWWOnly: s.wwwOnly, Hashes: map[string]savedHash{}, Tokens: map[string]savedToken{}, Sessions: map[string]savedSession{},
		Shoppers: map[string]savedSession{}, Joined: map[string][]int{}, LastID: s.lastID,
	}
	// A page that was under way when everything was reset may have left something of a member who is gone.
	present := map[*member]bool{}
	for _, m := range s.members {
		present[m] = true
		v.Members = append(v.Members, savedMember{m.ID, m.Origin, m.Phone, m.Email, m.FirstName, m.LastName, m.password, slices.Clone(m.Entries)})
	}
	for _, c := range s.codes {
		if c.used && present[c.member] {
			v.Codes = append(v.Codes, savedCode{c.text, c.member.ID, c.partner, c.department, c.returnTo, c.issued, c.hash, slices.Clone(c.Refused)})
		}
	}
	for text, h := range s.hashes {
		if present[h.member] {
			v.Hashes[text] = savedHash{h.member.ID, h.partner, h.withdrawn}
		}
	}
	for text, t := range s.tokens {
		v.Tokens[text] = savedToken{t.partner, t.expires}
	}
	for session, b := range s.sessions {
		if present[b.member] {
			v.Sessions[session] = savedSession{b.member.ID, b.seen}
		}
	}
	for session, c := range s.customers {
		if present[c.member] {
			v.Shoppers[session] = savedSession{c.member.ID, c.seen}
		}
	}
	for partner, members := range s.joined {
		for _, m := range members {
			if present[m] {
				v.Joined[partner] = append(v.Joined[partner], m.ID)
			}
		}
	}
	return v
}

// Restore implements sandbox.Saver.
func (s *Sandbox) Restore(b []byte) error {
	var v saved
	if err := sandbox.ReadSaved(b, savedVersion, &v); err != nil {
		return err
	}
	c, err := v.contents(s.state.initial)
	if err != nil {
		return err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.contents = c
	return nil
}

func (v saved) contents(partners []Partner) (contents, error) {
	c := contents{
		partners: slices.Clone(partners), wwwOnly: v.WWWOnly, hashes: map[string]*authHash{}, tokens: map[string]token{}, sessions: map[string]*browser{},
		customers: map[string]*customer{}, joined: map[string][]*member{}, lastID: v.LastID,
	}
	members := map[int]*member{}
	for _, one := range v.Members {
		if !one.possible(v.LastID) || members[one.ID] != nil {
			return c, fmt.Errorf("member %d is none", one.ID)
		}
		m := &member{one.ID, one.Origin, one.Phone, one.Email, one.FirstName, one.LastName, one.Password, one.Entries}
		members[m.ID], c.members = m, append(c.members, m)
	}
	if len(c.members) > maxMembers || len(v.Codes) > maxCodes || len(v.Hashes) > maxHashes {
		return c, errors.New("there is more in it than there can be")
	}
	missing := false
	of := func(id int) *member {
		missing = missing || members[id] == nil
		return members[id]
	}
	for _, one := range v.Codes {
		if len(one.Text) < shownOfCode {
			return c, errors.New("a code is none")
		}
		c.codes = append(c.codes, &code{one.Text, of(one.Member), one.Partner, one.Department, one.ReturnTo, one.Issued, true, one.Hash, one.Refused})
	}
	for text, one := range v.Hashes {
		c.hashes[text] = &authHash{of(one.Member), one.Partner, one.Withdrawn}
	}
	for text, one := range v.Tokens {
		c.tokens[text] = token{one.Partner, one.Expires}
	}
	for session, one := range v.Sessions {
		c.sessions[session] = &browser{of(one.Member), one.Seen}
	}
	for session, one := range v.Shoppers {
		c.customers[session] = &customer{member: of(one.Member), seen: one.Seen}
	}
	for _, partner := range slices.Sorted(maps.Keys(v.Joined)) {
		for _, id := range v.Joined[partner] {
			c.joined[partner] = append(c.joined[partner], of(id))
		}
	}
	if missing {
		return c, errors.New("it is about a member who is not in it")
	}
	return c, nil
}

var originPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (m savedMember) possible(last int) bool {
	return m.ID > 0 && m.ID <= last && originPattern.MatchString(m.Origin) && !slices.ContainsFunc(m.Entries, func(e entry) bool {
		return e.ID <= 0 || e.ID > last || e.Delta > largest || e.Delta < -largest
	})
}
