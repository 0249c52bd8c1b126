package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/sandbox/sandboxtest"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

// Who sends what the table has.
const (
	seed       = "“Идентификация авторизованных клиентов, версия 1.0”"
	versionTwo = "the page of version 2.0"
	pages      = "published pages with the chat"
	androidSDK = "webim/webim-android-sdk-demo"
	iosSDK     = "webim/webim-client-sdk-ios"
)

// recordedBox is a sandbox with visitor objects, each as it stands in an address: {signed}, {lines} with several lines
// in comment, {endless} without an end, and what is not believed.
func recordedBox(scheme webim.Scheme) func(t *testing.T) sandboxtest.Opened {
	return func(t *testing.T) sandboxtest.Opened {
		t.Helper()
		b := open(t, func(c *Config) { c.Scheme = scheme })
		signer, err := webim.NewSigner(secret.New(DefaultKey), scheme)
		if err != nil {
			t.Fatal(err)
		}
		sign := func(fields webim.Fields, until time.Time) string {
			v, err := signer.Sign(fields, until)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if until.IsZero() {
				text = []byte(strings.Replace(string(text), `"hash":`, `"expires":null,"hash":`, 1))
			}
			return url.QueryEscape(string(text))
		}
		anna := webim.Fields{"id": "1001", "display_name": "Анна", "phone": "+79120000001"}
		lines := webim.Fields{"id": "1001", "display_name": "Анна", "comment": "one\ntwo", "info": "a\tb"}
		return sandboxtest.Opened{Handler: b, Values: map[string]string{
			"origin": "http://demo.webim.localhost:8081", "signed": sign(anna, b.now.Add(time.Hour)),
			"expired": sign(anna, b.now.Add(-time.Hour)), "endless": sign(anna, time.Time{}), "lines": sign(lines, b.now.Add(time.Hour)),
			"forged": url.QueryEscape(`{"fields":{"id":"1001"},"expires":1900000000,"hash":"00"}`),
			"badend": url.QueryEscape(`{"fields":{"id":"1001"},"expires":"soon","hash":"00"}`),
		}}
	}
}

func TestWhatIsKnownToBeSentToWebimIsAnsweredRightly(t *testing.T) {
	t.Parallel()
	const (
		known = `{"fullUpdate":{"visitor":{"id":"/^[0-9a-f]{32}$/","hasProvidedFields":true,"fields":{"id":"1001","name":"Анна"}}}}`
		first = "%7B%22id%22%3A+%2212345%22%2C%22display_name%22%3A+%22Eugeny%22%2C%22phone%22%3A%22%2B7+812+3855337%22%2C%22email%22%3A%22support%40webim.ru%22%2C%22crc%22%3A%22cdc2c8b0542897dd311fe85754479860%22%7D"
		// As the window's page says for its script who came, and from where.
		came    = `data-visitor="\{.*&#34;id&#34;:&#34;1001&#34;.*\}"`
		from    = ` data-title="Главная страница" data-url="http://example.com"`
		lacking = "404 page not found"
		start   = "%7B%22title%22%3A%22%D0%93%D0%BB%D0%B0%D0%B2%D0%BD%D0%B0%D1%8F%20%D1%81%D1%82%D1%80%D0%B0%D0%BD%D0%B8%D1%86%D0%B0%22%2C%22url%22%3A%22http%3A%2F%2Fexample.com%22%7D"
	)
	sandboxtest.Replay(t, recordedBox(webim.Default), []sandboxtest.Call{
		{Source: pages, Request: "GET /js/button.js", Answer: "webim"},
		{Source: pages, Request: "GET /button.php", Answer: "<svg"},
		{Source: seed + ", its first link", Request: "GET /webim/client.php?provided-visitor=" + first,
			Answer: `data-visitor="\{&#34;id&#34;: &#34;12345&#34;,.*&#34;phone&#34;:&#34;\+7 812 3855337&#34;,&#34;email&#34;:&#34;support@webim.ru&#34;,.*\}"`},
		{Source: seed + ", its second link", Request: "GET /webim/client.php?start-page=" + start, Answer: `data-visitor=""` + from},
		{Source: versionTwo, Request: "GET /webim/client.php?provided-visitor={signed}&start-page=" + start + "&location=default", Answer: came + from},
		{Source: androidSDK, Request: "GET /l/v/m/init?event=init&location=mobile&platform=android&visitor-ext={lines}", Answer: known},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&location=mobile&platform=ios&visitor-ext={signed}", Answer: known},
		{Source: iosSDK + ", an object without an end", Request: "GET /l/v/m/init?event=init&location=mobile&platform=ios&visitor-ext={endless}", Answer: known},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&location=mobile&platform=ios",
			Answer: `{"fullUpdate":{"visitor":{"id":"/^[0-9a-f]{32}$/","hasProvidedFields":false}}}`},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&visitor-ext={forged}", Answer: `{"error":"wrong-provided-visitor-hash-value"}`},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&visitor-ext={expired}", Answer: `{"error":"provided-visitor-expired"}`},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&visitor-ext={badend}", Answer: `{"error":"wrong-provided-visitor-expires-value"}`},

		// What the sandbox lacks: see its page of limits.
		{Source: iosSDK, Request: "GET /l/v/m/delta?since=0&page-id=1&auth-token=1", Status: http.StatusNotFound, Answer: lacking},
		{Source: iosSDK, Request: "GET /l/v/m/history?before-ts=1&page-id=1&auth-token=1", Status: http.StatusNotFound, Answer: lacking},
		{Source: iosSDK, Request: "POST /l/v/m/action", Header: []string{"Content-Type: application/x-www-form-urlencoded"}, Body: "action=chat.start&page-id=1&auth-token=1",
			Status: http.StatusNotFound, Answer: lacking},
	})
	old := webim.Scheme{Version: webim.V1, Algorithm: webim.SHA512}
	sandboxtest.Replay(t, recordedBox(old), []sandboxtest.Call{
		{Source: seed, Request: "GET /l/v/m/init?event=init&visitor-ext={signed}", Answer: known},
		{Source: seed, Request: "GET /webim/client.php?provided-visitor={signed}", Answer: came},
	})
}
