package sandbox

import (
	"encoding/base64"
	"net/http"
	"testing"

	"kabinet/integrations/sandbox/sandboxtest"
)

// Who sends what the table has.
const (
	guide2018 = "the guide of 2018 and 2019"
	guide2020 = "PricePlan/customer-cabinet-example"
	guide2021 = "PricePlan/lk-integration"
	own1C     = "PricePlan's own 1C client"
	phpClient = "chelout/priceplan"
	nodeOne   = "IvanMMM/node-priceplan"
	grids     = "clients that fill a Kendo grid"
	creators  = "clients that create clients"
)

// recordedBox is a sandbox with a manager's {session}, an API key as {basic} and a {key} of the first client's.
func recordedBox(t *testing.T) sandboxtest.Opened {
	t.Helper()
	b := open(t)
	return sandboxtest.Opened{Handler: b, Values: map[string]string{
		"origin": "http://demo-lk.priceplan.localhost:8081", "staff": "http://demo.priceplan.localhost:8081",
		"session": b.manager(), "key": b.key("1001"), "portal": portal,
		"basic":  base64.StdEncoding.EncodeToString([]byte(DefaultAPIKey + ":password")),
		"filter": "filter[filters][0][field]=client__id&filter[filters][0][operator]=eq&filter[filters][0][value]=1002",
	}}
}

