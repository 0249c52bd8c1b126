package claims

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"kabinet/integrations/claim"
	"kabinet/integrations/priceplan"
)

// vendor is PricePlan as the probes ask it: signed in once, whatever comes of that, so that no wrong password or key
// is tried again and again.
type vendor struct {
	Account
	cookies []*http.Cookie
	signIns int // how many were tried: a second one only after a session that has ended
	noEntry error
	trusted bool // whether a call was ever answered

	first, second made
	external      string // the external_id of both; another for each comparison, as an earlier one may have left some
	lost          int    // clients that may have been made, of which no number is known
	booked        bool   // whether the first has a ruble
}

// Why nothing more is asked.
const (
	errNotIn    claim.NotTried = "claim.not.signed_in"
	errNoCookie claim.NotTried = "claim.not.no_cookie" // the sign-in gives none
	errNoOwn    claim.NotTried = "claim.not.no_client" // no client of ours could be made
	errAnyHost  claim.NotTried = "claim.not.any_domain"
)

// data is what every answer of the API comes in.
type data struct {
	at      time.Time // by PricePlan's clock
	status  int
	success bool
	code    priceplan.Code // of the first error
	members string         // of the envelope
	data    any
	object  map[string]any // the data, where it is one
	rows    []map[string]any
	count   bool
}

func read(a claim.Answer) (data, error) {
	object, ok := a.Object()
	success, isEnvelope := object["success"].(bool)
	if !ok || !isEnvelope {
		return data{status: a.Status}, errors.New("the answer is no envelope: " + a.String())
	}
	at, _ := http.ParseTime(a.Header.Get("Date")) // a zero time is seen as a life of no length
	d := data{at: at, status: a.Status, success: success, data: object["data"], members: claim.Members(object,
		"success", "data")}
	d.object, _ = d.data.(map[string]any)
	_, d.count = object["count"]
	rows, _ := d.data.([]any)
	for _, row := range rows {
		if one, ok := row.(map[string]any); ok {
			d.rows = append(d.rows, one)
		}
	}
	errs, _ := object["errors"].([]any)
	if !success {
		d.members = claim.Is(object["errors"] != nil, "success, errors", "success")
	}
	if len(errs) > 0 {
		first, _ := errs[0].(map[string]any)
		number, _ := first["code"].(float64)
		d.code = priceplan.Code(number)
	}
	return d, nil
}

// said is "answered", or that the call was refused and with which code.
func (d data) said() string {
	if d.success {
		return "answered"
	}
	return fmt.Sprintf("refused %d", d.code)
}

// signIn sends the manager's name and password to a host, with the type of the content or without.
func (v *vendor) signIn(ctx context.Context, host string, withType bool) (claim.Answer, error) {
	r, err := request(ctx, http.MethodPost, host+"/api/login",
		map[string]string{"user": v.User, "password": v.Password.Reveal()})
	if err != nil {
		return claim.Answer{}, err
	}
	if !withType {
		r.Header.Del("Content-Type")
	}
	return v.Asker.Do(r)
}

// enter signs in when that was not tried yet. What came of it is remembered.
func (v *vendor) enter(ctx context.Context) error {
	if v.signIns == 0 && v.APIKey.IsEmpty() {
		v.noEntry = v.logIn(ctx)
	}
	return v.noEntry
}

func (v *vendor) logIn(ctx context.Context) error {
	v.signIns++
	a, err := v.signIn(ctx, v.Hosts.Cabinet(), true)
	if err != nil {
		return err
	}
	if d, err := read(a); err != nil || !d.success {
		return errNotIn
	}
	v.cookies = cookies(a)
	return claim.When(len(v.cookies) == 0, errNoCookie)
}

func cookies(a claim.Answer) []*http.Cookie { return (&http.Response{Header: a.Header}).Cookies() }

// call makes one call of the API as the portal is configured to, and reads the answer.
func (v *vendor) call(ctx context.Context, method, path string, body any) (data, error) {
	a, err := v.ask(ctx, method, path, body)
	if err != nil {
		return data{}, err
	}
	return read(a)
}

