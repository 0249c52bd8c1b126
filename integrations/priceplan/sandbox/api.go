package sandbox

import (
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"kabinet/integrations/outgoing"
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
	handle("POST /api/clients/{id}/auth-key/{$}", "auth-key", s.asManager(s.issueKey))
	handle("GET /api/clients/{id}/auth-key/{$}", "auth-key", s.asManager(s.readKey))
	handle("GET /api/users/{id}/reset_token/{$}", "auth-key", s.asManager(s.resetToken))
	for _, call := range s.calls() {
		method, path, _ := strings.Cut(call.pattern, " ")
		h := s.asManager(call.do)
		handle(method+" "+path, call.operation, h)
		// Published clients write some addresses with a slash at the end and some without.
		if other, ok := strings.CutSuffix(path, "/{$}"); ok {
			handle(method+" "+other, call.operation, h)
		} else {
			handle(method+" "+path+"/{$}", call.operation, h)
		}
	}
	for _, pattern := range lacking {
		mux.HandleFunc(pattern, s.asManager(lacks))
	}
	mux.HandleFunc("/api/key/", lacks) // whose calls are signed, and have no session
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, priceplan.CodeBadRequest, "",
			"no such call here; the sandbox's page of limits, /_sandbox/limits, has those that there are")
	})
}

// lacking are calls that published clients make, and that a portal never needs.
var lacking = []string{
	"/api/products/{id}", "/api/products/{id}/{$}", "/api/productstatuses/", "/api/invoices/", "/api/revenues/",
	"/api/invoicefacts/", "GET /api/subscribes/{id}", "GET /api/subscribes/{id}/{$}", "/api/blocking/",
	"/api/payment_upload", "/api/payment_upload/",
}

func lacks(w http.ResponseWriter, _ *http.Request) {
	fail(w, http.StatusNotFound, priceplan.CodeBadRequest, "",
		"PricePlan has this call, and this sandbox lacks it: a portal does not need it; see /_sandbox/limits")
}

// call is one of the API's calls by a manager.
type call struct {
	pattern, operation string
	do                 http.HandlerFunc
}

func (s *Sandbox) calls() []call {
	return []call{
		{"GET /api/clients/{$}", "clients", s.listClients},
		{"POST /api/clients/{$}", "create-client", s.createClient},
		{"GET /api/clients/{id}", "clients", s.readClient},
		{"POST /api/clients/{id}", "clients", s.updateClient},
		{"DELETE /api/clients/{id}", "clients", s.deleteClient},
		{"POST /api/clients/{id}/increase", "balance", s.moveBalance(true)},
		{"POST /api/clients/{id}/decrease", "balance", s.moveBalance(false)},
		{"GET /api/products/{$}", "products", s.listProducts},
		{"POST /api/subscribes/pre", "subscribes", s.quoteSubscribe},
		{"POST /api/subscribes/{$}", "subscribes", s.createSubscribe},
		{"GET /api/subscribes/{$}", "subscribes", s.listSubscribes},
		{"POST /api/subscribes/{id}", "subscribes", s.updateSubscribe},
		{"GET /api/documents/{$}", "documents", s.listDocuments},
		{"GET /api/invoices/{id}/download", "documents", s.downloadInvoice(false)},
		{"GET /api/invoices/{id}/download/stamp", "documents", s.downloadInvoice(true)},
	}
}

// login takes JSON whatever the Content-Type says: the vendor's own samples leave it out.
func (s *Sandbox) login(w http.ResponseWriter, r *http.Request) {
	var body struct {
		User     *string `json:"user"`
		Password *string `json:"password"`
	}
	if err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, maxBody), &body); err != nil {
		fail(w, http.StatusOK, priceplan.CodeInvalidData, "",
			`the body is not JSON such as {"user": "…", "password": "…"}`)
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
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: s.state.beginManager(), Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.config.Hosts.HTTPS})
	succeed(w, map[string]any{})
}

func (s *Sandbox) asManager(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(sessionCookie)
		if (err != nil || !s.state.isManager(c.Value)) && !s.hasAPIKey(r) {
			s.signedOut(w)
			return
		}
		next(apiWriter{w, s.state.currentSettings().Refusal}, r)
	}
}

