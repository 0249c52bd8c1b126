package sandbox

import (
	"crypto/subtle"
	"net/http"
	"slices"

	"kabinet/integrations/sailplay"
)

// Why a code is not exchanged: our decisions, as SailPlay's errors are not documented. They are keys of the catalogue.
const (
	refusedSecret     = "refused.secret"
	refusedUnknown    = "refused.unknown"
	refusedUsed       = "refused.used"
	refusedOld        = "refused.old"
	refusedReturn     = "refused.return"
	refusedDepartment = "refused.department"
	refusedMember     = "refused.member"
)

// getAuthHash exchanges a code, as the vendor's page has it. What comes back has no status then.
func (s *Sandbox) getAuthHash(w http.ResponseWriter, r *http.Request) {
	parameters(w, r) // which reads no more than it should
	f := r.PostFormValue
	hash, origin, why := s.state.exchange(f("store_department_id"), f("secret"), f("code"), f("origin_user_id"),
		f("redirect_url"))
	if why != "" {
		code := sailplay.Code(0)
		if s.state.switched().Coded {
			code = sailplay.CodeSignIn // which of the codes it would be is not known either
		}
		refuse(w, s.Frame.Catalogue.In("en").T(why), code)
		return
	}
	answer(w, map[string]any{"auth_hash": hash, "origin_user_id": origin})
}

// exchange gives the hash of the account that a code is for, once: a code that is used a second time was
// in two hands, so what it was exchanged for is withdrawn.
func (s *state) exchange(department, secretText, codeText, origin, returnTo string) (hash, originUserID, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.department(department)
	if err != nil || !p.Secret.Equal(secretText) {
		return "", "", refusedSecret
	}
	i := slices.IndexFunc(s.codes, func(c *code) bool {
		return subtle.ConstantTimeCompare([]byte(c.text), []byte(codeText)) == 1
	})
	if i < 0 {
		return "", "", refusedUnknown
	}
	c := s.codes[i]
	if why := s.whyNot(c, p, origin, returnTo); why != "" {
		c.Refused = append(c.Refused, why)
		if h := s.hashes[c.hash]; why == refusedUsed && h != nil {
			h.withdrawn = true
		}
		return "", "", why
	}
	c.used, c.hash = true, s.newHash(c.member, p.ID)
	if !slices.Contains(s.joined[p.ID], c.member) {
		s.joined[p.ID] = append(s.joined[p.ID], c.member)
	}
	return c.hash, c.member.Origin, ""
}

func (s *state) whyNot(c *code, p Partner, origin, returnTo string) string {
	switch {
	case c.department != p.DepartmentID || c.partner != p.ID:
		return refusedDepartment
	case c.used:
		return refusedUsed
	case s.clock().Sub(c.issued) >= codeLife:
		return refusedOld
	case c.returnTo != returnTo:
		return refusedReturn
	case c.member.Origin != origin:
		return refusedMember
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
