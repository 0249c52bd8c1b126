package account

import "sync"

// memo keeps what was made of a key: of a dashboard that has not changed since, nothing is made again. It is safe for
// concurrent use.
type memo[K comparable, V any] struct {
	mu   sync.RWMutex
	made map[K]V
}

// maxMade is how many are kept; then all go, and those that are needed come again.
const maxMade = 500

// of returns what is made of a key.
func (m *memo[K, V]) of(key K, makeIt func() (V, error)) (V, error) {
	m.mu.RLock()
	made, ok := m.made[key]
	m.mu.RUnlock()
	if ok {
		return made, nil
	}
	made, err := makeIt()
	if err != nil {
		return made, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.made == nil || len(m.made) >= maxMade {
		m.made = map[K]V{}
	}
	m.made[key] = made
	return made, nil
}
