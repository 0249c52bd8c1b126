package observe

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
)

// CheckStep is one thing that was tried at a vendor: what was done, what came back, and where it failed the
// likely cause and what to change. `kabinet check` says it in English, the administrators' page in the reader's
// language.
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

// checks are the last ones of each vendor, in memory, for every administrator to see.
type checks struct {
	limiter web.Limiter
	busy    sync.Mutex // they are made one at a time
	last    sync.Map   // of check, by vendor
}

// check is what came of trying a vendor.
type check struct {
	at    time.Time
	steps []CheckStep
}

// of returns the last check of a vendor; without steps when there was none.
func (c *checks) of(vendor string) check {
	made, _ := c.last.Load(vendor)
	last, _ := made.(check)
	return last
}

// checksInAll is how often vendors may be tried.
var checksInAll = web.Limit{Name: "checks of vendors in all", Burst: 8, Every: 10 * time.Second}

// checkFor is how long a check may take: what has not answered then has failed.
const checkFor = 15 * time.Second

// Check tries a vendor as `kabinet check` does, and leads back to the page that shows what came of it.
func (o *Room) Check(r *web.Request) error {
	vendor := r.Typed("vendor")
	if !slices.ContainsFunc(o.integrations, func(i Integration) bool { return i.vendor == vendor }) {
		return &web.Error{Status: http.StatusBadRequest}
	}
	if !o.checks.busy.TryLock() {
		return r.Redirect(http.StatusSeeOther, "/admin/integrations?busy")
	}
	defer o.checks.busy.Unlock()
	if err := o.checks.limiter.Take(""); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(r.Request().Context(), checkFor)
	defer stop()
	defer context.AfterFunc(o.site.Ending, stop)() // a portal that is told to stop waits for nobody's check
	steps := o.config.Check(ctx, vendor)
	if !errors.Is(ctx.Err(), context.Canceled) { // or what was not tried would look like a failure
		o.checks.last.Store(vendor, check{o.site.DB.Now(), steps})
	}
	return r.Redirect(http.StatusSeeOther, "/admin/integrations#"+vendor)
}
