package outgoing_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
)

// echo answers with what it is given for an answer.
func echo(t *testing.T, kind, body string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Set-Cookie", "session=hidden-cookie")
		w.Header().Set("Location", "/auth-key/hidden-in-a-path/")
		w.Header().Set("X-Plain", "shown")
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server
}

func exchangeOf(t *testing.T, server *httptest.Server, query, kind, question string,
	secrets ...secret.Text) outgoing.Exchange {
	t.Helper()
	c, recorder := client(t)
	recorder.Hide(secrets...)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/path?"+query,
		strings.NewReader(question))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Basic hidden-basic")
	r.Header.Set("Cookie", "a=hidden-cookie")
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	all := recorder.Exchanges()
	if len(all) != 1 {
		t.Fatalf("%d exchanges", len(all))
	}
	return all[0]
}

func TestCredentialsAreNotRecorded(t *testing.T) {
	t.Parallel()
	const form, object = "application/x-www-form-urlencoded", "application/json"
	for name, c := range map[string]struct {
		query, kind, question, answerKind, answer string
		shown                                     []string
	}{
		"JSON": {"", object, `{"user":"shown-user","password":"hidden-1"}`, object,
			`{"success":true,"data":{"key":"hidden-2","link":"/auth-key/hidden-2/","expire_date":"shown-date","inner":[{"auth_hash":"hidden-3"}]},"errors":[{"code":6}]}`,
			[]string{"shown-user", "shown-date", `"code": 6`}},
		"a form": {"", form,
			"store_department_id=shown-id&store_department_key=hidden-1&pin_code=hidden-2", object,
			`{"token":"hidden-3","status":"shown-ok"}`, []string{"shown-id", "shown-ok"}},
		"an address": {"token=hidden-1&origin_user_id=shown-origin&Auth-Hash=hidden-2", form, "", object,
			`{}`, []string{"shown-origin"}},
		"an address that is odd": {"token=hidden-1;%zz", form, "", object, `{}`, nil},
		"a field of any name": {"what=hidden-hidden-hidden-hidden-1", object,
			`{"what":["hidden-0123456789abcdef01234567"]}`, object,
			`{"errors":[{"code":5,"field":"hidden-hidden-hidden-hidden-2"}],"name":"shown with several words, and long"}`, []string{"shown with several words, and long"}},
		"a page": {"", form, "", "text/html", `<input name="token" value="hidden-1">`,
			[]string{"bytes or more of text/html"}},
		"a body that is cut": {"", object, `{"password":"hidden-1","a":"` + strings.Repeat("x", 9000) + `"}`,
			object, `{"key":"hidden-2","a":"` + strings.Repeat("x", 9000) + `"}`, nil},
		"JSON that is broken": {"", object, `{"password":"hidden-1"`, object,
			`{"key":"hidden-2"} {"key":"hidden-3"}`, nil},
		"names in other letters": {"", object,
			`{"Password":"hidden-1","ACCESS_TOKEN":"hidden-2","pin-code":"hidden-3"}`, object,
			`{"key":{"deep":"hidden-4"}}`, nil},
	} {
		e := exchangeOf(t, echo(t, c.answerKind, c.answer), c.query, c.kind, c.question)
		text := fmt.Sprintf("%+v", e)
		if strings.Contains(text, "hidden-") {
			t.Errorf("%s: %s", name, text)
		}
		for _, want := range append(c.shown, "X-Plain", "shown", "•••") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in %s", name, want, text)
			}
		}
	}
}

func TestASecretIsHiddenWhereverItStands(t *testing.T) {
	t.Parallel()
	e := exchangeOf(t, echo(t, "application/json", `{"message":"the+key is a/very long secret","n":4711}`),
		"note=a%2Fvery+long+secret", "application/json", `{"note":"a/very long secret"}`,
		secret.New("a/very long secret"), secret.New("4711"), secret.New(""))
	if text := fmt.Sprintf("%+v", e); strings.Contains(text, "very long") || strings.Contains(text, "very+long") ||
		!strings.Contains(text, "4711") {
		t.Error(text)
	}
}

