package outgoing_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
)

func TestTheLastSuccessAndFailureOfAVendorOutlive500ExchangesOfOthers(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
	}))
	defer server.Close()
	c, recorder := client(t)
	recorder.Hide(secret.New("hidden-secret"))
	for _, status = range []int{http.StatusForbidden, http.StatusOK, http.StatusNotFound} {
		if _, err := call(t.Context(), c, http.MethodPost, server.URL+"/hidden-secret"); err != nil {
			t.Fatal(err)
		}
	}
	for range 600 {
		recorder.Add(outgoing.Exchange{At: time.Now(), Vendor: "another", Cause: outgoing.FirstTry,
			Status: http.StatusOK})
	}
	if success, failure := recorder.Last("another", false); success == nil || success.ID != 603 || failure != nil {
		t.Errorf("of the other: %+v and %+v", success, failure)
	}
	success, failure := recorder.Last("test", false)
	if success == nil || success.ID != 2 || success.Status != http.StatusOK || failure == nil || failure.ID != 3 ||
		failure.Status != http.StatusNotFound {
		t.Fatalf("%+v and %+v", success, failure)
	}
	if want := server.URL + "/•••"; success.Address != want || failure.Address != want {
		t.Errorf("a credential is shown: %s, %s", success.Address, failure.Address)
	}
	if success, failure := recorder.Last("test", true); success != nil || failure != nil {
		t.Errorf("it has asked: %+v, %+v", success, failure)
	}
}

func TestOnlyWhatSaysHowItGoesWithAVendorIsItsLast(t *testing.T) {
	t.Parallel()
	verified := []outgoing.Checked{{Name: "signature"}}
	for name, c := range map[string]struct {
		e                       outgoing.Exchange
		asks, succeeded, failed bool
	}{
		"a call":                  {outgoing.Exchange{Cause: outgoing.FirstTry, Status: 200}, false, true, false},
		"a retry that is refused": {outgoing.Exchange{Cause: outgoing.Retry, Status: 429}, false, false, true},
		"a sign-in without answer": {outgoing.Exchange{Cause: outgoing.SignIn, Err: "no answer in time"}, false,
			false, true},
		"what was not sent": {outgoing.Exchange{Cause: outgoing.Open, Err: "nobody was asked"}, false, false,
			false},
		"a browser's event": {outgoing.Exchange{Cause: outgoing.Browser, Status: 204}, false, false, false},
		"what is asked and verified": {outgoing.Exchange{Cause: outgoing.Incoming, Status: 200, Checks: verified},
			true, true, false},
		"what is asked and refused": {outgoing.Exchange{Cause: outgoing.Incoming, Status: 403, Checks: verified},
			true, false, true},
		"what a page asks": {outgoing.Exchange{Cause: outgoing.Incoming, Status: 200}, true, false, false},
	} {
		var recorder outgoing.Recorder
		c.e.Vendor = "test"
		recorder.Add(c.e)
		if success, failure := recorder.Last("test", c.asks); (success != nil) != c.succeeded ||
			(failure != nil) != c.failed {
			t.Errorf("%s: %v, %v", name, success, failure)
		}
		if success, failure := recorder.Last("test", !c.asks); success != nil || failure != nil {
			t.Errorf("%s counts the other way round", name)
		}
	}
}

func TestACallerWhoLeavesIsNoFailureOfTheVendors(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer server.Close()
	c, recorder := client(t)
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-asked; leave() }()
	if _, err := call(ctx, c, http.MethodPost, server.URL); err == nil {
		t.Fatal("it was answered")
	}
	if success, failure := recorder.Last("test", false); success != nil || failure != nil ||
		len(recorder.Exchanges()) != 1 {
		t.Errorf("%+v, %+v of %d", success, failure, len(recorder.Exchanges()))
	}
}
