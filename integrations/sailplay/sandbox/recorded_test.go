package sandbox

import (
	"net/url"
	"testing"

	"kabinet/integrations/sandbox/sandboxtest"
)

// Who sends what the table has.
const (
	seed       = "“Единая авторизация”"
	loginPage  = "SailPlay's API pages, login"
	infoPage   = "SailPlay's API pages, users/info"
	addPage    = "SailPlay's API pages, users/add"
	buyPage    = "SailPlay's API pages, purchases/new"
	phpClient  = "15web/sailplay-php"
	pythonOne  = "dog-face/sailplay_api"
	rubyClient = "nebolsin/sailplay"
	hubClient  = "sailplay-hub"
)

// recordedBox is a sandbox whose {member} has joined, with a {token} of the API, an {auth_hash} and a fresh {code}.
func recordedBox(t *testing.T) sandboxtest.Opened {
	t.Helper()
	b := open(t)
	cookie := b.signIn("anna@example.com")
	joined := b.code(cookie)
	hash, _ := b.api("/auth/get-auth-hash/", exchange(joined))["auth_hash"].(string)
	token, _ := b.api("/api/v2/login/", url.Values{"store_department_id": {DefaultDepartmentID},
		"store_department_key": {DefaultDepartmentKey}, "pin_code": {DefaultPinCode}})["token"].(string)
	return sandboxtest.Opened{Handler: b, Values: map[string]string{
		"origin": origin, "partner": DefaultPartnerID, "department": DefaultDepartmentID, "secret": DefaultSecret,
		"key": DefaultDepartmentKey, "pin": DefaultPinCode, "token": token, "auth_hash": hash, "cookie": cookie,
		"member": joined.Get("origin_user_id"), "code": b.code(cookie).Get("code"), "return": returnTo,
		"as": "token=" + token + "&store_department_id=" + DefaultDepartmentID,
	}}
}

const form = "Content-Type: application/x-www-form-urlencoded"

