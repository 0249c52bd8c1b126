package priceplan_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	frame "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

var pyotr = priceplan.NewClient{Type: priceplan.NaturalPerson, Name: "Пётр Иванов", ExternalID: "42"}

// clients counts PricePlan's clients.
func (v *vendor) clients(t *testing.T) int {
	t.Helper()
	_, count, err := v.byKey(t, callPatience).Clients(t.Context(), priceplan.ClientsQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

func TestANewClientHasACabinet(t *testing.T) {
	t.Parallel()
	v := start(t)
	id, err := v.client.CreateClient(t.Context(), pyotr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.client.AuthKey(t.Context(), id); err != nil {
		t.Error(err)
	}
	if n := v.clients(t); n != 5 {
		t.Errorf("there are %d clients", n)
	}
	if _, err := v.client.CreateClient(t.Context(), priceplan.NewClient{Type: priceplan.LegalEntity}); !errors.Is(err, priceplan.CodeEmptyValue) {
		t.Errorf("without a name: %v", err)
	}
}

// Names are written as they always were.
func TestANewClientIsWrittenInItsOwnWay(t *testing.T) {
	t.Parallel()
	var sent []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"success":true,"data":[],"count":0}`)
			return
		}
		sent, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, `{"success":true,"data":{"id":1005}}`)
	}))
	defer server.Close()
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	client, err := priceplan.New(priceplan.Config{
		Hosts:  priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost:" + port},
		APIKey: secret.New("key"), Password: secret.New("password"), HTTP: httpClient(new(outgoing.Recorder), callPatience),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		`ООО "Рога & <Копыта>"`: `ООО \"Рога \u0026 \u003cКопыта\u003e\"`,
		"a\u2028b":              `a\u2028b`,
		"a\xffb":                "a\ufffdb", // what is no text keeps nobody from becoming a client
	} {
		id, err := client.CreateClient(t.Context(), priceplan.NewClient{Type: priceplan.LegalEntity, Name: name})
		if want = `{"name":"` + want + `","signed_values":{},"type":1}`; err != nil || id != 1005 || string(sent) != want {
			t.Errorf("%q: %v, %s, want %s", name, err, sent, want)
		}
	}
}

// Whoever creates a client must know when it can be tried again without making a second one.
func TestAFailedCreationTellsWhetherItWasCertainlyNotDone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		operation string
		fault     frame.Fault
		want      error
		notDone   bool
		clients   int // after a second try
	}{
		{"an answer without success", "create-client", frame.Fault{Forget: true, Status: 200, Body: `{"data":{"id":1005}}`}, priceplan.ErrUnexpected, false, 6},
		{"an answer of nothing", "create-client", frame.Fault{Forget: true, Status: 201, Body: `null`}, priceplan.ErrUnexpected, false, 6},
		{"a refusal without a reason", "create-client", frame.Fault{Forget: true, Status: 200, Body: `{"success":false,"errors":[{"code":-1}]}`}, priceplan.ErrRefused, false, 6},
		{"time ran out at PricePlan", "create-client", frame.Fault{Forget: true, Status: 408, Body: `{"success":false,"errors":[{"code":7}]}`}, priceplan.ErrRefused, false, 6},
		{"it is refused", "create-client", frame.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":36}]}`}, priceplan.CodeMaximumClients, true, 5},
		{"it is asked to wait", "create-client", frame.Fault{Status: 429, RetryAfter: 7}, priceplan.ErrTooMany, true, 5},
		{"the manager is refused", "create-client", frame.Fault{Status: 403}, priceplan.ErrSignIn, true, 5},
		{"the sign-in fails", "login", frame.Fault{Status: 500}, priceplan.ErrUnavailable, true, 5},
		{"the sign-in hangs", "login", frame.Fault{Hold: true}, priceplan.ErrTimeout, true, 5},
		{"the call before it fails", "clients", frame.Fault{Status: 500}, priceplan.ErrUnavailable, true, 5},
		{"500", "create-client", frame.Fault{Status: 500}, priceplan.ErrUnavailable, false, 5},
		{"a redirect", "create-client", frame.Fault{Status: 302}, priceplan.ErrUnexpected, false, 5},
		{"a page", "create-client", frame.Fault{Status: 200, Body: "<html>", ContentType: "text/html"}, priceplan.ErrUnexpected, false, 5},
		{"no id", "create-client", frame.Fault{Status: 200, Body: `{"success":true,"data":{}}`}, priceplan.ErrUnexpected, false, 5},
		{"no answer", "create-client", frame.Fault{Hold: true}, priceplan.ErrTimeout, false, 5},
		{"no answer although it was done", "create-client", frame.Fault{Forget: true, Hang: true}, priceplan.ErrTimeout, false, 6},
		{"500 although it was done", "create-client", frame.Fault{Forget: true, Status: 500}, priceplan.ErrUnavailable, false, 6},
		{"the connection breaks", "create-client", frame.Fault{Break: true}, priceplan.ErrUnavailable, false, 5},
		{"a reset although it was done", "create-client", frame.Fault{Forget: true, Reset: true}, priceplan.ErrUnavailable, false, 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := start(t)
			if err := v.Faults().Set(tt.operation, tt.fault); err != nil {
				t.Fatal(err)
			}
			ctx, failing := newExpiring(t), make(calls, 1)
			failing.call(func() error { _, err := v.client.CreateClient(ctx, pyotr); return err })
			if tt.want == priceplan.ErrTimeout {
				until(t, "it is held, or done", func() bool {
					return v.Faults().Held(tt.operation) == 1 || v.clients(t) > 4
				})
				ctx.expire()
			}
			err := failing.wait(t)
			e, ok := errors.AsType[*priceplan.Error](err)
			if !ok || !errors.Is(err, tt.want) || e.NotDone != tt.notDone {
				t.Errorf("%#v", err)
			}
			if n := v.calls("/api/clients/"); tt.operation == "create-client" && tt.want != priceplan.ErrSignIn && n != 2 {
				t.Errorf("%d calls: it was repeated", n)
			}
			until(t, "who has left is held no longer", func() bool { return v.Faults().Held(tt.operation) == 0 })
			v.Faults().Clear()
			v.forward(time.Minute)
			if _, err := v.client.CreateClient(t.Context(), pyotr); err != nil {
				t.Error(err)
			}
			if n := v.clients(t); n != tt.clients {
				t.Errorf("there are %d clients, want %d", n, tt.clients)
			}
		})
	}
}

