package priceplan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/store"
)

// provisioner has clients created at PricePlan for those who have registered, one after another, in
// the background. A creation is tried again only when it was certainly not done; when nobody
// knows, it waits for an administrator, since a second try might make a second client.
type provisioner struct {
	db       *store.DB
	client   *priceplan.Client
	patience outgoing.Patience
	log      *slog.Logger
	woken    chan struct{}
	paused   time.Time // until then PricePlan is left in peace, whoever waits
}

const (
	// creationPatience is how long PricePlan may take over one creation, sign-in included.
	creationPatience = 10 * time.Second
	// firstDelay is before the second try; each further one doubles it, up to lastDelay.
	firstDelay, lastDelay = 30 * time.Second, time.Hour
	// longestSleep bounds what a change of the clock can do, and latest what previous one has done.
	longestSleep, latest = time.Minute, 25 * time.Hour
)

// wake says that there is something to do.
func (p *provisioner) wake() {
	select {
	case p.woken <- struct{}{}:
	default: // it has been said
	}
}

// work works until the context ends. An answer that PricePlan owes then is still waited for. Where no clients are
// created, for which p is nil, there is nothing to do.
func (p *provisioner) work(ctx context.Context) {
	for p != nil && ctx.Err() == nil {
		wait, err := p.workOff(ctx)
		if err != nil && ctx.Err() == nil {
			p.log.Error("having clients created at PricePlan", "error", err)
			wait = longestSleep
		}
		select {
		case <-time.After(min(wait, longestSleep, p.db.Unnoticed())):
		case <-p.woken:
		case <-ctx.Done():
		}
	}
}

// workOff does what is due, and returns how long there is nothing more to do. Its error is the database's.
func (p *provisioner) workOff(ctx context.Context) (time.Duration, error) {
	lost, err := p.db.RecoverPricePlanProvisions(ctx)
	if err != nil {
		return 0, err
	}
	if lost > 0 {
		p.log.Warn("whether clients were created at PricePlan is not known: an administrator must look", "clients",
			lost)
	}
	for ctx.Err() == nil {
		if wait := p.paused.Sub(p.db.Now()); wait > 0 && wait < latest {
			return wait, nil
		}
		next, err := p.db.NextPricePlanProvision(ctx)
		if errors.Is(err, store.ErrNotFound) {
			return longestSleep, nil
		}
		if err != nil {
			return 0, err
		}
		// What is due later than anything is ever put off was noted by a clock that went wrong.
		if wait := next.Due.Sub(p.db.Now()); wait > 0 && wait < latest {
			return wait, nil
		}
		err = p.create(context.WithoutCancel(ctx), next)
		if err != nil && !errors.Is(err, store.ErrNotFound) { // deleted meanwhile, or linked by hand
			return 0, err
		}
	}
	return 0, nil
}

// create has one client created, and notes what came of it. Its error is the database's: ErrNotFound when the client
// is not asked for any more.
func (p *provisioner) create(ctx context.Context, next store.Provision) error {
	if err := p.db.BeginPricePlanProvision(ctx, next.UserID); err != nil {
		return err
	}
	user, err := p.db.User(ctx, next.UserID)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, p.patience.Of(creationPatience))
	defer cancel()
	id, err := p.client.CreateClient(limited, priceplan.NewClient{
		Type: priceplan.NaturalPerson, Name: nameAtPricePlan(user), ExternalID: strconv.FormatInt(user.ID, 10),
	})
	if err != nil {
		return p.failed(ctx, next, err)
	}
	// Before anything else can go wrong: nobody else knows the number.
	p.log.Info("a client was created at PricePlan", "user", user.ID, "client", int64(id))
	linked, err := p.db.FinishPricePlanProvision(ctx, user.ID, int64(id))
	if err != nil { // no %w: nobody hears of ErrNotFound from here
		return fmt.Errorf("noting the new client %d of PricePlan's: %v", id, err)
	}
	if !linked {
		p.log.Warn("a client that was created at PricePlan could not be linked: an administrator must look", "user",
			user.ID, "client", int64(id))
	}
	return nil
}

