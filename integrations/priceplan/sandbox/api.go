package sandbox

import (
	"cmp"
	"errors"
	"net/http"
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json"

	"kabinet/integrations/priceplan"
)

// sessionCookie is the manager's; its real name is not documented.
const sessionCookie = "sessionid"

// maxBody bounds what is read of a request, in bytes.
const maxBody = 64 << 10

func (s *Sandbox) registerAPI(mux *http.ServeMux) {
	handle := func(pattern, operation string, h http.HandlerFunc) {
		mux.Handle(pattern, s.Faults().Handler(operation, h))
	}
	handle("POST /api/login", "login", s.login)
	handle("POST /api/clients/{id}/auth-key/{$}", "auth-key", s.answer(s.issueKey))
	handle("GET /api/clients/{id}/auth-key/{$}", "auth-key", s.answer(s.readKey))
	handle("GET /api/users/{id}/reset_token/{$}", "auth-key", s.answer(s.resetToken))
	// Published clients write some addresses with a slash at the end and some without.
	both := func(pattern, operation string, h http.HandlerFunc) {
		handle(pattern, operation, h)
		handle(pattern+"/{$}", operation, h)
	}
	both("GET /api/clients", "clients", s.answer(listing(clientList, s.state.allClients)))
	both("POST /api/clients", "create-client", s.answer(reading(s.createClient)))
	both("GET /api/clients/{id}", "clients", s.answer(s.readClient))
	both("POST /api/clients/{id}", "clients", s.answer(reading(s.updateClient)))
	both("DELETE /api/clients/{id}", "clients", s.answer(s.deleteClient))
	both("POST /api/clients/{id}/increase", "balance", s.answer(reading(s.moveBalance(true))))
	both("POST /api/clients/{id}/decrease", "balance", s.answer(reading(s.moveBalance(false))))
	both("GET /api/products", "products", s.answer(listing(productList, s.namedProducts)))
	both("POST /api/subscribes/pre", "subscribes", s.answer(reading(s.quoteSubscribe)))
	both("POST /api/subscribes", "subscribes", s.answer(reading(s.createSubscribe)))
	both("GET /api/subscribes", "subscribes", s.answer(listing(subscribeList, s.subscribes)))
	both("POST /api/subscribes/{id}", "subscribes", s.answer(reading(s.updateSubscribe)))
	both("GET /api/documents", "documents", s.answer(listing(documentList, s.state.documents)))
	both("GET /api/invoices/{id}/download", "documents", s.asManager(s.downloadInvoice(false)))
	both("GET /api/invoices/{id}/download/stamp", "documents", s.asManager(s.downloadInvoice(true)))
	for _, pattern := range lacking {
		mux.HandleFunc(pattern, s.asManager(lacks))
	}
	mux.HandleFunc("/api/key/", lacks) // whose calls are signed, and have no session
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, mistake{priceplan.CodeBadRequest, "",
			"no such call here; the sandbox's page of limits, /_sandbox/limits, has those that there are"})
	})
}

// lacking are calls that published clients make, and that a portal never needs.
var lacking = []string{
	"/api/products/{id}", "/api/products/{id}/{$}", "/api/productstatuses/", "/api/invoices/", "/api/revenues/",
	"/api/invoicefacts/", "GET /api/subscribes/{id}", "GET /api/subscribes/{id}/{$}", "/api/blocking/",
	"/api/payment_upload", "/api/payment_upload/",
}

func lacks(w http.ResponseWriter, _ *http.Request) {
	fail(w, http.StatusNotFound, mistake{priceplan.CodeBadRequest, "",
		"PricePlan has this call, and this sandbox lacks it: a portal does not need it; see /_sandbox/limits"})
}

// login takes JSON whatever the Content-Type says: the vendor's own samples leave it out.
func (s *Sandbox) login(w http.ResponseWriter, r *http.Request) {
	var body struct {
		User     *string `json:"user"`
		Password *string `json:"password"`
	}
	err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, maxBody), &body)
	var wrong mistake
	switch {
	case err != nil:
		wrong = mistake{priceplan.CodeInvalidData, "", `the body is not JSON such as {"user": "…", "password": "…"}`}
	case body.User == nil:
		wrong = missing("user")
	case body.Password == nil:
		wrong = missing("password")
	}
	if wrong != (mistake{}) {
		fail(w, http.StatusOK, wrong)
		return
	}
	// Both are compared, so that the time tells nothing about either.
	user, password := s.config.User.Equal(*body.User), s.config.Password.Equal(*body.Password)
	if !user || !password {
		fail(w, http.StatusUnauthorized,
			mistake{priceplan.CodeInvalidData, "", "no manager has this user and password"})
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: s.state.beginManager(), Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.config.Hosts.HTTPS})
	succeed(w, map[string]any{})
}

