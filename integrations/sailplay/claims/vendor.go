package claims

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"kabinet/integrations/claim"
)

// vendor is SailPlay as the probes ask it: signed in once, whatever comes of that, so that no wrong key is tried again
// and again.
type vendor struct {
	Account
	tried  bool // the department's sign-in
	noIn   error
	token  string
	answer claim.Answer // to it
	taken  *bool        // whether the portal's address is; nil before it was asked
}

// Why a probe is not tried here.
const (
	noSession claim.NotTried = "claim.not.session"   // nobody's browser was handed over
	over      claim.NotTried = "claim.not.over"      // its member is not signed in any more
	notIn     claim.NotTried = "claim.not.signed_in" // the department is not taken
	notTaken  claim.NotTried = "claim.not.taken"     // the portal's address is refused: see the claim www
	askedHim  claim.NotTried = "claim.not.asked"     // the member is asked first: see the claim consent
)

// Authorize opens the page that customers are sent to, to be led back to an address. cookie is of the browser that
// comes; empty for one of nobody's.
func (a Account) Authorize(ctx context.Context, returnTo, cookie string) (claim.Answer, error) {
	address := a.Config.URL + "/auth/authorize/?" + url.Values{"store_department_id": {a.Config.DepartmentID},
		"partner_id": {a.Config.PartnerID}, "redirect_url": {returnTo}}.Encode()
	return a.Asker.GetAs(ctx, address, "Cookie", cookie)
}

// post sends a form.
func (v *vendor) post(ctx context.Context, path string, form url.Values) (claim.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.Config.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return claim.Answer{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.Asker.Do(r)
}

// signIn signs the department in, once.
func (v *vendor) signIn(ctx context.Context) error {
	if !v.tried {
		v.tried = true
		v.answer, v.noIn = v.post(ctx, "/api/v2/login/", url.Values{"store_department_id": {v.Config.DepartmentID},
			"store_department_key": {v.Config.DepartmentKey.Reveal()}, "pin_code": {v.Config.PinCode.Reveal()}})
		object, _ := v.answer.Object()
		if v.token, _ = object["token"].(string); v.noIn == nil && v.token == "" {
			v.noIn = notIn
		}
	}
	return v.noIn
}

// call makes a call of the API that only reads.
func (v *vendor) call(ctx context.Context, token string, pairs ...string) (claim.Answer, error) {
	form := url.Values{"token": {token}, "store_department_id": {v.Config.DepartmentID}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return v.post(ctx, "/api/v2/users/info/", form)
}

// said is "answered", or that a call was refused and with which code.
func said(a claim.Answer) string {
	object, ok := a.Object()
	if !ok {
		return a.String()
	}
	if object["status"] == "ok" || object["status"] == nil && a.Status == http.StatusOK {
		return "answered"
	}
	if code, ok := object["status_code"].(float64); ok {
		return fmt.Sprintf("refused %d", int(code))
	}
	return "refused"
}

// code is what a member's browser is led back with.
type code struct{ text, origin string }

// led leads the member whose session was handed over back to the portal, and returns where to.
func (v *vendor) led(ctx context.Context, returnTo string) (*url.URL, error) {
	if v.Cookie.IsEmpty() {
		return nil, noSession
	}
	a, err := v.Authorize(ctx, returnTo, v.Cookie.Reveal())
	if err != nil {
		return nil, err
	}
	to, err := url.Parse(a.Header.Get("Location"))
	base, _, _ := strings.Cut(returnTo, "?")
	switch {
	case a.Status >= http.StatusBadRequest:
		return nil, notTaken
	case err == nil && strings.HasPrefix(to.String(), base) && strings.Contains(to.String(), "code="):
		return to, nil
	case a.Header.Get("Location") != "" || strings.Contains(string(a.Body), `type="password"`):
		return nil, over // it leads to a sign-in, or is one
	}
	return nil, askedHim
}

// mayReturn reports whether an address to come back to is taken, of whoever comes.
func (v *vendor) mayReturn(ctx context.Context, to string) (bool, error) {
	a, err := v.Authorize(ctx, to, "")
	return a.Status != 0 && a.Status < http.StatusBadRequest, err
}

// portalMayReturn returns notTaken where the portal's address is not. It is asked once.
func (v *vendor) portalMayReturn(ctx context.Context) error {
	if v.taken == nil {
		taken, err := v.mayReturn(ctx, v.Return)
		if err != nil {
			return err
		}
		v.taken = &taken
	}
	return claim.When(!*v.taken, notTaken)
}

// exchangeFresh exchanges a code that the member whose session was handed over is led back with.
func (v *vendor) exchangeFresh(ctx context.Context) (claim.Answer, code, error) {
	to, err := v.led(ctx, v.Return)
	if err != nil {
		return claim.Answer{}, code{}, err
	}
	c := code{to.Query().Get("code"), to.Query().Get("origin_user_id")}
	a, err := v.exchange(ctx, c)
	return a, c, err
}

func (v *vendor) exchange(ctx context.Context, c code) (claim.Answer, error) {
	return v.post(ctx, "/auth/get-auth-hash/", url.Values{"origin_user_id": {c.origin}, "code": {c.text},
		"redirect_url": {v.Return}, "secret": {v.Config.Secret.Reveal()},
		"store_department_id": {v.Config.DepartmentID}})
}