func TestASessionThatEndedIsRenewedBeforeAClientIsCreated(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]frame.Fault{"a redirect": {Status: 302, Times: 1}, "a page": {Status: 200, Body: "<html>", Times: 1}} {
		v := start(t)
		if err := v.Faults().Set("clients", fault); err != nil {
			t.Fatal(err)
		}
		if _, err := v.client.CreateClient(t.Context(), pyotr); err != nil || v.calls("/login") != 2 {
			t.Errorf("%s: %v after %d sign-ins", name, err, v.calls("/login"))
		}
	}
	// It may also end between the two calls.
	v := start(t)
	if err := v.Faults().Set("create-client", frame.Fault{Status: 401, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := v.client.CreateClient(t.Context(), pyotr); err != nil || v.clients(t) != 5 {
		t.Errorf("%v", err)
	}
}

func TestACallThatReachedNobodyWasCertainlyNotDone(t *testing.T) {
	t.Parallel()
	v := start(t)
	config := v.config
	config.Hosts.Domain = "nobody.localhost:1"         // which takes privileges to listen at
	config.User, config.APIKey = "", secret.New("key") // so that no sign-in stands before the call
	client, err := priceplan.New(config)
	if err != nil {
		t.Fatal(err)
	}
	for range 6 { // the last is not even tried: PricePlan is being spared
		_, err = client.AuthKey(t.Context(), 1001)
		if e, ok := errors.AsType[*priceplan.Error](err); !ok || !e.NotDone {
			t.Errorf("%v", err)
		}
	}
}

func TestRetryAfterIsReadInBothOfItsForms(t *testing.T) {
	t.Parallel()
	v := start(t)
	const date = "Mon, 02 Nov 2026 12:00:00 GMT" // PricePlan's clock, not ours
	for text, want := range map[string]time.Duration{
		"30":                            30 * time.Second,
		"Mon, 02 Nov 2026 12:02:00 GMT": 2 * time.Minute,
		"Mon, 02 Nov 2026 11:00:00 GMT": 0,
		"-5":                            0,
		"86401":                         0,
		"soon":                          0,
		"":                              0,
	} {
		busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", date)
			w.Header().Set("Retry-After", text)
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		_, port, _ := strings.Cut(busy.Listener.Addr().String(), ":")
		config := v.config
		config.Hosts.Domain = "busy.localhost:" + port
		client, err := priceplan.New(config)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.AuthKey(t.Context(), 1001)
		if e, ok := errors.AsType[*priceplan.Error](err); !ok || e.Kind != priceplan.ErrTooMany || e.RetryAfter != want {
			t.Errorf("%q: %#v", text, err)
		}
		busy.Close()
	}
}
