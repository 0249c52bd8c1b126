package sandbox

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"

	"kabinet/integrations/sailplay"
)

// refusedUsed is why a code is not exchanged again. It is a key of the catalogue, as are the others below: our
// decisions, as SailPlay's errors are not documented.
const refusedUsed = "refused.used"

// getAuthHash exchanges a code, as the vendor's page has it. What comes back has no status then.
func (s *Sandbox) getAuthHash(w http.ResponseWriter, r *http.Request) {
	parameters(w, r) // which reads no more than it should
	s.state.mu.Lock()
	hash, m, why := s.state.exchange(r.PostForm)
	s.state.mu.Unlock()
	if why != "" {
		code := sailplay.Code(0)
		if s.switches.Get().Coded {
			code = sailplay.CodeSignIn // which of the codes it would be is not known either
		}
		refuse(w, s.Frame.Catalogue.In("en").T(why), code)
		return
	}
	answer(w, map[string]any{"auth_hash": hash, "origin_user_id": m.Origin})
}

// exchange gives the hash and the member of the account that a code is for, once: a code that is used a second time
// was in two hands, so what it was exchanged for is withdrawn. The lock is held.
func (s *state) exchange(q url.Values) (hash string, m *member, why string) {
	p, err := s.department(q.Get("store_department_id"))
	if err != nil || !p.Secret.Equal(q.Get("secret")) {
		return "", nil, "refused.secret"
	}
	i := slices.IndexFunc(s.codes, func(c *code) bool {
		return subtle.ConstantTimeCompare([]byte(c.text), []byte(q.Get("code"))) == 1
	})
	if i < 0 {
		return "", nil, "refused.unknown"
	}
	c := s.codes[i]
	if why := s.whyNot(c, p, q.Get("origin_user_id"), q.Get("redirect_url")); why != "" {
		c.Refused = append(c.Refused, why)
		if h := s.hashes[c.hash]; why == refusedUsed && h != nil {
			h.withdrawn = true
		}
		return "", nil, why
	}
	c.used, c.hash = true, s.newHash(c.member, p.ID)
	s.join(p, c.member)
	return c.hash, c.member, ""
}

func (s *state) whyNot(c *code, p Partner, origin, returnTo string) string {
	switch {
	case c.partner.DepartmentID != p.DepartmentID || c.partner.ID != p.ID:
		return "refused.department"
	case c.used:
		return refusedUsed
	case s.clock().Sub(c.issued) >= codeLife:
		return "refused.old"
	case c.returnTo != returnTo:
		return "refused.return"
	case c.member.Origin != origin:
		return "refused.member"
	}
	return ""
}

func (s *state) newHash(m *member, partner string) string {
	for old := range s.hashes {
		if len(s.hashes) < maxHashes {
			break
		}
		delete(s.hashes, old)
	}
	hash := randomHex(20)
	s.hashes[hash] = &authHash{member: m, partner: partner}
	return hash
}