func TestWhatIsKnownToBeSentToPricePlanIsAnsweredRightly(t *testing.T) {
	t.Parallel()
	const (
		login    = `{"user": "manager", "password": "password"}`
		isJSON   = "Content-Type: application/json"
		key      = `{"success":true,"data":{"key":"/^[A-Za-z0-9]{50}$/","link":"/^\\/auth-key\\/[A-Za-z0-9]{50}\\/$/","expire_date":"/^2026-11-10 \\d\\d:\\d\\d:\\d\\d/"}}`
		lacking  = `{"success":false,"errors":[{"code":7,"data":"/lacks/"}]}`
		notFound = 404
	)
	manager := []string{"Cookie: {session}"}
	as := func(more ...string) []string { return append(manager[:1:1], more...) }
	sandboxtest.Replay(t, recordedBox, []sandboxtest.Call{
		// Signing on.
		{Source: guide2018, Request: "POST /api/login", Header: []string{isJSON}, Body: login, Answer: `{"success":true}`},
		{Source: guide2021, Request: "POST /api/login", Body: login, Answer: `{"success":true}`}, // requests, without a type
		{Source: guide2020, Request: "GET /api/users/7001/reset_token/", Header: manager, Answer: `{"success":true,"data":{"token":"/^[A-Za-z0-9]{50}$/"}}`},
		{Source: guide2021, Request: "POST /api/clients/1001/auth-key/", Header: manager, Answer: key},
		// curl keeps the body and the type of the call before.
		{Source: guide2021 + ", PHP", Request: "POST /api/clients/1001/auth-key/", Header: as(isJSON), Body: login, Answer: key},
		{Source: phpClient + ", getAuthKey", Request: "GET /api/clients/1002/auth-key/", Header: manager, Answer: `{"success":true,"data":{"key":null}}`},
		{Source: phpClient + ", withBasicAuthentication", Request: "GET {staff}/api/clients/", Status: 401, Header: []string{"Authorization: Basic eDp5"}, Answer: `{"success":false}`},
		{Source: phpClient + ", withBasicAuthentication", Request: "GET {staff}/api/clients/1001", Header: []string{"Authorization: Basic {basic}"}, Answer: `{"success":true,"data":{"id":1001}}`},
		{Source: guide2018, Request: "GET /auth-key/{key}/", Header: []string{"Referer: {portal}/"}, Status: 302, Answer: `^/`},
		{Source: guide2018, Request: "GET /media/js/iframeResizer.js"},
		{Source: guide2018, Request: "GET /media/js/public_widgets/pp_widgets.js", Answer: "PPWidgets"},

		// Clients.
		{Source: creators, Request: "POST /api/clients/", Header: as(isJSON), Body: `{"type":1,"name":"ООО","signed_values":{"inn":"7700000000","external_id":"17"}}`, Answer: `{"success":true,"data":{}}`},
		{Source: grids, Request: "GET /api/clients/?take=2&skip=0&page=1&pageSize=2&fields=client__id,client__name,client__account_number,client__user_id,client__delete", Header: manager,
			Answer: `{"success":true,"data":[{"client__id":1001,"client__user_id":7001,"client__delete":false},{"client__id":1002}],"count":4}`},
		{Source: own1C, Request: "GET /api/clients/?take=10&fields=client__id&filter[logic]=AND&{filter}", Header: manager, Answer: `{"data":[{"client__id":1002}],"count":1}`},
		{Source: grids, Request: "GET /api/clients/?take=10&fields=client__id&filter[logic]=and&{filter}", Header: manager, Answer: `{"data":[{"client__id":1002}],"count":1}`},
		{Source: phpClient, Request: "GET /api/clients/", Header: manager, Answer: `{"success":true}`},
		{Source: phpClient, Request: "GET /api/clients/1001", Header: manager, Answer: `{"success":true,"data":{"id":1001}}`},
		{Source: phpClient, Request: "POST /api/clients/1001", Header: as(isJSON), Body: `{"name":"Анна"}`, Answer: `{"success":true}`},
		{Source: phpClient, Request: "POST /api/clients/1001/increase", Header: as(isJSON), Body: `{"amount":100}`, Answer: `{"success":true}`},
		{Source: phpClient, Request: "POST /api/clients/1001/decrease", Header: as(isJSON), Body: `{"amount":100}`, Answer: `{"success":true}`},
		{Source: phpClient + ", a client with money", Request: "DELETE /api/clients/1001", Header: manager, Answer: `{"success":false,"errors":[{"code":28}]}`},

		// Subscriptions and documents.
		{Source: phpClient, Request: "GET /api/products/", Header: manager, Answer: `{"success":true}`},
		{Source: phpClient, Request: "POST /api/subscribes/pre", Header: as(isJSON), Body: `{"product":3,"client":1001,"period":1,"values":{}}`, Answer: `{"success":true}`},
		{Source: phpClient, Request: "POST /api/subscribes/", Header: as(isJSON), Body: `{"product":3,"values":{},"period":1,"client":1001,"doc_number":"","doc_date":null,"coupons":[""]}`,
			Answer: `{"success":true,"data":{"id":5004,"status":"active","product":3,"period":1,"client":1001,"values":{}}}`},
		// The sandbox's products have no fields: see its page of limits.
		{Source: phpClient + ", a product with fields", Request: "POST /api/subscribes/", Header: as(isJSON), Body: `{"product":1,"values":{"36":50},"period":1,"client":1001,"doc_number":"","doc_date":null,"coupons":[""]}`,
			Answer: `{"success":false,"errors":[{"code":25,"field":"36"}]}`},
		{Source: phpClient, Request: "GET /api/subscribes/?take=1&fields=subscribe__id,subscribe__product,subscribe__blocking,subscribe__start,subscribe__delete,client__id,product__name", Header: manager,
			Answer: `{"data":[{"client__id":1001,"product__name":"Хостинг «Старт»","subscribe__blocking":false,"subscribe__delete":false,"subscribe__id":5001,"subscribe__product":1,"subscribe__start":"2026-09-01"}]}`},
		{Source: phpClient, Request: "GET /api/subscribes/?{filter}", Header: manager, Answer: `{"data":[{"subscribe__id":5003}],"count":1}`},
		{Source: phpClient, Request: "POST /api/subscribes/5001", Header: as(isJSON), Body: `{"product":3}`, Answer: `{"success":true,"data":{"id":5001}}`},
		{Source: own1C, Request: "GET /api/documents/?take=1&skip=0&fields=id,client__id,client__name,type,number,doc_number,doc_date,amount,taxes,total,lines,implement,date", Header: manager,
			Answer: `{"data":[{"amount":"4166.67","client__id":1001,"client__name":"Анна Смирнова","date":"2026-08-20","doc_date":null,"doc_number":"","id":9001,"implement":null,"lines":[],"number":"A-1001/1","taxes":"833.33","total":"5000.00","type":"invoice"}],"count":8}`},
		{Source: own1C, Request: "GET /api/documents/?fields=id&filter[logic]=AND&filter[filters][0][field]=date&filter[filters][0][operator]=gte&filter[filters][0][value]=2026-08-20&filter[filters][1][field]=date&filter[filters][1][operator]=lte&filter[filters][1][value]=2026-08-20", Header: manager,
			Answer: `{"data":[{"id":9001}],"count":1}`},
		{Source: own1C, Request: "GET /api/documents/?take=1&skip=0&fields=id,client__id,client__variable__inn,client__variable__kpp&filter[logic]=AND&{filter}", Header: manager,
			Answer: `{"data":[{"client__id":1002,"client__variable__inn":"7700000000","client__variable__kpp":"770001002"}]}`},
		{Source: own1C, Request: "GET /api/invoices/9001/download", Header: manager, Answer: "^%PDF"},
		{Source: own1C, Request: "GET /api/invoices/9001/download/stamp", Header: manager, Answer: "^%PDF"},

		// What the sandbox lacks, it says.
		{Source: phpClient, Request: "GET /api/products/1", Header: manager, Status: notFound, Answer: lacking},
		{Source: phpClient, Request: "GET /api/blocking/client/1001", Header: manager, Status: notFound, Answer: lacking},
		{Source: phpClient, Request: "GET /api/subscribes/5001", Header: manager, Status: notFound, Answer: lacking},
		{Source: grids, Request: "GET /api/productstatuses/", Header: manager, Status: notFound, Answer: lacking},
		{Source: own1C, Request: "GET /api/invoices/", Header: manager, Status: notFound, Answer: lacking},
		{Source: own1C, Request: "POST /api/invoices/", Header: as(isJSON), Body: `{}`, Status: notFound, Answer: lacking},
		{Source: own1C, Request: "GET /api/revenues/1", Header: manager, Status: notFound, Answer: lacking},
		{Source: own1C, Request: "GET /api/revenues/1/download", Header: manager, Status: notFound, Answer: lacking},
		{Source: own1C, Request: "GET /api/revenues/1/download/stamp", Header: manager, Status: notFound, Answer: lacking},
		{Source: own1C, Request: "GET /api/invoicefacts/1", Header: manager, Status: notFound, Answer: lacking},
		{Source: own1C, Request: "GET /api/invoicefacts/1/download", Header: manager, Status: notFound, Answer: lacking},
		{Source: own1C, Request: "GET /api/invoicefacts/1/download/stamp", Header: manager, Status: notFound, Answer: lacking},
		{Source: own1C, Request: "POST /api/payment_upload", Header: as(isJSON), Status: notFound, Answer: lacking,
			Body: `[{"type":1,"number":"7","date":"2026-11-10","payerid":1002,"payer":"ООО «Вектор»","payer_inn":"7700000000","recipient":"ООО","payment_details":"Оплата по счёту A-1002/1","total":"100.00"}]`},
		{Source: nodeOne, Request: "GET /api/key/clients/?user=api&token=0123456789abcdef0123456789abcdef", Status: notFound, Answer: lacking},
	})
	spent := func(t *testing.T) sandboxtest.Opened {
		t.Helper()
		o := recordedBox(t)
		b := o.Handler.(*box)
		if w := b.ask(http.MethodPost, "/api/clients/1002/decrease", `{"amount":450}`, "Cookie", o.Values["session"]); b.balance(1002) != 0 {
			t.Fatal(w.Body)
		}
		return o
	}
	sandboxtest.Replay(t, spent, []sandboxtest.Call{
		{Source: phpClient + ", a client without money", Request: "DELETE /api/clients/1002", Header: manager, Answer: `{"success":false,"errors":[{"code":29}]}`},
	})
}
