package claims

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
	tried   bool // the sign-in
	refused bool // the API key

	made, second priceplan.ClientID // clients of ours; 0 before they are made
	booked       bool               // whether the first has a ruble
}

// errNotIn is why nothing more is asked.
const errNotIn claim.NotTried = "claim.not.signed_in"

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

// signIn sends the manager's name and password to a host.
func (v *vendor) signIn(ctx context.Context, host, kind string) (claim.Answer, error) {
	body, err := json.Marshal(map[string]string{"user": v.User, "password": v.Password.Reveal()})
	if err != nil {
		return claim.Answer{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, host+"/api/login", bytes.NewReader(body))
	if err != nil {
		return claim.Answer{}, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return v.Asker.Do(r)
}

// enter signs in when that was not tried yet.
func (v *vendor) enter(ctx context.Context) error {
	if v.tried || !v.APIKey.IsEmpty() {
		return claim.When(v.refused || v.APIKey.IsEmpty() && len(v.cookies) == 0, errNotIn)
	}
	v.tried = true
	a, err := v.signIn(ctx, v.Hosts.Cabinet(), "application/json")
	if err != nil {
		return err
	}
	if d, err := read(a); err == nil && d.success {
		v.cookies = (&http.Response{Header: a.Header}).Cookies()
	}
	return claim.When(len(v.cookies) == 0, errNotIn)
}

// call makes one call of the API as the portal is configured to.
func (v *vendor) call(ctx context.Context, method, path string, query url.Values, body any) (data, error) {
	if err := v.enter(ctx); err != nil {
		return data{}, err
	}
	host := v.Hosts.Cabinet()
	if !v.APIKey.IsEmpty() {
		host = v.Hosts.Staff()
	}
	a, err := v.send(ctx, host, method, path, query, body)
	if err != nil {
		return data{}, err
	}
	if v.refused = !v.APIKey.IsEmpty() && a.Status == http.StatusUnauthorized; v.refused {
		return data{}, errNotIn
	}
	return read(a)
}

func (v *vendor) send(ctx context.Context, host, method, path string, query url.Values, body any) (claim.Answer,
	error) {
	var b []byte
	if body != nil {
		var err error
		if b, err = json.Marshal(body); err != nil {
			return claim.Answer{}, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, host+path+"?"+query.Encode(), bytes.NewReader(b))
	if err != nil {
		return claim.Answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	if !v.APIKey.IsEmpty() {
		r.SetBasicAuth(v.APIKey.Reveal(), v.Password.Reveal())
	}
	for _, c := range v.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return v.Asker.Do(r)
}

// get makes a call that only reads.
func (v *vendor) get(ctx context.Context, path string, pairs ...string) (data, error) {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return v.call(ctx, http.MethodGet, path, query, nil)
}

// aClient is whose rows are read.
func (v *vendor) aClient(ctx context.Context) (priceplan.ClientID, error) {
	if v.Client != 0 {
		return v.Client, nil
	}
	d, err := v.get(ctx, "/api/clients/", "take", "20", "fields", "client__id,client__delete")
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
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.Hosts.AuthKeyURL(key), nil)
	if err != nil {
		return claim.Answer{}, err
	}
	if from != "" {
		r.Header.Set("Referer", from+"/") // «Доступные домены» goes by it
	}
	return a.Asker.Do(r)
}
