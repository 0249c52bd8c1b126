package claims

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/secret"
)

// madeName is what the clients that the probes make are called.
const madeName = "Kabinet compare"

// made is a client of ours: what came of making it, which is tried once.
type made struct {
	id   priceplan.ClientID // 0 where no client was made, or it is deleted
	said string
	err  error
}

// make makes a client of ours. Where nobody knows whether that was done, it is counted as lost.
func (v *vendor) make(ctx context.Context) made {
	d, err := v.call(ctx, http.MethodPost, "/api/clients/", map[string]any{
		"type": priceplan.NaturalPerson, "name": madeName,
		"signed_values": map[string]string{"external_id": v.external}})
	id, isNumber := d.object["id"].(float64)
	_, notTried := errors.AsType[claim.NotTried](err)
	switch {
	case notTried:
	case err != nil:
		v.lost++
	case d.success && (!isNumber || id <= 0):
		v.lost++
		return made{said: "no number"}
	case d.success:
		return made{id: priceplan.ClientID(id), said: "an id"}
	}
	return made{said: d.said(), err: err}
}

// own is the number of the client of ours, made when it is first needed.
func (v *vendor) own(ctx context.Context) (priceplan.ClientID, error) {
	if v.first == (made{}) {
		v.first = v.make(ctx)
	}
	return v.first.id, errors.Join(v.first.err, claim.When(v.first.err == nil && v.first.id == 0, errNoOwn))
}

// freshKey is a key to the cabinet of the client of ours, with how long it lasts by PricePlan's own clock.
func (v *vendor) freshKey(ctx context.Context) (key priceplan.AuthKey, d data, err error) {
	id, err := v.own(ctx)
	if err != nil {
		return key, d, err
	}
	if d, err = v.call(ctx, http.MethodPost, clientPath(id, "/auth-key/"), nil); err != nil {
		return key, d, err
	}
	text, _ := d.object["key"].(string)
	if !d.success || text == "" {
		return key, d, errors.New("no key: " + d.said())
	}
	return priceplan.AuthKey{Key: secret.New(text)}, d, nil
}

func (v *vendor) key(ctx context.Context) (string, error) {
	key, d, err := v.freshKey(ctx)
	if err != nil {
		return "", err
	}
	link, _ := d.object["link"].(string)
	return claim.Members(d.object, "key", "expire_date", "link") +
		claim.Is(strings.HasSuffix(link, "/auth-key/"+key.Key.Reveal()+"/"), ", and the link leads to the key",
			", and the link leads elsewhere"), nil
}

func (v *vendor) domains(ctx context.Context) (string, error) {
	a, err := v.comeWithKey(ctx, elsewhere)
	if err != nil {
		return "", err
	}
	if strings.Contains(string(a.Body), HostRefused) {
		return "the vendor's text", nil
	}
	good, err := v.opened(ctx)
	if err == nil && alike(a, good) { // «Доступные домены» is *
		err = errAnyHost
	}
	return a.String(), err
}

// elsewhere is a site that is in nobody's «Доступные домены».
const elsewhere = "https://another-site.example"

func (v *vendor) referrer(ctx context.Context) (string, error) {
	good, err := v.opened(ctx)
	if err != nil {
		return "", err
	}
	key, _, err := v.freshKey(ctx)
	if err != nil {
		return "", err
	}
	a, err := v.Redeem(ctx, key, "")
	if err != nil {
		return "", err
	}
	if alike(a, good) { // either it looks at no referrer, or it takes any
		if a, err = v.comeWithKey(ctx, elsewhere); err == nil && alike(a, good) {
			err = errAnyHost
		}
		return "let in", err
	}
	a, err = v.Redeem(ctx, key, v.Portal)
	return "refused, and the key is " + claim.Is(alike(a, good), "kept", "gone"), err
}

// comeWithKey opens the cabinet by a fresh key, from a page of a site.
func (v *vendor) comeWithKey(ctx context.Context, from string) (claim.Answer, error) {
	key, _, err := v.freshKey(ctx)
	if err != nil {
		return claim.Answer{}, err
	}
	return v.Redeem(ctx, key, from)
}

// closed is why what follows the entering is not tried.
const closed claim.NotTried = "claim.not.closed"

// opened opens the cabinet by a fresh key, as from the portal.
func (v *vendor) opened(ctx context.Context) (claim.Answer, error) {
	a, err := v.comeWithKey(ctx, v.Portal)
	if err == nil && (a.Status >= http.StatusBadRequest || a.Header.Get("Set-Cookie") == "") {
		err = closed
	}
	return a, err
}

// alike reports whether an answer opens the cabinet as one does that is known to.
func alike(a, good claim.Answer) bool {
	return a.Status == good.Status && a.Header.Get("Location") == good.Header.Get("Location") &&
		a.Header.Get("Set-Cookie") != ""
}

func (v *vendor) keyLife(ctx context.Context) (string, error) {
	_, d, err := v.freshKey(ctx)
	if err != nil {
		return "", err
	}
	text, _ := d.object["expire_date"].(string)
	expires, err := time.Parse("2006-01-02 15:04:05Z07:00", text)
	if err != nil {
		return "another form of time", nil
	}
	minutes := int(math.Round(expires.Sub(d.at).Minutes()))
	return strconv.Itoa(minutes) + claim.Is(minutes == 1, " minute", " minutes"), nil
}

func (v *vendor) keyOnce(ctx context.Context) (string, error) {
	key, _, err := v.freshKey(ctx)
	if err != nil {
		return "", err
	}
	good, err := v.Redeem(ctx, key, v.Portal)
	if err != nil || good.Status >= http.StatusBadRequest {
		return "", errors.Join(err, claim.When(err == nil, closed))
	}
	a, err := v.Redeem(ctx, key, v.Portal)
	return claim.Is(alike(a, good), Uses[1], Uses[0]), err
}

