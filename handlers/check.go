package handlers

import "kabinet/integrations/catalogue"

// CheckStep is one thing that was tried at a vendor: what was done, what came back, and where it failed the
// likely cause and what to change. `kabinet check` says it in English, the administrators' page in the reader's language.
type CheckStep struct {
	Did, Got      catalogue.Text
	Result        CheckResult
	Cause, Change catalogue.Text
}

// CheckResult is how a step went.
type CheckResult string

// The results. CheckUnknown is what cannot be told from outside.
const (
	CheckOK      CheckResult = "ok"
	CheckFailed  CheckResult = "failed"
	CheckUnknown CheckResult = "unknown"
)
