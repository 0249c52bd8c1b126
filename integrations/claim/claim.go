package claim

import "context"

// Standing says how surely a rule of the sandbox is the vendor's.
type Standing string

// The standings of the protocol notes.
const (
	Documented Standing = "documented" // by the vendor
	Observed   Standing = "observed"   // read in published clients
	Ours       Standing = "ours"       // public material does not say: our decision
	Missing    Standing = "missing"    // not imitated
)

// All gives the claims this standing.
func (s Standing) All(claims []Claim) []Claim {
	for i := range claims {
		claims[i].Standing = s
	}
	return claims
}

// Lacking are the claims of what the sandbox lacks, of these IDs.
func Lacking(ids ...string) []Claim {
	var claims []Claim
	for _, id := range ids {
		claims = append(claims, Claim{ID: id, Standing: Missing, Obstacle: Lacks})
	}
	return claims
}

// Obstacle is why a claim has no probe. Its text stands in the sandboxes' catalogue, as claim.obstacle. with it.
type Obstacle string

// The obstacles.
const (
	Person   Obstacle = "person"   // somebody has to look, or to do something, at the vendor's own pages
	Browser  Obstacle = "browser"  // it happens between scripts in a browser
	Money    Obstacle = "money"    // it would cost or move money
	Stays    Obstacle = "stays"    // it would leave what nobody can take away again
	Locks    Obstacle = "locks"    // it could lock the account
	Waits    Obstacle = "waits"    // it is seen after minutes or hours only
	Refused  Obstacle = "refused"  // the portal's own code refuses to do such a thing
	Computed Obstacle = "computed" // nobody is asked: a test computes it
	Lacks    Obstacle = "lacks"    // the sandbox lacks it, and so foresees nothing
	Checked  Obstacle = "checked"  // `kabinet check` tries it, step by step
	Own      Obstacle = "own"      // the sandbox's own: the vendor has nothing of the kind to ask
)

// Probe asks the vendor and returns what was seen, in our own words. Its error is a NotTried where the account lacks
// what the probe needs; any other says that no answer came that could be understood.
type Probe func(ctx context.Context) (seen string, err error)

// Claim is one line of a page of limits: what the sandbox does, and how surely the vendor does so. Its text stands in
// the sandbox's catalogue, as limit. with the ID. It has a probe or an obstacle, never both.
type Claim struct {
	ID       string
	Standing Standing
	Source   string // who says so, by its own name; empty for what nobody does

	Probe    Probe
	Foresees string // what the probe sees where the claim is true
	Writes   bool   // whether the probe changes something at the vendor
	Obstacle Obstacle
}

// Book are the claims about a vendor.
type Book struct {
	Claims []Claim
	// Leaves are the keys of the texts that say what the probes which write leave behind, and for how long.
	Leaves []string
	// CleanUp takes away what the probes have made, and returns an error that names what is left. It may be nil.
	CleanUp func(ctx context.Context) error
}

// NotTried says why a probe that there is was not tried here: a key of the sandbox's catalogue.
type NotTried string

func (n NotTried) Error() string { return "not tried: " + string(n) }

// What several vendors' probes lack.
const (
	NotConfigured NotTried = "claim.not.configured" // the settings leave out what it needs
	NothingThere  NotTried = "claim.not.nothing"    // the account has nothing of the kind
)

// When is the reason where it applies, and else nil.
func When(applies bool, reason NotTried) error {
	if applies {
		return reason
	}
	return nil
}
