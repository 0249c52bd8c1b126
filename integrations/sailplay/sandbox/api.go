package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"

	"kabinet/integrations/sailplay"
)

func (s *Sandbox) registerAPI() {
	for path, call := range map[string]func(Partner, url.Values) (any, *mistake){
		"users/info": s.state.userInfo, "users/add": s.state.userAdd, "points/add": s.state.pointsAdd,
		"purchases/new": s.state.purchaseNew,
	} {
		s.both(path, s.state.authorized(call))
	}
	s.both("login", s.state.logIn)
	s.mux.HandleFunc("/api/v1/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, lacks+r.URL.Path+": see /_sandbox/limits", 0)
	})
}

// lacks begins the answers about what SailPlay has and this sandbox does not.
const lacks = "The sandbox does not have "

// both takes a call by GET and POST, as is documented for the sign-in; that the others do too is our decision.
func (s *Sandbox) both(name string, call func(url.Values) (any, *mistake)) {
	h := s.Faults().Handler(name, func(w http.ResponseWriter, r *http.Request) {
		q := parameters(w, r)
		s.state.mu.Lock()
		value, no := call(q)
		s.state.mu.Unlock()
		if no != nil {
			refuse(w, no.message, no.code)
			return
		}
		answer(w, value)
	})
	s.mux.HandleFunc("GET /api/v2/"+name+"/{$}", h)
	s.mux.HandleFunc("POST /api/v2/"+name+"/{$}", h)
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

// logIn gives a token for a department's key and pin code. The state's lock is held.
func (s *state) logIn(q url.Values) (any, *mistake) {
	department, key, pin := q.Get("store_department_id"), q.Get("store_department_key"), q.Get("pin_code")
	if department == "" || key == "" || pin == "" {
		return nil, &mistake{"Provide store_department_key, store_department_id and pin_code", sailplay.CodeSignIn}
	}
	p, err := s.department(department)
	if err != nil || !p.DepartmentKey.Equal(key) || !p.PinCode.Equal(pin) { // as documented, without a status_code
		return nil, &mistake{"Data not found with provided store_department_key, store_department_id and pin_code", 0}
	}
	maps.DeleteFunc(s.tokens, func(_ string, t token) bool { return !s.clock().Before(t.expires) })
	text := randomHex(20)
	s.tokens[text] = token{p.ID, s.clock().Add(tokenLife)}
	return map[string]any{"status": "ok", "token": text, "pin_codes": []string{pin}, "pin_codes_managers": []string{},
		"is_order_num_purchase": true}, nil
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

// authorized lets a call through that has a token of the department. The state's lock is held.
func (s *state) authorized(call func(Partner, url.Values) (any, *mistake)) func(url.Values) (any, *mistake) {
	return func(q url.Values) (any, *mistake) {
		p, err := s.department(q.Get("store_department_id"))
		t, ok := s.tokens[q.Get("token")]
		if err != nil || !ok || t.partner != p.ID || !s.clock().Before(t.expires) {
			return nil, &mistake{"Bad token", sailplay.CodeBadToken}
		}
		return call(p, q)
	}
}