// signedOut is how a call without a session is refused.
func (s *Sandbox) signedOut(w http.ResponseWriter) {
	status := s.state.currentSettings().SignedOut
	if status == http.StatusFound {
		w.Header().Set("Location", "/")
	}
	fail(w, status, priceplan.CodeBadRequest, "",
		"the call needs a manager's session cookie: POST /api/login first; or, at the staff's host, HTTP "+
			"Basic with an API key and its password")
}

// apiWriter writes the answer to a call, and knows with which status one is refused.
type apiWriter struct {
	http.ResponseWriter
	refusal int
}

// hasAPIKey reports whether a call to the staff's host carries the API key. The cabinet's host takes none.
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
	k, err := s.state.issueKey(pathClient(r))
	answer(w, keyData(&k), err)
}

// resetToken is the sign-on of 2020, by the number of the client's user.
func (s *Sandbox) resetToken(w http.ResponseWriter, r *http.Request) {
	user := priceplan.UserID(pathNumber(r))
	for _, c := range s.state.presentClients() {
		if c.UserID != user {
			continue
		}
		if k, err := s.state.issueKey(c.ID); err == nil {
			succeed(w, map[string]any{"token": k.Key})
			return
		}
	}
	fail(w, http.StatusOK, priceplan.CodeNotFound, "",
		"no client's user has this id; it is the number of the client's user, not of the client")
}

func (s *Sandbox) readKey(w http.ResponseWriter, r *http.Request) {
	k, err := s.state.currentKey(pathClient(r))
	answer(w, keyData(k), err)
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

// pathNumber is the number in an address: 0, which nothing has, for anything but a number.
func pathNumber(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// pathClient is the client that an address names.
func pathClient(r *http.Request) priceplan.ClientID { return priceplan.ClientID(pathNumber(r)) }

// answer succeeds with data, or fails with a mistake.
func answer(w http.ResponseWriter, data any, err error) {
	if err != nil {
		failWith(w, err)
		return
	}
	succeed(w, data)
}

// failWith answers with a mistake. No other error comes from the ledger or from reading a call.
func failWith(w http.ResponseWriter, err error) {
	m, ok := errors.AsType[mistake](err)
	if !ok {
		m = mistake{priceplan.CodeUnknown, "", "the sandbox is wrong here"}
	}
	fail(w, http.StatusOK, m.code, m.field, m.advice)
}

func succeed(w http.ResponseWriter, data any) {
	write(w, http.StatusOK, map[string]any{"success": true, "data": data})
}

// fail answers with the error envelope; advice says how to mend the request.
func fail(w http.ResponseWriter, status int, code priceplan.Code, field, advice string) {
	if a, ok := w.(apiWriter); ok && status == http.StatusOK {
		status = a.refusal
	}
	write(w, status, errorEnvelope(code, field, advice))
}

func errorEnvelope(code priceplan.Code, field, advice string) map[string]any {
	e := map[string]any{"code": code, "data": advice}
	if field != "" {
		e["field"] = field
	}
	return map[string]any{"success": false, "errors": []any{e}}
}

// readBody reads a call's JSON, whatever the Content-Type says. Fields that are not known are
// refused, so that a misspelt one is noticed.
func readBody(w http.ResponseWriter, r *http.Request, into any) error {
	err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, maxBody), into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	if m, ok := errors.AsType[mistake](err); ok {
		return m
	}
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		field := wrong.JSONPointer.LastToken()
		if errors.Is(err, json.ErrUnknownName) {
			return mistake{priceplan.CodeUnknownField, field, "the field is not known here"}
		}
		return mistake{priceplan.CodeInvalidArgument, field, "it must be " + jsonType(wrong.GoType)}
	}
	return mistake{priceplan.CodeInvalidData, "", "the body is not a JSON object"}
}

// jsonType says in JSON's words what a value of a type is.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Map, reflect.Struct:
		return "an object"
	default:
		return "a number"
	}
}

func write(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_ = json.MarshalWrite(w, body, json.Deterministic(true))
}
