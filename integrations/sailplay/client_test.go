package sailplay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kabinet/integrations/secret"
)

const (
	testSecret, testKey, testPin = "0a1b2c3d4e5f60718293a4b5c6d7e8", "the-department-key", "pin-4711" // which no port can hold
	testToken                    = "4f0c9a7e1d2b3c485f60718293a4b5c6d7e8f901"
	testHash                     = "91a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4"
)

var testNow = time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)

// vendor answers calls by their paths, and signs in as often as it is asked to.
type vendor struct {
	answers map[string]string
	status  int
	logins  atomic.Int32
	expired atomic.Bool // the token is bad until somebody signs in
	asked   sync.Map    // path → the last request's parameters
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		panic(err)
	}
	v.asked.Store(r.URL.Path, r.Form)
	if v.status != 0 {
		w.WriteHeader(v.status)
	}
	switch answer, ok := v.answers[r.URL.Path]; {
	case ok && !(strings.HasPrefix(r.URL.Path, "/api/v2/users/") && v.expired.Load()):
		fmt.Fprint(w, answer)
	case r.URL.Path == "/api/v2/login/":
		v.logins.Add(1)
		v.expired.Store(false)
		fmt.Fprintf(w, `{"status": "ok", "token": %q, "pin_codes": []}`, testToken)
	default:
		fmt.Fprint(w, `{"status": "error", "message": "bad token", "status_code": -7}`)
	}
}