func TestAnExchangeTellsWhyAndHowMuch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // in which the circuit does not close by what else the machine does
		o := options(patience)
		c := outgoing.NewClientOver(o, &downAt{status: http.StatusBadGateway})
		request := &outgoing.Request{ID: "r"}
		request.UserID.Store(7)
		ctx := outgoing.WithRequest(t.Context(), request)
		for range 2 {
			_, _ = call(ctx, c, http.MethodGet, "http://acme.example/")
		}
		_, _ = call(outgoing.ToSignIn(ctx), c, http.MethodPost, "http://acme.example/")
		var causes []outgoing.Cause
		for i, e := range o.Recorder.Exchanges() {
			causes = append(causes, e.Cause)
			if e.ID != int64(i+1) || e.UserID != 7 || e.RequestID != "r" {
				t.Errorf("%+v", e)
			}
		}
		// Five faults in a row open the circuit.
		if got := fmt.Sprint(causes); got != "[first retry retry first retry open open]" {
			t.Error(got)
		}
	})
}

func TestWhoeverCountsIsToldOfEachAttemptOnceByTheNameOfItsCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := options(patience)
		var told []string
		o.Recorder.Ended = func(e outgoing.Exchange) {
			told = append(told, fmt.Sprint(e.Cause, " ", e.Operation, " ", e.Status, " ", e.Denied, " ", e.Err != ""))
		}
		vendor := &downAt{status: http.StatusOK}
		c := outgoing.NewClientOver(o, vendor)
		ctx := outgoing.Operation(t.Context(), "greeting")
		asked, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://acme.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := c.Do(asked)
		if err != nil {
			t.Fatal(err)
		}
		outgoing.Refuse(response)
		if err := errors.Join(response.Body.Close(), response.Body.Close()); err != nil {
			t.Error(err)
		}
		vendor.status = http.StatusBadGateway
		for range 3 {
			_, _ = call(ctx, c, http.MethodGet, "http://acme.example/")
		}
		o.Recorder.Add(outgoing.Exchange{Cause: outgoing.Customer})
		want := []string{
			"first greeting 200 true false", "first greeting 502 false false", "retry greeting 502 false false",
			"retry greeting 502 false false", "first greeting 502 false false", "retry greeting 502 false false",
			"open greeting 0 false true", "open greeting 0 false true",
		}
		if !slices.Equal(told, want) {
			t.Errorf("%q", told)
		}
	})
}

func TestWhoeverWaitsIsToldOfWhatIsAdded(t *testing.T) {
	t.Parallel()
	var again outgoing.Recorder
	changed := again.Changed()
	again.Add(outgoing.Exchange{Vendor: "x"})
	select {
	case <-changed:
	default:
		t.Error("nobody is told of what was added")
	}
}

// BenchmarkRecording is what remembering costs a call, in one process and without the network.
func BenchmarkRecording(b *testing.B) {
	answer := `{"success":true,"data":{"key":"` + strings.Repeat("k", 50) + `"}}`
	recorder := new(outgoing.Recorder)
	record := outgoing.Recording("test", recorder, network(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(answer))}, nil
	}))
	for b.Loop() {
		r, err := http.NewRequest(http.MethodPost, "http://localhost/api/clients/1001/auth-key/",
			strings.NewReader(`{"user":"manager","password":"password"}`))
		if err != nil {
			b.Fatal(err)
		}
		response, err := record.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}

// BenchmarkMasking is what looking costs, for each exchange that is remembered.
func BenchmarkMasking(b *testing.B) {
	recorder := new(outgoing.Recorder)
	answer := `{"success":true,"data":{"key":"` + strings.Repeat("k", 50) + `","client":{"id":1001,"name":"shown"}}}`
	record := outgoing.Recording("test", recorder, network(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(answer))}, nil
	}))
	r, err := http.NewRequest(http.MethodPost, "http://localhost/api/clients/1001/auth-key/",
		strings.NewReader(`{"user":"manager","password":"password"}`))
	if err != nil {
		b.Fatal(err)
	}
	response, err := record.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	for b.Loop() {
		_ = recorder.Exchanges()
	}
}
