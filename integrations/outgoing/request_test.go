package outgoing_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/outgoing"
)

func TestWhatIsReportedThroughTheContextIsRecordedWithTheRequest(t *testing.T) {
	t.Parallel()
	r := &outgoing.Request{ID: "the request"}
	r.UserID.Store(7)
	ctx := outgoing.WithRequest(t.Context(), r)
	if err := outgoing.Step(ctx, "form", nil); err != nil {
		t.Error(err)
	}
	wrong := errors.New("signed by somebody else")
	if err := outgoing.Step(ctx, "signature", wrong); !errors.Is(err, wrong) {
		t.Errorf("the step returns %v", err)
	}
	outgoing.Claims(ctx, []byte(`{"deal":5,"password":"secret"}`))
	outgoing.Handed(ctx, map[string]string{"visitor": "anna"})
	recorder := new(outgoing.Recorder)
	recorder.AddAsked(r, outgoing.Exchange{Vendor: "x"}, nil)
	recorder.AddAsked(r, outgoing.Exchange{Vendor: "x"}, []byte(`{"answered":true}`))
	all := recorder.Exchanges()
	e := all[0]
	if e.RequestID != "the request" || e.UserID != 7 || len(e.Checks) != 2 || !e.Checks[0].OK {
		t.Errorf("%+v", e)
	}
	if c := e.Checks[1]; c.Name != "signature" || c.OK || c.Why != wrong.Error() {
		t.Errorf("%+v", c)
	}
	if sent := e.Sent.Body; !strings.Contains(sent, `"deal": 5`) || strings.Contains(sent, "secret") {
		t.Errorf("sent: %s", sent)
	}
	if got := e.Received.Body; !strings.Contains(got, "anna") {
		t.Errorf("what was handed over: %s", got)
	}
	if got := all[1].Received.Body; !strings.Contains(got, "answered") || strings.Contains(got, "anna") {
		t.Errorf("what was answered: %s", got)
	}
	// Where nobody asked there is nobody to tell.
	outgoing.Claims(context.Background(), nil)
	if err := outgoing.Step(context.Background(), "form", wrong); !errors.Is(err, wrong) {
		t.Error(err)
	}
}

func TestARefusalInsideAnAnswerIsReportedByTheClientThatUnderstandsIt(t *testing.T) {
	t.Parallel()
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"success":false}`)
	}))
	defer vendor.Close()
	recorder := new(outgoing.Recorder)
	client := outgoing.NewClient(outgoing.Options{
		Vendor: "x", Timeout: time.Minute, Recorder: recorder, Log: slog.New(slog.DiscardHandler),
	})
	for _, refuses := range []bool{false, true} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r, err := http.NewRequestWithContext(t.Context(), method, vendor.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			if refuses {
				outgoing.Refuse(response)
			}
			response.Body.Close()
			all := recorder.Exchanges()
			last := all[len(all)-1]
			if last.WentWrong() != refuses || last.Refused() {
				t.Errorf("%s, refused %v: %+v", method, refuses, last)
			}
		}
	}
	// An answer that another client has brought is passed over.
	response, err := vendor.Client().Get(vendor.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	outgoing.Refuse(response)
}
