package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Standing is something that the portal knows of how a user stands with a vendor, for the dashboard. What Subject and
// Detail are the vendor's own query says.
type Standing struct {
	// The tags are of the engines' sessionWithStandings; At comes as seconds, see All.
	Vendor  string    `json:"vendor"`
	Subject string    `json:"subject"`
	Detail  string    `json:"detail"`
	At      time.Time `json:"-"` // when it became known; zero for never
}

// standingQuery asks all vendors' tables at once. Each query stands with its vendor's tables; its columns are vendor,
// subject, detail and at, and u is the user.
var standingQuery = strings.Join([]string{
	pricePlanStanding,
	webimStanding,
	sailPlayStanding,
	amoCRMStanding,
}, " UNION ALL ")

// sessionWith is sessionQuery with the standings in one more column, which a database's own function aggregates.
func sessionWith(aggregated string) string {
	return `SELECT ` + sessionColumns + `, ` + userColumns + `, (SELECT ` + aggregated + ` FROM (` + standingQuery +
		`) known)` + sessionFrom
}

type standingsKey struct{}

// WithStandings has the session bring how its user stands with vendors, in the same read: the dashboard, which needs
// it, is the page that is read most.
func WithStandings(ctx context.Context) context.Context {
	return context.WithValue(ctx, standingsKey{}, true)
}

// Standings are a user's, as the database has put them together; they are read when they are needed. What is equal
// says the same.
type Standings string

// All returns them, in no order between the vendors.
func (s Standings) All() ([]Standing, error) {
	if s == "" {
		return nil, nil
	}
	var rows []struct {
		Standing
		Seconds int64 `json:"at"`
	}
	if err := json.Unmarshal([]byte(s), &rows); err != nil {
		return nil, fmt.Errorf("reading how a user stands with vendors: %w", err)
	}
	all := make([]Standing, len(rows))
	for i, r := range rows {
		all[i] = r.Standing
		if r.Seconds != 0 {
			all[i].At = time.Unix(r.Seconds, 0)
		}
	}
	return all, nil
}
