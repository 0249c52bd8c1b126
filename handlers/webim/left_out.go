package webim

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/webim"
)

// leftOut remembers whose visitors lately lacked a field that cannot be signed, for the administrator.
type leftOut struct {
	mu     sync.Mutex
	byUser map[int64][]error // *webim.FieldError
}

// noteLeftOut tells the administrator when the user was signed without a field that was signed before.
func (w *Room) noteLeftOut(userID int64, out []error) {
	if w.leftOut.note(userID, out) {
		w.site.Log.Warn("fields of a visitor cannot be signed and are left out", "user", userID, "error",
			errors.Join(out...))
	}
}

// maxLeftOut is how many users are remembered; beyond, any of them goes.
const maxLeftOut = 200

// note remembers which fields were left out when the user was signed last, and reports whether that is news.
func (l *leftOut) note(userID int64, out []error) (news bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(out) == 0 {
		delete(l.byUser, userID)
		return false
	}
	previous, known := l.byUser[userID]
	for other := range l.byUser {
		if known || len(l.byUser) < maxLeftOut {
			break
		}
		delete(l.byUser, other)
	}
	l.byUser[userID] = out
	return !slices.EqualFunc(out, previous, func(a, b error) bool { return a.Error() == b.Error() })
}

// remembered is a copy of byUser as it stands.
func (l *leftOut) remembered() map[int64][]error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.byUser)
}

// describeLeftOut says in words which fields were left out, and why.
func describeLeftOut(t *catalogue.Texts, out []error) string {
	whys := map[error]string{
		webim.ErrControl: "webim.left_out.control", webim.ErrTooLong: "webim.left_out.too_long",
		webim.ErrCharset: "webim.left_out.charset", errPartOfID: "webim.left_out.part_of_id",
	}
	var parts []string
	for _, err := range out {
		if wrong, ok := errors.AsType[*webim.FieldError](err); ok {
			parts = append(parts, wrong.Field+" ("+t.T(whys[wrong.Why])+")")
		}
	}
	return strings.Join(parts, ", ")
}
