package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"
)

func TestEachCallDoesWhatItSaysOrSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		call, body string
		want       string // the data, or the refusal's code and field
	}{
		{"POST /api/clients/", `{"type":2,"name":" Пётр ","signed_values":{"external_id":"7"}}`, `{"id":NEW}`},
		{"POST /api/clients", `{"type":1,"name":"ООО «Заря»","signed_values":{"inn":"7700000000"}}`, `{"id":NEW}`},
		{"POST /api/clients/", `{"name":"Пётр"}`, "4 type"},
		{"POST /api/clients/", `{"type":2}`, "4 name"},
		{"POST /api/clients/", `{"type":2,"name":" "}`, "2 name"},
		{"POST /api/clients/", `{"type":3,"name":"Пётр"}`, "3 type"},
		{"POST /api/clients/", `{"type":"2","name":"Пётр"}`, "3 type"},
		{"POST /api/clients/", `{"type":2,"name":"Пётр","colour":"red"}`, "25 colour"},
		{"POST /api/clients/", `{"type":2,"name":"Пётр","signed_values":{"phone":"1"}}`, "25 phone"},
		{"POST /api/clients/", `{"type":2,"name":"Пётр","values":{"17":"x"}}`, "25 17"},
		{"POST /api/clients/", `{"type":2,"name":"` + strings.Repeat("x", 500) + `"}`, "30 name"},
		{"POST /api/clients/", `{"type":2,"name":"Пётр"} {}`, "5 "},
		{"POST /api/clients/", `type=2&name=x`, "5 "},
		{"POST /api/clients/", ``, "5 "},
		{"POST /api/clients/1001", `{"name":"Анна Петрова"}`, `{"id":1001}`},
		{"POST /api/clients/1001", `{"name":""}`, "2 name"},
		{"POST /api/clients/4242", `{"name":"Анна"}`, "6 "},
		{"DELETE /api/clients/1003", ``, `{}`},
		{"DELETE /api/clients/1001", ``, "28 "},
		{"DELETE /api/clients/4242", ``, "6 "},
		{"POST /api/clients/1001/increase", `{"amount":"100.50","comment":"подарок"}`, `{"balance_after":"3779.00","balance_before":"3678.50"}`},
		{"POST /api/clients/1001/decrease/", `{"amount":3678.5}`, `{"balance_after":"0.00","balance_before":"3678.50"}`},
		{"POST /api/clients/1001/decrease", `{"amount":"3678.51"}`, "10 "},
		{"POST /api/clients/1001/increase", `{"amount":"0"}`, "31 amount"},
		{"POST /api/clients/1001/increase", `{"amount":"-5"}`, "31 amount"},
		{"POST /api/clients/1001/increase", `{"amount":"10000000.01"}`, "30 amount"},
		{"POST /api/clients/1001/increase", `{"amount":"1.001"}`, "3 amount"},
		{"POST /api/clients/1001/increase", `{"amount":null}`, "4 amount"},
		{"POST /api/clients/1001/increase", `{}`, "4 amount"},
		{"POST /api/clients/4242/increase", `{"amount":1}`, "6 "},
		{"GET /api/products/?fields=product__id,product__price", ``, `[{"product__id":1,"product__price":"450.00"},{"product__id":2,"product__price":"990.50"},{"product__id":3,"product__price":"199.90"}]`},
		{"POST /api/subscribes/pre", `{"product":3,"client":1001,"period":1,"values":{}}`, `{"balance_after":"3478.60","next_charge_date":"2026-12-10","price":"199.90"}`},
		{"POST /api/subscribes/pre", `{"product":3,"client":1003}`, `{"balance_after":"-199.90","next_charge_date":"2026-12-10","price":"199.90"}`},
		{"POST /api/subscribes/", `{"product":3,"client":1001}`, `{"client":1001,"id":5004,"period":1,"product":3,"status":"active","values":{}}`},
		{"POST /api/subscribes/", `{"product":3,"client":1001,"coupons":["FREE"]}`, "6 coupons"},
		{"POST /api/subscribes/", `{"product":3,"client":1003}`, "10 "},
		{"POST /api/subscribes/", `{"product":3,"client":1004}`, "16 client"},
		{"POST /api/subscribes/", `{"product":99,"client":1001}`, "6 product"},
		{"POST /api/subscribes/", `{"client":1001}`, "4 product"},
		{"POST /api/subscribes/", `{"product":1}`, "4 client"},
		{"POST /api/subscribes/", `{"product":1,"client":1001,"period":2}`, "3 period"},
		{"POST /api/subscribes/", `{"product":1,"client":1001,"values":{"disk":5}}`, "25 disk"},
		{"POST /api/subscribes/5001", `{"product":3}`, `{"id":5001}`},
		{"POST /api/subscribes/5001", `{"status":"stopped"}`, `{"id":5001}`},
		{"POST /api/subscribes/5001", `{"status":"active"}`, "33 status"},
		{"POST /api/subscribes/5001", `{"product":3,"status":"active"}`, "33 status"},
		{"POST /api/subscribes/5001", `{"status":"starved"}`, "33 status"},
		{"POST /api/subscribes/4242", `{"status":"stopped"}`, "6 "},
		{"GET /api/subscribes/?fields=subscribe__id,subscribe__status&filter[logic]=AND&filter[filters][0][field]=client__id&filter[filters][0][operator]=eq&filter[filters][0][value]=1002", ``, `[{"subscribe__id":5003,"subscribe__status":"active"}]`},
		{"GET /api/documents/?filter[filters][0][field]=date&filter[filters][0][operator]=gte&filter[filters][0][value]=yesterday", ``, "3 date"},
		{"GET /api/documents/?fields=password", ``, "25 password"},
		{"GET /api/invoices/9002/download", ``, "6 "},
		{"GET /api/invoices/x/download", ``, "6 "},
	}
	for _, tt := range tests {
		b := open(t)
		method, path, _ := strings.Cut(tt.call, " ")
		w := b.ask(method, path, tt.body, "Cookie", b.manager())
		var e struct {
			Success bool
			Data    json.RawMessage
			Errors  []struct {
				Code  int
				Field string
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
			t.Fatalf("%s: %s", tt.call, w.Body)
		}
		got := string(e.Data)
		if !e.Success && len(e.Errors) == 1 {
			got = fmt.Sprint(e.Errors[0].Code, " ", e.Errors[0].Field)
		}
		tt.want = strings.ReplaceAll(tt.want, "NEW", fmt.Sprint(b.state.firstNew))
		if got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.call, tt.body, got, tt.want)
		}
		if c, err := b.state.client(1001); !e.Success && (err != nil || len(c.Operations) != 8 || c.Subscriptions[0].Product.ID != 1) {
			t.Errorf("%s %s: refused, it was done in part", tt.call, tt.body)
		}
		if w := b.ask(method, path, tt.body); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without a session: %d", tt.call, w.Code)
		}
	}
}

