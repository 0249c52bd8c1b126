package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kabinet/integrations/sailplay"
)

func (s *Sandbox) registerAPI() {
	for path, call := range map[string]func(Partner, url.Values) (any, *mistake){
		"users/info": s.state.userInfo, "users/add": s.state.userAdd, "points/add": s.state.pointsAdd,
		"purchases/new": s.state.purchaseNew,
	} {
		s.both("/api/v2/"+path+"/", s.Faults().Handler(path, s.authorized(call)))
	}
	s.both("/api/v2/login/", s.Faults().Handler("login", s.login))
}

// both takes GET and POST, as is documented for the sign-in; that the other calls do too is our decision.
func (s *Sandbox) both(path string, h http.HandlerFunc) {
	s.mux.HandleFunc("GET "+path+"{$}", h)
	s.mux.HandleFunc("POST "+path+"{$}", h)
}

// mistake is an answer that says no.
type mistake struct {
	message string
	code    sailplay.Code
}

// answer writes JSON as SailPlay does, with status 200.
func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(value) // the client may be gone; there is nobody to tell
}

func refuse(w http.ResponseWriter, message string, code sailplay.Code) {
	no := map[string]any{"status": "error", "message": message}
	if code != 0 {
		no["status_code"] = int(code)
	}
	answer(w, no)
}

// maxForm is the most that is read of a call, in bytes.
const maxForm = 64 << 10

func parameters(w http.ResponseWriter, r *http.Request) url.Values {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return url.Values{}
	}
	return r.Form
}

// login gives a token for a department's key and pin code.
func (s *Sandbox) login(w http.ResponseWriter, r *http.Request) {
	q := parameters(w, r)
	if q.Get("store_department_key") == "" || q.Get("store_department_id") == "" || q.Get("pin_code") == "" {
		refuse(w, "Provide store_department_key, store_department_id and pin_code", sailplay.CodeSignIn)
		return
	}
	token, ok := s.state.logIn(q.Get("store_department_id"), q.Get("store_department_key"), q.Get("pin_code"))
	if !ok {
		refuse(w, "Wrong store_department_key, store_department_id or pin_code", sailplay.CodeSignIn)
		return
	}
	answer(w, map[string]any{"status": "ok", "token": token, "pin_codes": []string{}})
}

func (s *state) logIn(department, key, pin string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.department(department)
	if err != nil || !p.DepartmentKey.Equal(key) || !p.PinCode.Equal(pin) {
		return "", false
	}
	for old, t := range s.tokens {
		if !s.clock().Before(t.expires) {
			delete(s.tokens, old)
		}
	}
	text := randomHex(20)
	s.tokens[text] = token{p.ID, s.clock().Add(tokenLife)}
	return text, true
}

// ExpireTokens ends every department's token, as time would.
func (s *Sandbox) ExpireTokens() {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	clear(s.state.tokens)
}

// AddPoints gives a member points, as a partner's call does. It returns an error when there is no such member.
func (s *Sandbox) AddPoints(name string, n int64) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	m := s.state.named(name)
	if m == nil {
		return errWrong
	}
	s.state.credit(m, entry{Action: "extra", Delta: n, Completed: true})
	return nil
}

// authorized lets a call through that has a token of the department.
func (s *Sandbox) authorized(call func(Partner, url.Values) (any, *mistake)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := parameters(w, r)
		s.state.mu.Lock()
		p, err := s.state.department(q.Get("store_department_id"))
		t, ok := s.state.tokens[q.Get("token")]
		var value any
		no := &mistake{"Bad token", sailplay.CodeBadToken}
		if err == nil && ok && t.partner == p.ID && s.state.clock().Before(t.expires) {
			value, no = call(p, q)
		}
		s.state.mu.Unlock()
		if no != nil {
			refuse(w, no.message, no.code)
			return
		}
		answer(w, value)
	}
}

// found is the member whom a call names, among those who have joined their account at the partner.
func (s *state) found(p Partner, q url.Values) (*member, *mistake) {
	phone := q.Get("phone")
	if phone == "" {
		phone = q.Get("user_phone")
	}
	origin, email := q.Get("origin_user_id"), strings.ToLower(q.Get("email"))
	if origin == "" && phone == "" && email == "" {
		return nil, &mistake{"Provide origin_user_id, phone or email", 0}
	}
	for _, m := range s.joined[p.ID] {
		if (origin == "" || m.Origin == origin) && (phone == "" || m.Phone == phone) &&
			(email == "" || m.Email == email) {
			return m, nil
		}
	}
	return nil, &mistake{"User not found", sailplay.CodeNoUser}
}

