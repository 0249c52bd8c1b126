package claim

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Result is what a comparison finds of a claim.
type Result string

// The results.
const (
	Same      Result = "as foreseen"
	Different Result = "different"
	Untried   Result = "not tried"
)

// Finding is what was found of one claim.
type Finding struct {
	Vendor   string   `json:"vendor"`
	Claim    string   `json:"claim"`
	Standing Standing `json:"standing"`
	Result   Result   `json:"result"`
	Foreseen string   `json:"foreseen,omitempty"`
	Seen     string   `json:"seen,omitempty"`
	Why      string   `json:"why,omitempty"` // a key of the catalogue: why it was not tried
	Detail   string   `json:"-"`             // of the error that is why, for who sits before it
}

// Why a probe is not tried that could be.
const (
	notWritten = "claim.not.write"   // there is no leave to
	stopped    = "claim.not.stopped" // whoever compares has stopped
	failed     = "claim.not.failed"  // no answer came that could be understood
)

// tidying is how long the cleaning up may take.
const tidying = 2 * time.Minute

// Run tries the claims of a vendor's book in their order, those that write only where that is allowed, and cleans up,
// also when the context has ended meanwhile. The error says what could not be cleaned up.
func Run(ctx context.Context, vendor string, b Book, write bool) ([]Finding, error) {
	var all []Finding
	for _, c := range b.Claims {
		f := Finding{Vendor: vendor, Claim: c.ID, Standing: c.Standing, Foreseen: c.Foresees, Result: Untried}
		switch {
		case c.Probe == nil:
			f.Why = "claim.obstacle." + string(c.Obstacle)
		case c.Writes && !write:
			f.Why = notWritten
		case ctx.Err() != nil:
			f.Why = stopped
		default:
			f.try(ctx, c)
		}
		all = append(all, f)
	}
	if b.CleanUp == nil || !write {
		return all, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidying)
	defer cancel()
	if err := b.CleanUp(ctx); err != nil {
		return all, fmt.Errorf("cleaning up at %s: %w", vendor, err)
	}
	return all, nil
}

func (f *Finding) try(ctx context.Context, c Claim) {
	seen, err := c.Probe(ctx)
	if not, ok := errors.AsType[NotTried](err); ok {
		f.Why = string(not)
		return
	}
	if err != nil {
		f.Why, f.Detail = failed, err.Error()
		if ctx.Err() != nil {
			f.Why = stopped
		}
		return
	}
	f.Seen, f.Result = masked(seen), Different
	if seen == c.Foresees {
		f.Result = Same
	}
}

// longest is how much is said of what was seen, in bytes.
const longest = 300

// personal is what could be a customer's, or a credential, though no probe says such a thing: long runs of letters and
// digits, long numbers, e-mails.
var personal = regexp.MustCompile(`[^\s]+@[^\s]+|[0-9+][0-9 ()-]{5,}[0-9]|[A-Za-z0-9]*[0-9][A-Za-z0-9]{15,}`)

// masked is the second bar before what was seen leaves: probes speak in words of ours to begin with.
func masked(text string) string {
	text = personal.ReplaceAllString(text, "…")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}
