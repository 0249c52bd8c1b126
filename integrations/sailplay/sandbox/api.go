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
		s.both("/api/v2/"+path+"/", s.Faults().Handler(path, s.authorized(call)))
	}
	s.both("/api/v2/login/", s.Faults().Handler("login", s.login))
	s.mux.HandleFunc("/api/v1/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, lacks+r.URL.Path+": see /_sandbox/limits", 0)
	})
}

// lacks begins the answers about what SailPlay has and this sandbox does not.
const lacks = "The sandbox does not have "

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
	if !ok { // as documented, without a status_code
		refuse(w, "Data not found with provided store_department_key, store_department_id and pin_code", 0)
		return
	}
	answer(w, map[string]any{"status": "ok", "token": token, "pin_codes": []string{q.Get("pin_code")},
		"pin_codes_managers": []string{}, "is_order_num_purchase": true})
}

func (s *state) logIn(department, key, pin string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.department(department)
	if err != nil || !p.DepartmentKey.Equal(key) || !p.PinCode.Equal(pin) {
		return "", false
	}
	maps.DeleteFunc(s.tokens, func(_ string, t token) bool { return !s.clock().Before(t.expires) })
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
