package handlers

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/store"
)

func TestACheckIsBoundedAndEndsWithThePortal(t *testing.T) {
	t.Parallel()
	p, _, _ := withVendors(t)
	c := p.config
	began := make(chan struct{})
	c.Check = func(ctx context.Context, _ string) []CheckStep {
		if until, ok := ctx.Deadline(); !ok || time.Until(until) > checkFor {
			t.Errorf("it may take until %v", until)
		}
		close(began)
		<-ctx.Done()
		return []CheckStep{{Did: catalogue.Text{Verbatim: "left half done"}, Result: CheckFailed}}
	}
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	admin := sessionOf(t, p, "admin@example.com", store.Administrator)
	go func() { <-began; p.EndStreams() }()
	if got := ask(p, http.MethodPost, "/admin/integrations/check", admin).Code; got != http.StatusSeeOther {
		t.Error(got)
	}
	page := ask(p, http.MethodGet, "/admin/integrations", admin).Body.String()
	if strings.Contains(page, "left half done") {
		t.Error("what was not tried to the end is shown")
	}
	if strings.Count(page, "<section") != len(vendors) || strings.Contains(page, "badge soft") {
		t.Error("without a demo there is a sandbox, or a vendor is missing")
	}
}

func TestWithoutACheckThePageOffersNone(t *testing.T) {
	t.Parallel()
	p, _, _ := withVendors(t)
	c := p.config
	c.Check = nil
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	admin := sessionOf(t, p, "admin@example.com", store.Administrator)
	page := ask(p, http.MethodGet, "/admin/integrations", admin).Body.String()
	if strings.Count(page, "<section") != len(vendors) || strings.Contains(page, "/admin/integrations/check") {
		t.Error("it does")
	}
}