func TestWhatTheAPIDoesIsSeenInTheCabinetAndTheOtherWayRound(t *testing.T) {
	t.Parallel()
	b := open(t)
	cookie, anna := b.manager(), b.customer("1001")
	b.ask("POST", "/api/clients/1001/increase", `{"amount":"100.50","comment":"подарок от компании"}`, "Cookie", cookie)
	b.ask("POST", "/api/subscribes/", `{"product":3,"client":1001}`, "Cookie", cookie)
	b.ask("POST", "/api/clients/1001", `{"name":"Анна Петрова"}`, "Cookie", cookie)
	page := b.ask("GET", "/", "", "Cookie", anna, "Accept-Language", "ru").Body.String()
	for _, text := range []string{"подарок от компании", "3\u00a0779,00\u00a0₽", "3\u00a0579,10\u00a0₽", "Резервные копии", "Анна Петрова"} {
		if !strings.Contains(page, text) {
			t.Errorf("the cabinet does not show %s", text)
		}
	}
	b.send(anna, "/subscriptions/5001/", "do=stopped")
	if w := b.ask("GET", "/api/subscribes/?filter[filters][0][field]=subscribe__id&filter[filters][0][operator]=eq&filter[filters][0][value]=5001", "", "Cookie", cookie); !strings.Contains(w.Body.String(), `"subscribe__status":"stopped"`) {
		t.Errorf("the API says %s", w.Body)
	}
	created := b.ask("POST", "/api/clients/", `{"type":2,"name":"Новый клиент"}`, "Cookie", cookie).Body.String()
	id := fmt.Sprint(b.state.firstNew)
	if !strings.Contains(created, `"id":`+id) || !strings.Contains(b.ask("GET", "/", "", "Cookie", b.customer(id)).Body.String(), "Новый клиент") {
		t.Errorf("a new client has no cabinet: %s", created)
	}
	gone := b.customer("1003")
	b.ask("DELETE", "/api/clients/1003", "", "Cookie", cookie)
	if w := b.ask("GET", "/", "", "Cookie", gone); w.Code != http.StatusUnauthorized {
		t.Errorf("the cabinet of a deleted client: %d", w.Code)
	}
	if w := b.ask("GET", "/api/clients/?fields=client__id,client__delete&take=3", "", "Cookie", cookie); !strings.Contains(w.Body.String(), `"client__delete":true`) {
		t.Errorf("the list says %s", w.Body)
	}
}