func (s *Sandbox) asManager(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(sessionCookie)
		if err == nil && s.state.isManager(c.Value) || s.hasAPIKey(r) {
			next(w, r)
			return
		}
		status := s.settings.Get().SignedOut
		if status == http.StatusFound {
			w.Header().Set("Location", "/")
		}
		fail(w, status, mistake{priceplan.CodeBadRequest, "", "the call needs a manager's session cookie: " +
			"POST /api/login first; or, at the staff's host, HTTP Basic with an API key and its password"})
	}
}

// hasAPIKey reports whether a call to the staff's host carries the API key. The cabinet's host takes none.
func (s *Sandbox) hasAPIKey(r *http.Request) bool {
	key, password, ok := r.BasicAuth()
	if !ok || !s.isStaff(r) {
		return false
	}
	// Both are compared, so that the time tells nothing about either.
	rightKey, rightPassword := s.config.APIKey.Equal(key), s.config.Password.Equal(password)
	return rightKey && rightPassword
}

func (s *Sandbox) issueKey(r *http.Request) (any, error) {
	k, err := s.state.issueKey(pathClient(r))
	return keyData(&k), err
}

// resetToken is the sign-on of 2020, by the number of the client's user.
func (s *Sandbox) resetToken(r *http.Request) (any, error) {
	user := priceplan.UserID(pathNumber(r))
	for _, c := range s.state.presentClients() {
		if c.UserID != user {
			continue
		}
		if k, err := s.state.issueKey(c.ID); err == nil {
			return map[string]any{"token": k.Key}, nil
		}
	}
	return nil, unknownUser
}

func (s *Sandbox) readKey(r *http.Request) (any, error) {
	k, err := s.state.currentKey(pathClient(r))
	return keyData(k), err
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

// pathNumber is the number in an address: one that nothing has, for anything but a number.
func pathNumber(r *http.Request) int64 {
	n, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	return n
}

// pathClient is the client that an address names.
func pathClient(r *http.Request) priceplan.ClientID { return priceplan.ClientID(pathNumber(r)) }

// answer makes a call of a manager's, and answers with the data that it returns, or with its mistake. No other error
// comes from the ledger or from reading a call.
func (s *Sandbox) answer(call func(*http.Request) (any, error)) http.HandlerFunc {
	return s.asManager(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		data, err := call(r)
		if err == nil {
			succeed(w, data)
			return
		}
		m, ok := errors.AsType[mistake](err)
		if !ok {
			m = mistake{priceplan.CodeUnknown, "", "the sandbox is wrong here"}
		}
		fail(w, s.settings.Get().Refusal, m)
	})
}

func succeed(w http.ResponseWriter, data any) {
	body := map[string]any{"success": true, "data": data}
	if l, ok := data.(listed); ok {
		body["data"], body["count"] = l.rows, l.count
	}
	write(w, http.StatusOK, body)
}

// fail answers with the error envelope; its advice says how to mend the request.
func fail(w http.ResponseWriter, status int, m mistake) { write(w, status, m.envelope()) }

// reading is a call with a JSON object as its body, whatever the Content-Type says. Fields that are not known are
// refused, so that a misspelt one is noticed.
func reading[T any](do func(*http.Request, T) (any, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		var body T
		err := json.UnmarshalRead(r.Body, &body, json.RejectUnknownMembers(true))
		if err == nil {
			return do(r, body)
		}
		if m, ok := errors.AsType[mistake](err); ok {
			return nil, m
		}
		wrong, ok := errors.AsType[*json.SemanticError](err)
		if !ok {
			return nil, mistake{priceplan.CodeInvalidData, "", "the body is not a JSON object"}
		}
		field := wrong.JSONPointer.LastToken()
		if errors.Is(err, json.ErrUnknownName) {
			return nil, mistake{priceplan.CodeUnknownField, field, "the field is not known here"}
		}
		kind := cmp.Or(inJSON[wrong.GoType.Kind()], "a number")
		return nil, mistake{priceplan.CodeInvalidArgument, field, "it must be " + kind}
	}
}

// inJSON is what values are called in JSON that are not numbers there.
var inJSON = map[reflect.Kind]string{reflect.String: "a text", reflect.Map: "an object", reflect.Struct: "an object"}

func write(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_ = json.MarshalWrite(w, body, json.Deterministic(true))
}
