package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
)

// sessionCookie is the manager's; its real name is not documented.
const sessionCookie = "sessionid"

// maxBody bounds what is read of a request, in bytes.
const maxBody = 64 << 10

func (s *Sandbox) registerAPI(mux *http.ServeMux) {
	handle := func(pattern, operation string, h http.HandlerFunc) {
		mux.Handle(pattern, s.faults.Handler(operation, h))
	}
	handle("POST /api/login", "login", s.login)
	handle("POST /api/clients/{id}/auth-key/{$}", "auth-key", s.asManager(s.issueKey))
	handle("GET /api/clients/{id}/auth-key/{$}", "auth-key", s.asManager(s.readKey))
	handle("GET /api/users/{id}/reset_token/{$}", "auth-key", s.asManager(s.resetToken))
	handle("GET /api/clients/{$}", "clients", s.asManager(s.listClients))
	handle("GET /api/clients/{id}", "clients", s.asManager(s.readClient))
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, priceplan.CodeBadRequest, "", "no such call here: there are POST /api/login, POST and GET /api/clients/{id}/auth-key/, GET /api/users/{id}/reset_token/, GET /api/clients/, GET /api/clients/{id}")
	})
}

// login takes JSON whatever the Content-Type says: the vendor's own samples leave it out.
func (s *Sandbox) login(w http.ResponseWriter, r *http.Request) {
	var body struct{ User, Password *string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&body); err != nil {
		fail(w, http.StatusOK, priceplan.CodeInvalidData, "", `the body is not JSON such as {"user": "…", "password": "…"}`)
		return
	}
	if body.User == nil {
		fail(w, http.StatusOK, priceplan.CodeMissingArgument, "user", "the field is missing")
		return
	}
	if body.Password == nil {
		fail(w, http.StatusOK, priceplan.CodeMissingArgument, "password", "the field is missing")
		return
	}
	// Both are compared, so that the time tells nothing about either.
	user, password := s.config.User.Equal(*body.User), s.config.Password.Equal(*body.Password)
	if !user || !password {
		fail(w, http.StatusUnauthorized, priceplan.CodeInvalidData, "", "no manager has this user and password")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: s.state.beginManager(), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.config.Hosts.HTTPS})
	succeed(w, map[string]any{})
}

func (s *Sandbox) asManager(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(sessionCookie)
		if (err != nil || !s.state.isManager(c.Value)) && !s.hasAPIKey(r) {
			fail(w, http.StatusUnauthorized, priceplan.CodeBadRequest, "", "the call needs a manager's session cookie: POST /api/login first; or, at the staff's host, HTTP Basic with an API key and its password")
			return
		}
		next(w, r)
	}
}

// hasAPIKey tells whether a call to the staff's host carries the API key. The cabinet's host takes none.
func (s *Sandbox) hasAPIKey(r *http.Request) bool {
	key, password, ok := r.BasicAuth()
	if !ok || outgoing.Hostname(r.Host) != s.config.Hosts.StaffHost() {
		return false
	}
	// Both are compared, so that the time tells nothing about either.
	rightKey, rightPassword := s.config.APIKey.Equal(key), s.config.Password.Equal(password)
	return rightKey && rightPassword
}

func (s *Sandbox) issueKey(w http.ResponseWriter, r *http.Request) {
	k, ok := s.state.issueKey(clientID(r))
	if !ok {
		failUnknownClient(w)
		return
	}
	succeed(w, keyData(&k))
}

// resetToken is the sign-on of 2020, by the number of the client's user.
func (s *Sandbox) resetToken(w http.ResponseWriter, r *http.Request) {
	user := int64(clientID(r))
	for _, c := range s.state.allClients() {
		if c.UserID != user {
			continue
		}
		if k, ok := s.state.issueKey(c.ID); ok {
			succeed(w, map[string]any{"token": k.Key})
			return
		}
	}
	fail(w, http.StatusOK, priceplan.CodeNotFound, "", "no client's user has this id; it is the number of the client's user, not of the client")
}

func (s *Sandbox) readKey(w http.ResponseWriter, r *http.Request) {
	k, ok := s.state.currentKey(clientID(r))
	if !ok {
		failUnknownClient(w)
		return
	}
	succeed(w, keyData(k))
}

// keyData has the three documented fields, all null when there is no key.
func keyData(k *authKey) map[string]any {
	if k == nil {
		return map[string]any{"key": nil, "expire_date": nil, "link": nil}
	}
	return map[string]any{
		"key":         k.Key,
		"expire_date": k.Expires.Format("2006-01-02 15:04:05.000000-07:00"),
		"link":        "/auth-key/" + k.Key + "/",
	}
}

func (s *Sandbox) readClient(w http.ResponseWriter, r *http.Request) {
	c, ok := s.state.client(clientID(r))
	if !ok {
		failUnknownClient(w)
		return
	}
	succeed(w, map[string]any{
		"id": c.ID, "user_id": c.UserID, "type": c.Type, "name": c.Name, "account_number": c.AccountNumber,
		"blocked": c.Blocked, "balance": kopecks(c.Balance()),
	})
}

// kopecks encodes an amount as a decimal string in rubles, exact to the kopeck.
type kopecks int64

func (k kopecks) MarshalText() ([]byte, error) {
	sign, n := "", int64(k)
	if n < 0 {
		sign, n = "-", -n
	}
	return []byte(sign + strconv.FormatInt(n/100, 10) + "." + strconv.FormatInt(100+n%100, 10)[1:]), nil
}

// clientID returns 0, which no client has, for anything but a number.
func clientID(r *http.Request) priceplan.ClientID {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0
	}
	return priceplan.ClientID(id)
}

func failUnknownClient(w http.ResponseWriter) {
	fail(w, http.StatusOK, priceplan.CodeNotFound, "", "no client has this id; it is the number of the client, not of the client's user")
}

func succeed(w http.ResponseWriter, data any) {
	write(w, http.StatusOK, map[string]any{"success": true, "data": data})
}

// fail answers with the error envelope; advice says how to mend the request.
func fail(w http.ResponseWriter, status int, code priceplan.Code, field, advice string) {
	e := map[string]any{"code": code, "data": advice}
	if field != "" {
		e["field"] = field
	}
	write(w, status, map[string]any{"success": false, "errors": []any{e}})
}

func write(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}