func (s *state) userInfo(p Partner, q url.Values) (any, *mistake) {
	m, no := s.found(p, q)
	if no != nil {
		return nil, no
	}
	return s.describe(p, m, q), nil
}

// describe is a member as the API shows them. Asking for auth_hash renews it: the previous one goes on.
func (s *state) describe(p Partner, m *member, q url.Values) map[string]any {
	total, confirmed, unconfirmed, spent := m.points()
	object := map[string]any{
		"status": "ok", "id": m.ID, "origin_user_id": m.Origin, "phone": m.Phone, "email": m.Email,
		"first_name": m.FirstName, "middle_name": "", "last_name": m.LastName, "birth_date": nil, "sex": nil,
		"avatar": nil,
		"points": map[string]int64{"total": total, "confirmed": confirmed, "unconfirmed": unconfirmed, "spent": spent,
			"spent_extra": 0},
	}
	if q.Get("history") == "1" {
		object["history"] = m.history()
	}
	if q.Get("extra_fields") == "auth_hash" {
		object["auth_hash"] = s.newHash(m, p.ID)
	}
	return object
}

// history is a member's, the newest first.
func (m *member) history() []map[string]any {
	history := []map[string]any{}
	for _, e := range slices.Backward(m.Entries) {
		history = append(history, map[string]any{
			"id": e.ID, "action": e.Action, "action_date": e.At.UTC().Format("2006-01-02T15:04:05"),
			"is_completed": e.Completed,
			"points_delta": e.Delta, "name": e.Name, "order_num": e.OrderNum, "price": e.Price,
		})
	}
	return history
}

func (s *state) userAdd(p Partner, q url.Values) (any, *mistake) {
	phone, email := q.Get("user_phone"), strings.ToLower(q.Get("email"))
	switch {
	case phone == "" && email == "":
		return nil, &mistake{"Provide user_phone or email", 0}
	case phone != "" && s.named(phone) != nil:
		return nil, &mistake{"Phone is taken", sailplay.CodePhoneTaken}
	case email != "" && s.named(email) != nil:
		return nil, &mistake{"Email is taken", sailplay.CodeEmailTaken}
	}
	m := s.add(member{Phone: phone, Email: email, FirstName: q.Get("first_name"), LastName: q.Get("last_name")})
	s.joined[p.ID] = append(s.joined[p.ID], m)
	return s.describe(p, m, q), nil
}

// mostPoints is the most that one call adds, and largest the most that a purchase costs.
const mostPoints, largest = 1_000_000, 100_000_000

func (s *state) pointsAdd(p Partner, q url.Values) (any, *mistake) {
	m, no := s.found(p, q)
	if no != nil {
		return nil, no
	}
	n, err := strconv.ParseInt(q.Get("points"), 10, 64)
	if err != nil || n <= 0 || n > mostPoints {
		return nil, &mistake{"Provide points", 0}
	}
	s.credit(m, entry{Action: "extra", Name: q.Get("comment"), Delta: n, Completed: true})
	return s.describe(p, m, url.Values{}), nil
}

// purchaseNew notes a purchase: a twentieth of the price in points, our decision, unless points_rate says otherwise.
func (s *state) purchaseNew(p Partner, q url.Values) (any, *mistake) {
	m, no := s.found(p, q)
	if no != nil {
		return nil, no
	}
	price, err := strconv.ParseFloat(q.Get("price"), 64)
	if err != nil || !(price > 0 && price <= largest) || q.Get("order_num") == "" {
		return nil, &mistake{"Provide order_num and price", 0}
	}
	for _, e := range m.Entries {
		if e.OrderNum == q.Get("order_num") {
			return nil, &mistake{"Purchase exists", 0}
		}
	}
	e := s.credit(m, entry{
		Action: "purchase", Name: p.Name, OrderNum: q.Get("order_num"), Price: strconv.FormatFloat(price, 'f', 2,
			64), Delta: int64(price / 20), Completed: true,
	})
	return map[string]any{"status": "ok", "purchase": map[string]any{"id": e.ID, "order_num": e.OrderNum,
		"price": e.Price, "points_delta": e.Delta}}, nil
}
