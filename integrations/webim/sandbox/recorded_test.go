package sandbox

import (
	"encoding/json"
	"net/url"
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
// in comment, and what is not believed.
func recordedBox(scheme webim.Scheme) func(t *testing.T) sandboxtest.Opened {
	return func(t *testing.T) sandboxtest.Opened {
		t.Helper()
		b := open(t, func(c *Config) { c.Scheme = scheme })
		signer, err := webim.NewSigner(secret.New(DefaultKey), scheme)
		if err != nil {
			t.Fatal(err)
		}
		sign := func(fields webim.Fields, life time.Duration) string {
			v, err := signer.Sign(fields, b.now.Add(life))
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return url.QueryEscape(string(text))
		}
		anna := webim.Fields{"id": "1001", "display_name": "Анна", "phone": "+79120000001"}
		lines := webim.Fields{"id": "1001", "display_name": "Анна", "comment": "one\ntwo", "info": "a\tb"}
		return sandboxtest.Opened{Handler: b, Values: map[string]string{
			"origin": "http://demo.webim.localhost:8081", "signed": sign(anna, time.Hour), "expired": sign(anna, -time.Hour),
			"lines":  sign(lines, time.Hour),
			"forged": url.QueryEscape(`{"fields":{"id":"1001"},"expires":1900000000,"hash":"00"}`),
			"badend": url.QueryEscape(`{"fields":{"id":"1001"},"expires":"soon","hash":"00"}`),
		}}
	}
}

func TestWhatIsKnownToBeSentToWebimIsAnsweredRightly(t *testing.T) {
	t.Parallel()
	const (
		known = `{"fullUpdate":{"visitor":{"id":"/^[0-9a-f]{32}$/","hasProvidedFields":true,"fields":{"id":"1001","name":"Анна"}}}}`
		first = "%7B%22id%22%3A+%2212345%22%2C%22display_name%22%3A+%22Eugeny%22%2C%22phone%22%3A%22%2B7+812+3855337%22%2C%22crc%22%3A%220123456789abcdef0123456789abcdef%22%7D"
		start = "%7B%22title%22%3A%22%D0%93%D0%BB%D0%B0%D0%B2%D0%BD%D0%B0%D1%8F%20%D1%81%D1%82%D1%80%D0%B0%D0%BD%D0%B8%D1%86%D0%B0%22%2C%22url%22%3A%22http%3A%2F%2Fexample.com%22%7D"
	)
	sandboxtest.Replay(t, recordedBox(webim.Default), []sandboxtest.Call{
		{Source: pages, Request: "GET /js/button.js", Answer: "webim"},
		{Source: pages, Request: "GET /button.php", Answer: "<svg"},
		{Source: seed + ", its first link", Request: "GET /webim/client.php?provided-visitor=" + first, Answer: "<html"},
		{Source: seed + ", its second link", Request: "GET /webim/client.php?start-page=" + start, Answer: "<html"},
		{Source: versionTwo, Request: "GET /webim/client.php?provided-visitor={signed}&start-page=" + start + "&location=default", Answer: "<html"},
		{Source: androidSDK, Request: "GET /l/v/m/init?event=init&location=mobile&platform=android&visitor-ext={lines}", Answer: known},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&location=mobile&platform=ios&visitor-ext={signed}", Answer: known},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&location=mobile&platform=ios",
			Answer: `{"fullUpdate":{"visitor":{"id":"/^[0-9a-f]{32}$/","hasProvidedFields":false}}}`},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&visitor-ext={forged}", Answer: `{"error":"wrong-provided-visitor-hash-value"}`},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&visitor-ext={expired}", Answer: `{"error":"provided-visitor-expired"}`},
		{Source: iosSDK, Request: "GET /l/v/m/init?event=init&visitor-ext={badend}", Answer: `{"error":"wrong-provided-visitor-expires-value"}`},
	})
	old := webim.Scheme{Version: webim.V1, Algorithm: webim.SHA512}
	sandboxtest.Replay(t, recordedBox(old), []sandboxtest.Call{
		{Source: seed, Request: "GET /l/v/m/init?event=init&visitor-ext={signed}", Answer: known},
		{Source: seed, Request: "GET /webim/client.php?provided-visitor={signed}", Answer: "<html"},
	})
}
