package claims

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"kabinet/integrations/claim"
	"kabinet/integrations/priceplan"
)

// nobody is a client that there is not.
const nobody priceplan.ClientID = 999_999_999

func (v *vendor) login(ctx context.Context) (string, error) {
	if !v.APIKey.IsEmpty() {
		return "", claim.NotConfigured
	}
	err := v.enter(ctx)
	if errors.Is(err, errNoCookie) { // which is what is to be seen here
		return "no cookie", nil
	}
	return "a cookie", err
}

func (v *vendor) contentType(ctx context.Context) (string, error) {
	if !v.APIKey.IsEmpty() {
		return "", claim.NotConfigured
	}
	if err := v.enter(ctx); err != nil { // a second wrong password teaches nothing
		return "", err
	}
	a, err := v.signIn(ctx, v.Hosts.Cabinet(), false)
	return claim.Is(a.Header.Get("Set-Cookie") != "", "a cookie", a.String()), err
}

func (v *vendor) scripts(ctx context.Context) (string, error) {
	for _, path := range []string{"/media/js/public_widgets/pp_widgets.js", "/media/js/iframeResizer.js"} {
		a, err := v.Asker.Get(ctx, v.Hosts.Cabinet()+path)
		if err != nil {
			return "", err
		}
		if a.Status != http.StatusOK || !strings.Contains(a.Kind(), "javascript") {
			return path + ": " + a.String(), nil
		}
	}
	return "both", nil
}

func (v *vendor) basic(ctx context.Context) (string, error) {
	if v.APIKey.IsEmpty() {
		return "", claim.NotConfigured
	}
	d, err := v.get(ctx, "/api/clients/?take=1")
	return d.said(), err
}

func (v *vendor) clientNames(ctx context.Context) (string, error) {
	return v.rowsOf(ctx, "subscribes", "subscribe__product", "subscribe__blocking", "subscribe__start",
		"subscribe__delete", "client__id", "product__name")
}

func (v *vendor) documentNames(ctx context.Context) (string, error) {
	return v.rowsOf(ctx, "documents", "id", "type", "number", "date", "doc_number", "doc_date", "client__name",
		"amount", "taxes", "total", "lines", "implement")
}

// rowsOf looks for the names in the first row of a list that is asked for them.
func (v *vendor) rowsOf(ctx context.Context, list string, names ...string) (string, error) {
	d, err := v.get(ctx, "/api/"+list+"/?take=1&fields="+strings.Join(names, ","))
	if err != nil || !d.success {
		return d.said(), err
	}
	if len(d.rows) == 0 {
		return "", claim.NothingThere
	}
	return claim.Members(d.rows[0], names...), nil
}

func (v *vendor) dates(ctx context.Context) (string, error) { return v.between(ctx, "and") }

func (v *vendor) logic(ctx context.Context) (string, error) { return v.between(ctx, "AND") }

// filtered says whether a filter that nothing meets was heeded.
func filtered(d data) string {
	if !d.success {
		return d.said()
	}
	return claim.Is(len(d.rows) == 0, "filtered", "not filtered")
}

// between lists documents between two dates that no document has.
func (v *vendor) between(ctx context.Context, logic string) (string, error) {
	some, err := v.get(ctx, "/api/documents/?take=1")
	if err != nil || !some.success {
		return some.said(), err
	}
	if len(some.rows) == 0 {
		return "", claim.NothingThere
	}
	d, err := v.get(ctx, "/api/documents/?take=1&filter[logic]="+logic+
		filter(0, "date", priceplan.GreaterOrEqual, "2998-01-01")+
		filter(1, "date", priceplan.LessOrEqual, "2999-01-01"))
	return filtered(d), err
}

// envelope asks for a client that there is not, which is the refusal that harms nobody.
func (v *vendor) envelope(ctx context.Context) (string, error) {
	a, err := v.ask(ctx, http.MethodGet, clientPath(nobody, ""), nil)
	if err != nil {
		return "", err
	}
	d, err := read(a)
	if err != nil {
		return a.String(), nil
	}
	return strconv.Itoa(d.status) + " with " + d.members, nil
}

func (v *vendor) readKey(ctx context.Context) (string, error) {
	id, err := v.aClient(ctx)
	if err != nil {
		return "", err
	}
	d, err := v.get(ctx, clientPath(id, "/auth-key/"))
	if err != nil || !d.success {
		return d.said(), err
	}
	if d.data == nil {
		return "", claim.NothingThere // the client has no key
	}
	return claim.Members(d.object, "key", "expire_date", "link"), nil
}

// hosts lists clients at both; a manager signs in at each.
func (v *vendor) hosts(ctx context.Context) (string, error) {
	if !v.APIKey.IsEmpty() {
		return "", claim.NotConfigured // a key is for the staff's host
	}
	if err := v.enter(ctx); err != nil {
		return "", err
	}
	a, err := v.signIn(ctx, v.Hosts.Staff(), true)
	if err != nil || len(cookies(a)) == 0 {
		return "no sign-in at the staff's host", err
	}
	at := map[string][]*http.Cookie{v.Hosts.Cabinet(): v.cookies, v.Hosts.Staff(): cookies(a)}
	for _, host := range []string{v.Hosts.Cabinet(), v.Hosts.Staff()} {
		one := vendor{Account: v.Account, cookies: at[host]}
		a, err := one.send(ctx, http.MethodGet, host+"/api/clients/?take=1", nil)
		if err != nil {
			return "", err
		}
		if d, err := read(a); err != nil || !d.success {
			return claim.Is(host == v.Hosts.Staff(), "only the cabinet's host answers",
				"only the staff's host answers"), nil
		}
	}
	return "both answer", nil
}