func open(t *testing.T, v *vendor) *Client {
	t.Helper()
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	c, err := New(Config{
		URL: server.URL, PartnerID: "7301", DepartmentID: "9104", Secret: secret.New(testSecret), DepartmentKey: secret.New(testKey),
		PinCode: secret.New(testPin), HTTP: server.Client(),
		Now: func() time.Time { return testNow }, // nothing ends by itself
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const infoPath = "/api/v2/users/info/"

func TestAMembersPointsAndHistoryAreRead(t *testing.T) {
	t.Parallel()
	v := &vendor{answers: map[string]string{infoPath: `{"status": "ok", "id": 5, "origin_user_id": "abc", "first_name": "Анна", "phone": 79120000001, "email": null, "new_key": {"x": []},
		"points": {"total": "150", "confirmed": 120.0, "unconfirmed": 30, "spent": null},
		"history": [{"id": "7", "action": "purchase", "action_date": "2026-10-01T12:00:00", "at": {}, "is_completed": 1, "points_delta": "15", "price": 150.5, "order_num": "A-1"}, {"action_date": "yesterday", "is_completed": "false"}, {"action_date": "2026-01-01T00:00:00+24:00"}, {"action_date": "0000-01-01"}],
		"auth_hash": "` + testHash + `"}`}}
	u, err := open(t, v).UserInfo(t.Context(), "abc", Want{History: true, AuthHash: true})
	if err != nil {
		t.Fatal(err)
	}
	if u.FirstName != "Анна" || u.Phone != "79120000001" || u.Email != "" || u.Points != (Points{Total: 150, Confirmed: 120, Unconfirmed: 30}) || u.AuthHash.Reveal() != testHash {
		t.Errorf("%+v", u)
	}
	want := Entry{ID: 7, Action: "purchase", At: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC), OrderNum: "A-1", Price: "150.5", Delta: 15, Completed: true}
	if _, err := json.Marshal(u.History); err != nil {
		t.Error(err)
	}
	if len(u.History) != 4 || !u.History[3].At.IsZero() || u.History[0] != want || !u.History[1].At.IsZero() || u.History[1].Completed {
		t.Errorf("the history is %+v", u.History)
	}
	asked, _ := v.asked.Load(infoPath)
	if form := fmt.Sprint(asked); !strings.Contains(form, "history:[1]") || !strings.Contains(form, "extra_fields:[auth_hash]") || !strings.Contains(form, testToken) {
		t.Errorf("it was asked by %s", form)
	}
}

func TestWhatABrowserBroughtBackIsExchanged(t *testing.T) {
	t.Parallel()
	v := &vendor{answers: map[string]string{hashPath: `{"auth_hash": "` + testHash + `", "origin_user_id": "origin151"}`}}
	c := open(t, v)
	const back = "http://localhost:8080/sailplay/callback/x?y=%20"
	j, err := c.GetAuthHash(t.Context(), "origin354", secret.New("code"), back)
	if err != nil || j.OriginUserID != "origin151" || !j.Other || j.AuthHash.Reveal() != testHash {
		t.Errorf("%+v, %v", j, err)
	}
	asked, _ := v.asked.Load(hashPath)
	if form := fmt.Sprint(asked); form != fmt.Sprintf("map[code:[code] origin_user_id:[origin354] redirect_url:[%s] secret:[%s] store_department_id:[9104]]", back, testSecret) {
		t.Errorf("it was asked by %s", form)
	}
	if v.logins.Load() != 0 {
		t.Error("there was a sign-in for nothing")
	}
	if address := c.AuthorizeURL(back); !strings.HasSuffix(address, "/auth/authorize/?partner_id=7301&redirect_url=http%3A%2F%2Flocalhost%3A8080%2Fsailplay%2Fcallback%2Fx%3Fy%3D%2520&store_department_id=9104") {
		t.Error(address)
	}
}

func TestAnExchangeThatBringsNothingUsableIsNone(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{}`, `{"status": "ok"}`, `{"auth_hash": "", "origin_user_id": "x"}`, `{"auth_hash": "` + testHash + `"}`, `{"auth_hash": "a b", "origin_user_id": "x"}`,
		`{"auth_hash": "` + strings.Repeat("a", 300) + `", "origin_user_id": "x"}`, `{"auth_hash": "` + testHash + `", "origin_user_id": "я"}`, `{"auth_hash": [], "origin_user_id": "x"}`,
	} {
		if j, err := open(t, &vendor{answers: map[string]string{hashPath: answer}}).GetAuthHash(t.Context(), "x", secret.New("code"), "http://localhost/"); !errors.Is(err, ErrUnexpected) {
			t.Errorf("%.60s: %+v, %v", answer, j, err)
		}
	}
	if _, err := open(t, &vendor{answers: map[string]string{hashPath: `{"status": "error", "message": "no"}`}}).GetAuthHash(t.Context(), "x", secret.New("code"), "http://localhost/"); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
}

func TestEachAnswerIsOfOneKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer string
		status       int
		kind         error
		code         Code
	}{
		{"no such user", `{"status": "error", "message": "x", "status_code": -4000}`, 0, ErrRefused, CodeNoUser},
		{"a code as a text", `{"status": "error", "status_code": "-5102"}`, 0, ErrRefused, CodePhoneTaken},
		{"refused with a status", `{"status": "error"}`, 400, ErrRefused, 0},
		{"no JSON", `<html>`, 0, ErrUnexpected, 0},
		{"a list", `[]`, 0, ErrUnexpected, 0},
		{"points that are none", `{"status": "ok", "points": {"total": "many"}}`, 0, ErrUnexpected, 0},
		{"points with a fraction", `{"status": "ok", "points": {"total": 1.5}}`, 0, ErrUnexpected, 0},
		{"points beyond counting", `{"status": "ok", "points": {"total": 1e30}}`, 0, ErrUnexpected, 0},
		{"a name that is a list", `{"status": "ok", "first_name": []}`, 0, ErrUnexpected, 0},
		{"a name without end", `{"status": "ok", "first_name": "` + strings.Repeat("x", 2000) + `"}`, 0, ErrUnexpected, 0},
		{"an answer without end", `{"status": "ok", "x": "` + strings.Repeat("x", maxBody) + `"}`, 0, ErrUnexpected, 0},
		{"nothing", `{}`, 0, ErrUnexpected, 0},
		{"null", `null`, 0, ErrUnexpected, 0},
		{"no points", `{"status": "ok", "origin_user_id": "abc"}`, 0, ErrUnexpected, 0},
		{"no status", `{"origin_user_id": "abc", "points": {"total": 1}}`, 0, ErrUnexpected, 0},
		{"somebody else", `{"status": "ok", "origin_user_id": "abcd", "points": {"total": 1}}`, 0, ErrUnexpected, 0},
		{"a redirect", ``, 302, ErrUnexpected, 0},
		{"not found", `{"x": 1}`, 404, ErrUnexpected, 0},
		{"down", `{"status": "ok"}`, 502, ErrUnavailable, 0},
		{"asked to wait", `{"status": "ok"}`, 429, ErrUnavailable, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := &vendor{answers: map[string]string{infoPath: tt.answer}}
			c := open(t, v)
			if _, err := c.token.Get(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			v.status = tt.status
			_, err := c.UserInfo(t.Context(), "abc", Want{})
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Kind != tt.kind || e.Code != tt.code {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestOneSignInRenewsTheTokenForAll(t *testing.T) {
	t.Parallel()
	v := &vendor{answers: map[string]string{infoPath: `{"status": "ok", "origin_user_id": "abc", "points": {}}`}}
	c := open(t, v)
	ask := func() {
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := c.UserInfo(t.Context(), "abc", Want{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	ask()
	if n := v.logins.Load(); n != 1 {
		t.Errorf("%d sign-ins at first", n)
	}
	v.expired.Store(true)
	ask()
	if n := v.logins.Load(); n != 2 {
		t.Errorf("%d sign-ins after the token has expired", n)
	}
}

func TestARefusedDepartmentIsNotTriedAgainAndAgain(t *testing.T) {
	t.Parallel()
	v := &vendor{answers: map[string]string{"/api/v2/login/": `{"status": "error", "message": "Provide store_department_key, store_department_id and pin_code", "status_code": -2}`}}
	c := open(t, v)
	for range 3 {
		if _, err := c.UserInfo(t.Context(), "abc", Want{}); !errors.Is(err, ErrSignIn) || !errors.Is(err, CodeSignIn) {
			t.Error(err)
		}
	}
	v.asked.Delete("/api/v2/login/")
	if _, err := c.UserInfo(t.Context(), "abc", Want{}); !errors.Is(err, ErrSignIn) {
		t.Error(err)
	}
	if _, again := v.asked.Load("/api/v2/login/"); again {
		t.Error("it was tried again at once")
	}
}

func TestATokenThatIsBadAtOnceIsNoReasonToSignInForEver(t *testing.T) {
	t.Parallel()
	v := &vendor{answers: map[string]string{}} // every call is answered by -7
	if _, err := open(t, v).UserInfo(t.Context(), "abc", Want{}); !errors.Is(err, ErrSignIn) || v.logins.Load() != 2 {
		t.Errorf("%v after %d sign-ins", err, v.logins.Load())
	}
}

func TestNoCredentialIsInAnError(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for answer, status := range map[string]int{`{"status": "error", "message": "` + testSecret + testToken + testKey + testPin + testHash + `"}`: 0, "<html>" + testHash: 0, testToken: 500} {
		v := &vendor{answers: map[string]string{infoPath: answer, hashPath: answer, "/api/v2/users/add/": answer}, status: status}
		c := open(t, v)
		_, one := c.UserInfo(t.Context(), "abc", Want{AuthHash: true})
		_, two := c.GetAuthHash(t.Context(), "abc", secret.New("the-code"), "http://localhost/")
		_, three := c.AddUser(t.Context(), NewUser{Phone: "+79120000001"})
		_, four := c.UserInfo(ended, "abc", Want{})
		said := fmt.Sprint(one, two, three, four, fmt.Sprintf("%+v", c.config))
		for _, credential := range []string{testSecret, testToken, testKey, testPin, testHash, "the-code"} {
			if strings.Contains(said, credential) {
				t.Errorf("%s is in %s", credential, said)
			}
		}
		if one == nil || two == nil || three == nil || four == nil {
			t.Error("an error is missing")
		}
	}
}

func TestAnImpossibleConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	good := Config{URL: "https://sailplay.ru", PartnerID: "1", DepartmentID: "2", Secret: secret.New("s"), DepartmentKey: secret.New("k"), PinCode: secret.New("p")}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Config){
		"no origin":    func(c *Config) { c.URL = "sailplay.ru" },
		"a path":       func(c *Config) { c.URL += "/x" },
		"a slash":      func(c *Config) { c.URL += "/" },
		"a fragment":   func(c *Config) { c.URL += "#x" },
		"a query":      func(c *Config) { c.URL += "?" },
		"plain http":   func(c *Config) { c.URL = "http://sailplay.ru" },
		"a partner":    func(c *Config) { c.PartnerID = "1/2" },
		"a department": func(c *Config) { c.DepartmentID = "" },
		"no secret":    func(c *Config) { c.Secret = secret.Text{} },
		"no key":       func(c *Config) { c.DepartmentKey = secret.Text{} },
		"no pin code":  func(c *Config) { c.PinCode = secret.Text{} },
	} {
		c := good
		spoil(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
}