func nameAtPricePlan(u store.User) string { return cmp.Or(u.Name, u.Email) }

// failed decides what becomes of a creation that did not succeed.
func (p *provisioner) failed(ctx context.Context, next store.Provision, err error) error {
	e, _ := errors.AsType[*priceplan.Error](err)
	about := []any{"user", next.UserID, "attempt", next.Attempts + 1, "error", err}
	switch {
	case e == nil || !e.NotDone:
		p.log.Warn("whether a client was created at PricePlan is not known: an administrator must look", about...)
		return p.db.LeavePricePlanProvision(ctx, next.UserID, store.ProvisionUnclear, "")
	case e.Kind == priceplan.ErrRefused:
		p.log.Warn("PricePlan refuses to create a client", about...)
		return p.db.LeavePricePlanProvision(ctx, next.UserID, store.ProvisionRefused, firstCode(e))
	}
	delay := max(min(firstDelay<<min(next.Attempts, 10), lastDelay), e.RetryAfter)
	p.paused = p.db.Now().Add(max(firstDelay, e.RetryAfter)) // the next user would meet the same
	p.log.Warn("a client was not created at PricePlan", append(about, "again_in", delay)...)
	return p.db.PostponePricePlanProvision(ctx, next.UserID, p.db.Now().Add(delay))
}

func firstCode(e *priceplan.Error) string {
	if len(e.Details) == 0 {
		return ""
	}
	return strconv.Itoa(int(e.Details[0].Code))
}

// Register stores somebody who registers, and has a client created for them where that is asked for.
func (p *Room) Register(ctx context.Context, u store.User, address string, link ...store.TokenHash) (int64, error) {
	if p.provisioner == nil {
		return p.db.Register(ctx, u, address, link...)
	}
	id, err := p.db.RegisterForPricePlan(ctx, u, address, link...)
	if err == nil {
		p.provisioner.wake()
	}
	return id, err
}

// Work has clients created in the background, where that is asked for.
func (p *Room) Work(ctx context.Context) { p.provisioner.work(ctx) }

// of returns how the creation of a user's client stands; its state is empty when there is none, and where none are
// created, for which p is nil.
func (p *provisioner) of(ctx context.Context, userID int64) (store.Provision, error) {
	if p == nil {
		return store.Provision{}, nil
	}
	provision, err := p.db.PricePlanProvision(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return store.Provision{}, nil
	}
	return provision, err
}

// isComing reports whether a user's client is being created without anybody's help.
func isComing(p store.Provision) bool {
	return p.State == store.ProvisionWaiting || p.State == store.ProvisionAsking
}

// aboutProvision says to an administrator how a creation stands.
func aboutProvision(t *catalogue.Texts, p store.Provision, user store.User) string {
	if p.State == "" {
		return ""
	}
	key := "priceplan.provision." + string(p.State)
	if p.State == store.ProvisionRefused && p.Reason != "" {
		key = "priceplan.provision.refused_code"
	}
	return t.With(key, map[string]any{
		"Code": p.Reason, "Attempts": p.Attempts, "Name": nameAtPricePlan(user), "ID": user.ID,
	})
}

// askForClient has a client created for a user: for the first time, or again after an administrator
// has looked that there is none.
func (p *Room) askForClient(r *web.Request) error {
	user, err := r.UserInPath()
	if err != nil {
		return err
	}
	err = p.db.AskForPricePlanClient(r.Request().Context(), user.ID, r.Actor())
	if errors.Is(err, store.ErrNotFound) { // deleted meanwhile
		return &web.Error{Status: http.StatusNotFound}
	}
	if err != nil && !errors.Is(err, store.ErrConflict) { // it is there, or on its way
		return err
	}
	p.provisioner.wake()
	return r.Redirect(http.StatusSeeOther, clientPath(user.ID))
}