func (v *vendor) cabinetCookie(ctx context.Context) (string, error) {
	a, err := v.opened(ctx)
	if err != nil {
		return "", err
	}
	var marks []string
	header := strings.ToLower(strings.Join(a.Header.Values("Set-Cookie"), "; "))
	for _, mark := range []string{"SameSite=None", "SameSite=Lax", "SameSite=Strict", "Secure", "Partitioned"} {
		if strings.Contains(header, "; "+strings.ToLower(mark)) {
			marks = append(marks, mark)
		}
	}
	return strings.Join(marks, "; "), nil
}

func (v *vendor) resetToken(ctx context.Context) (string, error) {
	id, err := v.own(ctx)
	if err != nil {
		return "", err
	}
	d, err := v.get(ctx, clientPath(id, ""))
	if err != nil {
		return "", err
	}
	user, _ := d.object["user_id"].(float64)
	if user == 0 {
		return "no user_id", nil
	}
	if d, err = v.get(ctx, fmt.Sprintf("/api/users/%d/reset_token/", int64(user))); err != nil || !d.success {
		return d.said(), err
	}
	text, _ := d.object["token"].(string)
	return claim.Is(text != "", "a token", "no token"), nil
}

func (v *vendor) create(ctx context.Context) (string, error) {
	_, err := v.own(ctx)
	if errors.Is(err, errNoOwn) { // which is what is to be seen here
		err = nil
	}
	return v.first.said, err
}

func (v *vendor) createTwice(ctx context.Context) (string, error) {
	if _, err := v.own(ctx); err != nil {
		return "", err
	}
	v.second = v.make(ctx)
	return v.second.said, v.second.err
}

// clientDelete deletes the second client, and looks for it.
func (v *vendor) clientDelete(ctx context.Context) (string, error) {
	deleted := v.second.id
	if deleted == 0 {
		return "", claim.NothingThere
	}
	if err := v.delete(ctx, deleted); err != nil {
		return "", err
	}
	v.second.id = 0
	d, err := v.get(ctx, "/api/clients/?take=1&fields=client__id,client__delete"+
		filter(0, "client__id", priceplan.Equal, deleted))
	if err != nil {
		return "", err
	}
	listed := "not listed"
	if len(d.rows) == 1 {
		listed = claim.Is(d.rows[0]["client__delete"] == true, "listed as deleted", "listed as before")
	}
	d, err = v.get(ctx, clientPath(deleted, ""))
	return listed + ", and " + d.said(), err
}

func (v *vendor) delete(ctx context.Context, id priceplan.ClientID) error {
	d, err := v.call(ctx, http.MethodDelete, clientPath(id, ""), nil)
	if err != nil {
		return fmt.Errorf("deleting the client %d, %q: %w", id, madeName, err)
	}
	if !d.success {
		return fmt.Errorf("the client %d, %q, is not deleted: %s", id, madeName, d.said())
	}
	return nil
}

// book moves a ruble to the client of ours, or back.
func (v *vendor) book(ctx context.Context, call string) (data, error) {
	d, err := v.move(ctx, call, "1.00")
	if err == nil && d.success {
		v.booked = call == "increase"
	}
	return d, err
}

// move asks for an amount to be moved to the client of ours, or back.
func (v *vendor) move(ctx context.Context, call, amount string) (data, error) {
	id, err := v.own(ctx)
	if err != nil {
		return data{}, err
	}
	return v.call(ctx, http.MethodPost, clientPath(id, "/"+call), map[string]any{"amount": amount,
		"comment": madeName})
}

func (v *vendor) increase(ctx context.Context) (string, error) {
	if v.booked {
		if d, err := v.book(ctx, "decrease"); err != nil || !d.success {
			return "decrease " + d.said(), err
		}
	}
	d, err := v.book(ctx, "increase")
	if err != nil || !d.success {
		return d.said(), err
	}
	seen := claim.Members(d.object, "balance_before", "balance_after")
	for _, wrong := range []struct{ call, amount, undone string }{
		{"increase", "0", "decrease"}, {"decrease", "1.01", "increase"},
	} {
		d, err := v.move(ctx, wrong.call, wrong.amount)
		if err != nil {
			return "", err
		}
		seen += ", " + d.said()
		if d.success { // PricePlan takes it: what it did is undone
			if d, err = v.move(ctx, wrong.undone, wrong.amount); err != nil || !d.success {
				v.booked = true // which cleaning up will say
				return seen, err
			}
		}
	}
	return seen, nil
}

func (v *vendor) deleteRefused(ctx context.Context) (string, error) {
	d, err := v.book(ctx, "increase")
	if err != nil || !d.success {
		return d.said(), err
	}
	d, err = v.call(ctx, http.MethodDelete, clientPath(v.first.id, ""), nil)
	if err == nil && d.success { // with the ruble
		v.first.id, v.booked = 0, false
	}
	return claim.Is(d.success, "deleted", d.said()), err
}

// cleanUp takes the ruble back and deletes the clients of ours.
func (v *vendor) cleanUp(ctx context.Context) error {
	var all error
	if v.booked {
		d, err := v.book(ctx, "decrease")
		if err == nil && !d.success {
			err = errors.New("the ruble is not taken back: " + d.said())
		}
		all = errors.Join(all, err)
	}
	for _, id := range []priceplan.ClientID{v.first.id, v.second.id} {
		if id != 0 {
			all = errors.Join(all, v.delete(ctx, id))
		}
	}
	if v.lost > 0 {
		all = errors.Join(all, fmt.Errorf("%d clients %q may have been made, whose numbers are not known", v.lost,
			madeName))
	}
	return all
}
