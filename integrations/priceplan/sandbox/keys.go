package sandbox

import (
	"crypto/subtle"
	"slices"
	"time"

	"kabinet/integrations/priceplan"
)

// authKey opens one client's cabinet.
type authKey struct {
	Key     string
	client  priceplan.ClientID
	Expires time.Time
}

// issueKey makes a new key; the client's earlier ones keep working.
func (s *state) issueKey(id priceplan.ClientID) (authKey, error) {
	defer s.lock()()
	if _, err := s.find(id); err != nil {
		return authKey{}, err
	}
	now := s.clock()
	s.keys = slices.DeleteFunc(s.keys, func(k authKey) bool { return !now.Before(k.Expires) })
	k := authKey{Key: randomText(50), client: id, Expires: now.Add(s.settings.KeyLife)}
	s.keys = append(s.keys, k)
	return k, nil
}

// currentKey returns the newest key that still works; the key is nil when no key works.
func (s *state) currentKey(id priceplan.ClientID) (*authKey, error) {
	defer s.lock()()
	if _, err := s.find(id); err != nil {
		return nil, err
	}
	for _, k := range slices.Backward(s.keys) {
		if k.client == id && s.clock().Before(k.Expires) {
			return &k, nil
		}
	}
	return nil, nil
}

// redeemKey uses a key up and returns the session of the client it was for.
func (s *state) redeemKey(text string) (session string, ok bool) {
	defer s.lock()()
	i := slices.IndexFunc(s.keys, func(k authKey) bool {
		return subtle.ConstantTimeCompare([]byte(k.Key), []byte(text)) == 1 && s.clock().Before(k.Expires)
	})
	if i < 0 {
		return "", false
	}
	client := s.keys[i].client
	if !s.settings.KeyAgain {
		s.keys = slices.Delete(s.keys, i, i+1)
	}
	return s.customers.begin(client, s.clock()), true
}
