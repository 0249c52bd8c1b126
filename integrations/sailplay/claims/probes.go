package claims

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"kabinet/integrations/claim"
)

// nobody is the origin_user_id of no member, and a code of nobody's.
const nobody = "00000000000000000000000000000000"

func page(a claim.Answer) string {
	return claim.Is(a.Status == http.StatusOK && a.Kind() == "text/html", "a page", a.String())
}

func (v *vendor) authorize(ctx context.Context) (string, error) {
	if err := v.portalMayReturn(ctx); err != nil {
		return "", err
	}
	a, err := v.Authorize(ctx, v.Return, "")
	return page(a), err
}

// www can be told from other reasons to refuse only where the portal's own address does not begin with http://www.: it
// is taken, or it is not and the same address with www. is.
func (v *vendor) www(ctx context.Context) (string, error) {
	scheme, rest, _ := strings.Cut(v.Return, "://")
	if strings.HasPrefix(rest, "www.") {
		return "", claim.NotConfigured
	}
	if err := v.portalMayReturn(ctx); !errors.Is(err, notTaken) {
		return WWW[0], err
	}
	taken, err := v.mayReturn(ctx, scheme+"://www."+rest)
	return WWW[1], errors.Join(err, claim.When(err == nil && !taken, notTaken))
}

// returns asks for an address that the partner has not registered.
func (v *vendor) returns(ctx context.Context) (string, error) {
	if err := v.portalMayReturn(ctx); err != nil {
		return "", err
	}
	taken, err := v.mayReturn(ctx, "http://www.another-site.example/sailplay/callback/compare")
	return claim.Is(taken, "taken", "refused"), err
}

func (v *vendor) exchanges(ctx context.Context) (string, error) {
	a, _, err := v.exchangeFresh(ctx)
	object, _ := a.Object()
	return claim.Members(object, "auth_hash", "origin_user_id") +
		claim.Is(object["status"] == nil, ", and no status", ", and a status"), err
}

func (v *vendor) strict(ctx context.Context) (string, error) {
	a, c, err := v.exchangeFresh(ctx)
	if err != nil || said(a) != "answered" {
		return "not taken at all", err
	}
	a, err = v.exchange(ctx, c)
	return claim.Is(said(a) == "answered", "taken again", "refused"), err
}

// errors exchanges a code that there is not.
func (v *vendor) errors(ctx context.Context) (string, error) {
	a, err := v.exchange(ctx, code{nobody, nobody})
	return shape(a), err
}

// shape is how a refusal looks.
func shape(a claim.Answer) string {
	object, ok := a.Object()
	if !ok {
		return a.String()
	}
	return strconv.Itoa(a.Status) + " with " + claim.Names(object)
}

func (v *vendor) consent(ctx context.Context) (string, error) {
	_, err := v.led(ctx, v.Return)
	if errors.Is(err, askedHim) {
		return Consents[1], nil
	}
	return Consents[0], err
}

// appended asks to be led back to an address that has a query already.
func (v *vendor) appended(ctx context.Context) (string, error) {
	to, err := v.led(ctx, v.Return+"?kabinet=compare")
	if err != nil {
		return "", err
	}
	switch {
	case strings.Count(to.String(), "?") > 1:
		return Appended[1], nil
	case !strings.Contains(to.String(), "kabinet=compare"):
		return Appended[2], nil
	}
	return Appended[0], nil
}

func (v *vendor) login(ctx context.Context) (string, error) {
	err := v.signIn(ctx)
	object, _ := v.answer.Object()
	return claim.Members(object, "token", "pin_codes", "pin_codes_managers", "is_order_num_purchase"), err
}

// nobodyAsked asks for a member that nobody is.
func (v *vendor) nobodyAsked(ctx context.Context, pairs ...string) (claim.Answer, error) {
	if err := v.signIn(ctx); err != nil {
		return claim.Answer{}, err
	}
	return v.call(ctx, v.token, pairs...)
}

func (v *vendor) identification(ctx context.Context) (string, error) {
	a, err := v.nobodyAsked(ctx, "identification", "origin_user_id", "lookup", nobody)
	return said(a), err
}

func (v *vendor) envelope(ctx context.Context) (string, error) {
	a, err := v.nobodyAsked(ctx, "origin_user_id", nobody)
	return shape(a), err
}

func (v *vendor) codes(ctx context.Context) (string, error) {
	a, err := v.nobodyAsked(ctx, "origin_user_id", nobody)
	if err != nil {
		return "", err
	}
	b, err := v.call(ctx, nobody, "origin_user_id", nobody)
	return said(a) + ", " + said(b), err
}

// info reads the member whose session was handed over, once they have joined their account.
func (v *vendor) info(ctx context.Context) (string, error) {
	exchanged, _, err := v.exchangeFresh(ctx)
	if err != nil {
		return "", err
	}
	object, _ := exchanged.Object()
	origin, _ := object["origin_user_id"].(string)
	a, err := v.nobodyAsked(ctx, "origin_user_id", origin, "history", "1", "extra_fields", "auth_hash")
	member, _ := a.Object()
	return claim.Members(member, "id", "origin_user_id", "phone", "email", "first_name", "middle_name", "last_name",
		"birth_date", "sex", "points", "history", "auth_hash"), err
}

func (v *vendor) hubCalls(ctx context.Context) (string, error) {
	a, err := v.Asker.Get(ctx, v.Config.URL+"/js-api/"+v.Config.PartnerID+"/config/?"+
		url.Values{"lang": {"ru"}, "dep_id": {v.Config.DepartmentID}, "callback": {"kabinet"}}.Encode())
	_, body, _ := strings.Cut(string(a.Body), "kabinet(")
	if end := strings.LastIndex(body, ")"); end >= 0 {
		a.Body = []byte(body[:end])
	}
	object, ok := a.Object()
	if !ok {
		return a.String(), err
	}
	config, _ := object["config"].(map[string]any)
	urls, _ := config["urls"].(map[string]any)
	return claim.Members(urls, "users", "gifts", "badges", "actions", "promocodes", "tags"), err
}

func (v *vendor) authPage(ctx context.Context) (string, error) {
	a, err := v.Asker.Get(ctx, v.Config.URL+"/users/auth-page/?"+url.Values{"partner_id": {v.Config.PartnerID},
		"dep_id": {v.Config.DepartmentID}, "lang": {"ru"}, "background_color": {""}}.Encode())
	return page(a), err
}

func (v *vendor) sdk(ctx context.Context) (string, error) {
	a, err := v.Asker.Get(ctx, v.Config.URL+"/auth/oauth-sdk/"+v.Config.PartnerID+"/")
	return claim.Is(a.Status == http.StatusOK && strings.Contains(a.Kind(), "javascript"), "a script", a.String()), err
}