func (v *vendor) list(ctx context.Context) (string, error) {
	d, err := v.get(ctx, "/api/clients/?take=1&skip=0&page=1&pageSize=1&fields=client__id,client__name"+
		"&filter[logic]=and"+filter(0, "client__id", priceplan.GreaterOrEqual, 1))
	if err != nil || !d.success {
		return d.said(), err
	}
	if len(d.rows) == 0 {
		return "", claim.NothingThere
	}
	none, err := v.get(ctx, "/api/clients/?take=1&fields=client__id&filter[logic]=and"+
		filter(0, "client__id", priceplan.Equal, nobody))
	return claim.Names(d.rows[0]) + "; " + claim.Is(d.count, "a count", "no count") + "; " + filtered(none), err
}

func (v *vendor) calls(ctx context.Context) (string, error) {
	for _, call := range []string{"products/", "subscribes/", "documents/"} {
		d, err := v.get(ctx, "/api/"+call+"?take=1")
		if err != nil || !d.success {
			return call + " " + d.said(), err
		}
	}
	return "all answer", nil
}

// strictness asks with a parameter, a field and an operator that there are not, and for more than a page may have.
func (v *vendor) strictness(ctx context.Context) (string, error) {
	var said []string
	for _, wrong := range []string{
		"take=1&kabinet=1", "take=1&fields=client__kabinet", "take=201&fields=client__id",
		"take=1" + filter(0, "client__id", "kabinet", 1),
	} {
		d, err := v.get(ctx, "/api/clients/?"+wrong)
		if err != nil {
			return "", err
		}
		said = append(said, d.said())
	}
	return strings.Join(said, ", "), nil
}

// session calls without one, as a portal does whose session has ended.
func (v *vendor) session(ctx context.Context) (string, error) {
	a, err := v.Asker.Get(ctx, v.Hosts.Cabinet()+"/api/clients/?take=1")
	if err != nil {
		return "", err
	}
	if d, err := read(a); err == nil && a.Status == http.StatusOK {
		return "200, " + d.said(), nil
	}
	return strconv.Itoa(a.Status), nil
}

// widget begins the frame for the portal's address, and for one that is nobody's.
func (v *vendor) widget(ctx context.Context) (string, error) {
	target := v.Portal + "/pp-auth/"
	a, err := v.begin(ctx, target)
	switch {
	case err != nil:
		return "", err
	case a.Status == http.StatusNotFound:
		return Starts[1], nil
	case a.Status == http.StatusForbidden:
		return "", closed
	case a.Header.Get("Location") != target:
		return a.String(), nil
	}
	a, err = v.begin(ctx, elsewhere+"/")
	return claim.Is(a.Header.Get("Location") == elsewhere+"/", "leads anywhere", Starts[0]), err
}

func (v *vendor) begin(ctx context.Context, target string) (claim.Answer, error) {
	return v.come(ctx, v.Hosts.Cabinet()+"/widget/cabinet/?url_auth="+url.QueryEscape(target), v.Portal)
}

// frames looks at what the cabinet's host says of frames; a page that refuses says it too.
func (v *vendor) frames(ctx context.Context) (string, error) {
	a, err := v.Asker.Get(ctx, v.Hosts.Cabinet()+"/")
	switch {
	case err != nil:
		return "", err
	case strings.Contains(a.Header.Get("Content-Security-Policy"), "frame-ancestors"):
		return "frame-ancestors", nil
	case a.Header.Get("X-Frame-Options") != "":
		return "X-Frame-Options", nil
	}
	return "nothing", nil
}

func (v *vendor) clientFields(ctx context.Context) (string, error) {
	id, err := v.aClient(ctx)
	if err != nil {
		return "", err
	}
	d, err := v.get(ctx, clientPath(id, ""))
	if err != nil || !d.success {
		return d.said(), err
	}
	return claim.Members(d.object, "id", "user_id", "type", "name", "account_number", "blocked", "balance",
		"signed_values", "next_charge_date"), nil
}

func (v *vendor) rows(ctx context.Context) (string, error) {
	seen, err := v.rowsOf(ctx, "subscribes", "subscribe__price", "subscribe__renewed_until", "subscribe__status")
	if err != nil || seen != "all" {
		return "subscribes " + seen, err
	}
	return v.rowsOf(ctx, "products", "product__id", "product__name", "product__price")
}

func (v *vendor) documentsFilter(ctx context.Context) (string, error) {
	id, err := v.aClient(ctx)
	if err != nil {
		return "", err
	}
	d, err := v.get(ctx, "/api/documents/?take=100&fields=id,client__id&filter[logic]=and"+
		filter(0, "client__id", priceplan.Equal, id))
	if err != nil || !d.success {
		return d.said(), err
	}
	for _, row := range d.rows {
		if _, has := row["client__id"]; !has {
			return "no client__id", nil
		}
		if row["client__id"] != float64(id) {
			return "others' too", nil
		}
	}
	return claim.Is(len(d.rows) > 0, "only the client's", ""), claim.When(len(d.rows) == 0, claim.NothingThere)
}

// nothingThere makes a call that there is not, and asks for an invoice that there is not.
func (v *vendor) nothingThere(ctx context.Context) (string, error) {
	var said []string
	for _, path := range []string{"/api/kabinet-compare/", fmt.Sprintf("/api/invoices/%d/download", nobody)} {
		a, err := v.ask(ctx, http.MethodGet, path, nil)
		if err != nil {
			return "", err
		}
		if d, err := read(a); err == nil {
			said = append(said, fmt.Sprintf("%d %s", d.status, d.said()))
		} else {
			said = append(said, a.String())
		}
	}
	return strings.Join(said, ", "), nil
}
