package app

import (
	"strconv"
	"time"

	"kabinet/handlers"
	"kabinet/store"
)

// KeepSettings are how long things are kept, in days. Each is for good where it is not set.
type KeepSettings struct {
	KeepAuditDays     string `env:"KABINET_KEEP_AUDIT_DAYS" placeholder:"DAYS" help:"keep_audit"`
	KeepAddressesDays string `env:"KABINET_KEEP_ADDRESSES_DAYS" placeholder:"DAYS" help:"keep_ip"`
	KeepLettersDays   string `env:"KABINET_KEEP_LETTERS_DAYS" placeholder:"DAYS" help:"keep_mail"`
}

func (s KeepSettings) check(f *settingErrors) handlers.Ages {
	return handlers.Ages{
		Audit:     f.days("KABINET_KEEP_AUDIT_DAYS", s.KeepAuditDays, store.LeastAuditAge),
		Addresses: f.days("KABINET_KEEP_ADDRESSES_DAYS", s.KeepAddressesDays, store.LeastAge),
		Letters:   f.days("KABINET_KEEP_LETTERS_DAYS", s.KeepLettersDays, store.LeastAge),
	}
}

// maxDays is a hundred years.
const maxDays = 36500

// days reads a number of days; nothing, and zero, is for good.
func (f *settingErrors) days(variable, text string, least time.Duration) time.Duration {
	if text == "" {
		return 0
	}
	const day = 24 * time.Hour
	days, err := strconv.Atoi(text)
	if err != nil || days < int(least/day) || days > maxDays {
		f.add(variable+"=365", "%q is no number of days from %d to %d", text, least/day, maxDays)
		return 0
	}
	return time.Duration(days) * day
}