// folded keeps of each letter what the reader of PDFs keeps: its lower byte.
func folded(text string) string {
	return strings.Map(func(r rune) rune { return r & 0xff }, text)
}

// textOf reads a PDF as a reader would.
func textOf(t *testing.T, b []byte) string {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := r.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(plain); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestANameThatCannotBePrintedDoesNotKeepThePDFAway(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.ask("POST", "/api/clients/1001", `{"name":"Анна 😀 𐍈"}`, "Cookie", b.manager())
	if w := b.ask("GET", "/api/invoices/9001/download", "", "Cookie", b.manager()); w.Code != http.StatusOK || !strings.Contains(textOf(t, w.Body.Bytes()), "? ?") {
		t.Errorf("%d", w.Code)
	}
}

func TestNothingOfADeletedClientIsFound(t *testing.T) {
	t.Parallel()
	b := open(t)
	cookie := b.manager()
	for _, call := range []string{"POST /api/subscribes/5001 {\"status\":\"stopped\"}", "POST /api/subscribes/5002 {\"status\":\"stopped\"}",
		"DELETE /api/clients/1001 28", "POST /api/clients/1001/decrease {\"amount\":\"3678.50\"}", "DELETE /api/clients/1001 true"} {
		part := strings.SplitN(call, " ", 3)
		if w := b.ask(part[0], part[1], part[2], "Cookie", cookie); part[0] == "DELETE" && !strings.Contains(w.Body.String(), part[2]) {
			t.Fatalf("%s: %s", call, w.Body)
		}
	}
	for _, path := range []string{"/api/documents/", "/api/subscribes/"} {
		if body := b.ask("GET", path, "", "Cookie", cookie).Body.String(); strings.Contains(body, "1001") {
			t.Errorf("%s: %s", path, body)
		}
	}
	if w := b.ask("GET", "/api/invoices/9001/download", "", "Cookie", cookie); w.Code != http.StatusNotFound {
		t.Errorf("its invoice: %d", w.Code)
	}
}

func TestAnInvoiceIsAPDFWithItsFigures(t *testing.T) {
	t.Parallel()
	b := open(t)
	cookie := b.manager()
	for path, stamped := range map[string]bool{"/api/invoices/9001/download": false, "/api/invoices/9001/download/stamp": true} {
		w := b.ask("GET", path, "", "Cookie", cookie)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/pdf" || w.Header().Get("Content-Disposition") != "attachment; filename=invoice-A-1001-1.pdf" {
			t.Fatalf("%s: %d %v", path, w.Code, w.Header())
		}
		text := textOf(t, w.Body.Bytes())
		for _, want := range []string{"A-1001/1", "5000.00", "833.33", "4166.67", "Анна Смирнова", "20.08.2026", "оплачен"} {
			if !strings.Contains(folded(text), folded(want)) {
				t.Errorf("%s does not say %s: %q", path, want, text)
			}
		}
		if strings.HasSuffix(folded(text), folded("песочница")) != stamped {
			t.Errorf("%s is stamped: %v", path, !stamped)
		}
	}
}