func TestWhatIsKnownToBeSentToSailPlayIsAnsweredRightly(t *testing.T) {
	t.Parallel()
	const (
		cart    = "%7B%221%22%3A%7B%22sku%22%3A%22a%22%2C%22price%22%3A1000%2C%22quantity%22%3A1%7D%7D"
		lacking = `{"status":"error","message":"/^The sandbox does not have \\/api\\/v1\\/.*: see \\/_sandbox\\/limits$/"}`
		// Amounts and quantities are texts, as the PHP client's types have them; in a history prices are numbers.
		purchase = `{"status":"ok","purchase":{"id":7,"order_num":"77","price":"1000.00","points_delta":50,` +
			`"public_key":"/./","purchase_date":"/^2026-/","is_completed":true},"cart":{"positions_count":1,"total_price":"1000.00","total_points":50,` +
			`"positions":[{"num":1,"product":{"sku":"a"},"price":"1000.00","quantity":"1"}]}}`
	)
	sandboxtest.Replay(t, recordedBox, []sandboxtest.Call{
		// Unified authorization.
		{Source: seed, Request: "GET /auth/authorize/?store_department_id={department}&partner_id={partner}&redirect_url={return}",
			Answer: "<form"},
		{Source: seed, Request: "GET /auth/authorize/?store_department_id={department}&partner_id={partner}&redirect_url={return}",
			Header: []string{"Cookie: {cookie}"}, Status: 303, Answer: `^{return}\?code=[0-9a-f]{40}&origin_user_id={member}`},
		{Source: seed, Request: "POST /auth/get-auth-hash/", Header: []string{form},
			Body:   "origin_user_id={member}&code={code}&redirect_url={return}&secret={secret}&store_department_id={department}",
			Answer: `{"auth_hash":"/^[0-9a-f]{40}$/","origin_user_id":"{member}"}`},
		{Source: seed, Request: "GET /auth/oauth-sdk/{partner}/", Answer: "SailPlayOAuth"},

		// The API.
		{Source: loginPage, Request: "POST /api/v2/login/", Header: []string{form},
			Body:   "store_department_id={department}&store_department_key={key}&pin_code={pin}",
			Answer: `{"status":"ok","token":"/^[0-9a-f]{40}$/","pin_codes":["{pin}"],"pin_codes_managers":[],"is_order_num_purchase":true}`},
		{Source: loginPage, Request: "GET /api/v2/login/?store_department_id={department}&store_department_key=1&pin_code={pin}",
			Answer: `{"status":"error","message":"Data not found with provided store_department_key, store_department_id and pin_code"}`},
		{Source: loginPage, Request: "GET /api/v2/login/?store_department_id={department}",
			Answer: `{"status":"error","message":"Provide store_department_key, store_department_id and pin_code"}`},
		{Source: pythonOne, Request: "GET /api/v2/login/?store_department_id={department}&store_department_key={key}&pin_code={pin}",
			Answer: `{"status":"ok","token":"/./"}`},
		{Source: phpClient, Request: "GET /api/v2/users/info/?token={token}&store_department_id={department}&user_phone=79120000001&history=1&subscriptions=0&multi=0",
			Answer: `{"status":"ok","id":1,"email":"anna@example.com","phone":"79120000001","middle_name":null,"sex":null,"avatar":null,` +
				`"points":{"total":165,"confirmed":125,"unconfirmed":40,"spent":50,"spent_extra":0},"history":[` +
				`{"action":"purchase","order_num":"A-1002","price":800,"is_completed":false},{"action":"gift_purchase","order_num":null,"price":null,"points_delta":-50},` +
				`{"price":1500},{"price":null}]}`},
		{Source: pythonOne, Request: "GET /api/v2/users/info/?{as}&origin_user_id={member}", Answer: `{"origin_user_id":"{member}"}`},
		{Source: pythonOne, Request: "GET /api/v2/users/info/?{as}&email=nobody@example.com",
			Answer: `{"status":"error","message":"User not found","status_code":-4000}`},
		{Source: infoPage, Request: "GET /api/v2/users/info/?{as}&identification=phone&lookup=79120000001&extra_fields=auth_hash",
			Answer: `{"id":1,"auth_hash":"/^[0-9a-f]{40}$/"}`},
		{Source: infoPage, Request: "GET /api/v2/users/info/?{as}&identification=shoe_size&lookup=44",
			Answer: `{"status":"error"}`},
		{Source: pythonOne, Request: "GET /api/v2/users/info/?token=1&store_department_id={department}&phone=1", Answer: `{"status_code":-7}`},
		{Source: addPage, Request: "GET /api/v2/users/add/?{as}&phone=19251276676&first_name=Ivan&middle_name=I&last_name=Ivanov&birth_date=1990-01-02&sex=1&register_date=2020-01-01&extra_fields=auth_hash",
			Answer: `{"status":"ok","phone":"19251276676","email":null,"first_name":"Ivan","middle_name":"I","last_name":"Ivanov","birth_date":"1990-01-02","sex":1,"register_date":"2020-01-01","auth_hash":"/./","message":"/./"}`},
		{Source: addPage, Request: "GET /api/v2/users/add/?{as}&phone=79120000002",
			Answer: `{"status":"ok","id":6,"first_name":"Борис","message":"User is already registered. New client."}`},
		{Source: addPage, Request: "GET /api/v2/users/add/?{as}&phone=19251276676&birth_date=1899-12-31", Answer: `{"status":"error"}`},
		{Source: addPage, Request: "GET /api/v2/users/add/?{as}&phone=19251276676&sex=4", Answer: `{"status":"error"}`},
		{Source: phpClient, Request: "GET /api/v2/users/add/?{as}&origin_user_id=crm-17", Answer: `{"status":"ok","origin_user_id":"crm-17","phone":null,"sex":null}`},
		{Source: pythonOne, Request: "GET /api/v2/users/add/?{as}&phone=79120000001&email=boris@example.com", Answer: `{"status":"error","status_code":-5103}`},
		{Source: buyPage, Request: "POST /api/v2/purchases/new/", Header: []string{form},
			Body: "{as}&pin_code={pin}&order_num=77&user_phone=79120000001&cart=" + cart, Answer: purchase},
		{Source: buyPage, Request: "GET /api/v2/purchases/new/?{as}&pin_code={pin}&order_num=77&cart=" + cart,
			Answer: `{"status":"ok","purchase":{"points_delta":0}}`},
		{Source: buyPage, Request: "GET /api/v2/purchases/new/?{as}&pin_code={pin}&order_num=77&user_phone=79990000000&cart=" + cart,
			Answer: `{"status":"ok","purchase":{"points_delta":50}}`},
		{Source: phpClient, Request: "GET /api/v2/purchases/new/?{as}&order_num=77&user_phone=79120000001&cart=" + cart,
			Answer: `{"status":"error","message":"Provide pin_code, order_num and cart"}`},
		{Source: buyPage + ", the cart of a calculation", Request: "GET /api/v2/purchases/new/?{as}&pin_code={pin}&order_num=77&user_phone=79120000001&cart_id=5",
			Answer: `{"status":"error","message":"The sandbox does not have cart_id: provide cart"}`},
		{Source: rubyClient, Request: "GET /api/v1/login?store_department_id={department}&store_department_key={key}&pin_code={pin}", Answer: lacking},
		{Source: rubyClient, Request: "GET /api/v1/users/points-info?{as}&origin_user_id={member}", Answer: lacking},
		{Source: rubyClient, Request: "GET /api/v1/purchases/new?{as}&price=1000&origin_user_id={member}&order_num=77&fields=public_key,order_num", Answer: lacking},
		{Source: rubyClient, Request: "GET /api/v2/points/add/?{as}&origin_user_id={member}&points=10&comment=gift",
			Answer: `{"status":"ok","points":{"total":175}}`},

		// The HUB SDK.
		{Source: hubClient, Request: "GET /js-api/{partner}/config/?lang=ru&dep_id=&callback=JSONP_CALLBACK.sailplay_1",
			Answer: `^/\*\*/JSONP_CALLBACK\.sailplay_1\(\{"config":.*"gifts":\{.*"purchase":\{"force_confirm":`},
		{Source: hubClient, Request: "GET /js-api/{partner}/users/info/?auth_hash={auth_hash}&callback=JSONP_CALLBACK.sailplay_1",
			Answer: `"user":\{.*"user_points":\{"confirmed":125,`},
		{Source: hubClient, Request: "GET /js-api/{partner}/users/history/?auth_hash={auth_hash}&callback=JSONP_CALLBACK.sailplay_1",
			Answer: `"history":\[`},
		{Source: hubClient, Request: "GET /js-api/{partner}/gifts/list/?auth_hash={auth_hash}&lang=ru&callback=JSONP_CALLBACK.sailplay_1",
			Answer: `^/\*\*/JSONP_CALLBACK\.sailplay_1\(\{.*"status":"error"`},
		{Source: hubClient, Request: "GET /js-api/{partner}/users/update/?auth_hash={auth_hash}&callback=JSONP_CALLBACK.sailplay_1",
			Answer: `"status":"error"`},
		{Source: hubClient, Request: "GET /users/auth-page/?partner_id={partner}&dep_id=&background=&partner_info=0&disabled_options=&texts=%22%22",
			Answer: "auth-page.js"},
		{Source: hubClient, Request: "GET /users/logout/", Header: []string{"Cookie: {cookie}"},
			Sent: []string{"Set-Cookie: sailplay_session=; .*Max-Age=0", "Content-Security-Policy: .*; frame-ancestors http://localhost:8080 "}},
	})
}