// ask makes one call. A manager signs in once more where the session has ended; a key that was never taken is not
// tried again.
func (v *vendor) ask(ctx context.Context, method, path string, body any) (claim.Answer, error) {
	if err := v.enter(ctx); err != nil {
		return claim.Answer{}, err
	}
	host := v.Hosts.Cabinet()
	if !v.APIKey.IsEmpty() {
		host = v.Hosts.Staff()
	}
	a, err := v.send(ctx, method, host+path, body)
	switch {
	case err != nil:
		return a, err
	case !signedOut(a):
		v.trusted = true
		return a, nil
	case !v.APIKey.IsEmpty():
		if !v.trusted {
			v.noEntry = errNotIn
		}
		return a, v.noEntry
	case v.signIns > 1:
		return a, nil
	}
	if v.noEntry = v.logIn(ctx); v.noEntry != nil {
		return a, v.noEntry
	}
	return v.send(ctx, method, host+path, body)
}

// signedOut goes by what the portal's client takes for a session that has ended: claim priceplan/session.
func signedOut(a claim.Answer) bool {
	return a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden || a.Status >= 300 && a.Status < 400
}

func (v *vendor) send(ctx context.Context, method, address string, body any) (claim.Answer, error) {
	r, err := request(ctx, method, address, body)
	if err != nil {
		return claim.Answer{}, err
	}
	if !v.APIKey.IsEmpty() {
		r.SetBasicAuth(v.APIKey.Reveal(), v.Password.Reveal())
	}
	for _, c := range v.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return v.Asker.Do(r)
}

// request has JSON as its body, unless that is nil.
func request(ctx context.Context, method, address string, body any) (*http.Request, error) {
	var b bytes.Buffer
	if body != nil {
		if err := json.MarshalWrite(&b, body); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, address, &b)
	if err != nil {
		return nil, err
	}
	r.URL.RawQuery = r.URL.Query().Encode() // brackets are written plainly here
	r.Header.Set("Content-Type", "application/json")
	return r, nil
}

// get makes a call that only reads; the path has its query.
func (v *vendor) get(ctx context.Context, path string) (data, error) {
	return v.call(ctx, http.MethodGet, path, nil)
}

// filter is the part of a query that is the n-th condition on a field.
func filter(n int, field string, operator priceplan.Operator, value any) string {
	nth := fmt.Sprintf("&filter[filters][%d]", n)
	return nth + "[field]=" + field + nth + "[operator]=" + string(operator) + nth + "[value]=" + fmt.Sprint(value)
}

// aClient is whose rows are read.
func (v *vendor) aClient(ctx context.Context) (priceplan.ClientID, error) {
	if v.Client != 0 {
		return v.Client, nil
	}
	d, err := v.get(ctx, "/api/clients/?take=20&fields=client__id,client__delete")
	if err != nil {
		return 0, err
	}
	for _, row := range d.rows {
		if id, ok := row["client__id"].(float64); ok && row["client__delete"] != true {
			v.Client = priceplan.ClientID(id)
			return v.Client, nil
		}
	}
	return 0, claim.NothingThere
}

func clientPath(id priceplan.ClientID, rest string) string {
	return "/api/clients/" + strconv.FormatInt(int64(id), 10) + rest
}

// Redeem opens the cabinet by a key, as a browser does that comes from a page of a site; empty for none. The key is
// used up.
func (a Account) Redeem(ctx context.Context, key priceplan.AuthKey, from string) (claim.Answer, error) {
	return a.come(ctx, a.Hosts.AuthKeyURL(key), from)
}

// come asks for an address as a browser does that comes from a page of a site; empty for none.
func (a Account) come(ctx context.Context, address, from string) (claim.Answer, error) {
	if from != "" {
		from += "/" // «Доступные домены» goes by it
	}
	return a.Asker.GetAs(ctx, address, "Referer", from)
}
