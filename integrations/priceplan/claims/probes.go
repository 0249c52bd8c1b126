package claims

import (
	"context"
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
	return "a cookie", err
}

func (v *vendor) contentType(ctx context.Context) (string, error) {
	if !v.APIKey.IsEmpty() {
		return "", claim.NotConfigured
	}
	if err := v.enter(ctx); err != nil { // a second wrong password teaches nothing
		return "", err
	}
	a, err := v.signIn(ctx, v.Hosts.Cabinet(), "")
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
	d, err := v.get(ctx, "/api/clients/", "take", "1")
	return d.said(), err
}

func (v *vendor) clientNames(ctx context.Context) (string, error) {
	return v.rowsOf(ctx, "subscribes", "subscribe__product", "subscribe__blocking", "subscribe__start",
		"subscribe__delete", "client__id", "product__name")
}

func (v *vendor) documentNames(ctx context.Context) (string, error) {
	return v.rowsOf(ctx, "documents", "id", "type", "number", "date", "doc_number", "doc_date", "client__name",
		"amount",
		"taxes", "total", "lines", "implement")
}

// rowsOf looks for the names in the first row of a list that is asked for them.
func (v *vendor) rowsOf(ctx context.Context, list string, names ...string) (string, error) {
	d, err := v.get(ctx, "/api/"+list+"/", "take", "1", "fields", strings.Join(names, ","))
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

// between lists documents between two dates.
func (v *vendor) between(ctx context.Context, logic string) (string, error) {
	d, err := v.get(ctx, "/api/documents/", "take", "1", "filter[logic]", logic,
		"filter[filters][0][field]", "date", "filter[filters][0][operator]", "gte",
		"filter[filters][0][value]", "2020-01-01", "filter[filters][1][field]", "date",
		"filter[filters][1][operator]", "lte", "filter[filters][1][value]", "2030-01-01")
	return d.said(), err
}

// envelope asks for a client that there is not, which is the refusal that harms nobody.
func (v *vendor) envelope(ctx context.Context) (string, error) {
	d, err := v.get(ctx, clientPath(nobody, ""))
	if err != nil || d.success {
		return d.said(), err
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
	if a, err := v.signIn(ctx, v.Hosts.Staff(), "application/json"); err != nil || a.Header.Get("Set-Cookie") == "" {
		return "no sign-in at the staff's host", err
	}
	for _, host := range []string{v.Hosts.Cabinet(), v.Hosts.Staff()} {
		a, err := v.send(ctx, host, http.MethodGet, "/api/clients/", url.Values{"take": {"1"}}, nil)
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
	d, err := v.get(ctx, "/api/clients/", "take", "1", "skip", "0", "page", "1", "pageSize", "1",
		"fields", "client__id,client__name", "filter[logic]", "and", "filter[filters][0][field]", "client__id",
		"filter[filters][0][operator]", "gte", "filter[filters][0][value]", "1")
	if err != nil || !d.success {
		return d.said(), err
	}
	if len(d.rows) == 0 {
		return "", claim.NothingThere
	}
	return claim.Names(d.rows[0]) + "; " + claim.Is(d.count, "a count", "no count"), nil
}

func (v *vendor) calls(ctx context.Context) (string, error) {
	for _, call := range []string{"products/", "subscribes/", "documents/"} {
		d, err := v.get(ctx, "/api/"+call, "take", "1")
		if err != nil || !d.success {
			return call + " " + d.said(), err
		}
	}
	return "all answer", nil
}

// strictness asks with a parameter, a field and an operator that there are not, and for more than a page may have.
func (v *vendor) strictness(ctx context.Context) (string, error) {
	var said []string
	for _, wrong := range [][]string{
		{"kabinet", "1"}, {"fields", "client__kabinet"}, {"take", "100000"},
		{"filter[filters][0][field]", "client__id", "filter[filters][0][operator]", "kabinet", "filter[filters][0][value]", "1"},
	} {
		d, err := v.get(ctx, "/api/clients/", wrong...)
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

func (v *vendor) widget(ctx context.Context) (string, error) {
	target := v.Portal + "/pp-auth/"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet,
		v.Hosts.Cabinet()+"/widget/cabinet/?"+url.Values{"url_auth": {target}}.Encode(), nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Referer", v.Portal+"/")
	a, err := v.Asker.Do(r)
	switch {
	case err != nil:
		return "", err
	case a.Header.Get("Location") == target:
		return Starts[0], nil
	case a.Status == http.StatusNotFound:
		return Starts[1], nil
	case a.Status == http.StatusForbidden:
		return "", closed
	}
	return a.String(), nil
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
		"signed_values",
		"next_charge_date"), nil
}

func (v *vendor) rows(ctx context.Context) (string, error) {
	d, err := v.get(ctx, "/api/subscribes/", "take", "1", "fields",
		"subscribe__price,subscribe__renewed_until,subscribe__status")
	if err != nil || !d.success {
		return d.said(), err
	}
	d, err = v.get(ctx, "/api/products/", "take", "1", "fields", "product__id,product__name,product__price")
	return d.said(), err
}

func (v *vendor) documentsFilter(ctx context.Context) (string, error) {
	id, err := v.aClient(ctx)
	if err != nil {
		return "", err
	}
	d, err := v.get(ctx, "/api/documents/", "take", "100", "fields", "id,client__id", "filter[logic]", "and",
		"filter[filters][0][field]", "client__id", "filter[filters][0][operator]", "eq",
		"filter[filters][0][value]", strconv.FormatInt(int64(id), 10))
	if err != nil || !d.success {
		return d.said(), err
	}
	for _, row := range d.rows {
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
		d, err := v.get(ctx, path)
		if err != nil {
			return "", err
		}
		said = append(said, fmt.Sprintf("%d %s", d.status, d.said()))
	}
	return strings.Join(said, ", "), nil
}
