package sandbox

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"testing"

	"kabinet/integrations/sandbox/sandboxtest"
)

// life is a sandbox in which everything there can be is there, and what those hold who have come to it.
type life struct {
	*box
	member, shopper, token, hash string
	code                         url.Values // that was exchanged
	waiting                      url.Values // that was not
}

func lively(t *testing.T) life {
	t.Helper()
	l := life{box: open(t)}
	l.member = l.signIn("anna@example.com")
	l.code = l.box.code(l.member)
	l.hash, _ = l.api("/auth/get-auth-hash/", exchange(l.code))["auth_hash"].(string)
	used := l.box.code(l.member)
	for range 2 {
		l.api("/auth/get-auth-hash/", exchange(used))
	}
	l.waiting = l.box.code(l.member)
	logIn := url.Values{"store_department_id": {DefaultDepartmentID}, "store_department_key": {DefaultDepartmentKey}, "pin_code": {DefaultPinCode}}
	l.token, _ = l.api("/api/v2/login/", logIn)["token"].(string)
	l.call("users/add", "email", "vera@example.com", "first_name", "Вера")
	l.ask("POST", "/auth/authorize/register", with(asking(), "name", "79120000009", "first_name", "Глеб", "password", "long enough"))
	var back string
	l.shopper, back = l.entersShop(l.member)
	l.atShop("GET", back, nil, "Cookie", l.shopper)
	l.atShop("POST", "/buy", url.Values{"goods": {"1"}}, "Cookie", l.shopper)
	l.entersShop(l.member) // and has not come back
	l.ask("POST", "/_sandbox/www", url.Values{"only": {"on"}})
	return l
}

func (l life) call(path string, pairs ...string) map[string]any {
	l.t.Helper()
	return l.api("/api/v2/"+path+"/", with(url.Values{"token": {l.token}, "store_department_id": {DefaultDepartmentID}}, pairs...))
}

// restarted is another sandbox that takes up the state of this one.
func (l life) restarted() life {
	l.t.Helper()
	saved, err := l.Save()
	if err != nil {
		l.t.Fatal(err)
	}
	other := l
	other.box = open(l.t)
	if err := other.Restore(saved); err != nil {
		l.t.Fatal(err)
	}
	return other
}

func TestARestartChangesNothingThatIsSeen(t *testing.T) {
	t.Parallel()
	l := lively(t)
	other := l.restarted()
	seen := func(l life) string {
		return fmt.Sprint(
			l.atShop("GET", "/", nil, "Cookie", l.shopper).Body, l.ask("GET", "/js-api/"+DefaultPartnerID+"/users/history/?callback=a&auth_hash="+l.hash, nil).Body,
			l.call("users/info", "phone", "79120000001", "history", "1"), l.call("users/info", "email", "vera@example.com"),
		)
	}
	if before, after := seen(l), seen(other); after != before {
		t.Errorf("%s\n%s", before, after)
	}
	// What is not kept.
	l.state.codes = slices.DeleteFunc(l.state.codes, func(c *code) bool { return !c.used })
	for session, c := range l.state.customers {
		if c.member == nil {
			delete(l.state.customers, session)
		}
	}
	other.state.partners = l.state.partners // the shop's secrets are drawn at each start
	if !reflect.DeepEqual(l.state.contents, other.state.contents) {
		t.Errorf("%+v\n%+v", l.state.contents, other.state.contents)
	}
	if before, after := l.ask("GET", "/_sandbox/", nil).Body.String(), other.ask("GET", "/_sandbox/", nil).Body.String(); after != before {
		t.Errorf("%s\n%s", before, after)
	}
}

// What points at one member before a restart points at one after it, too.
func TestAMemberIsOneAfterARestart(t *testing.T) {
	t.Parallel()
	l := lively(t).restarted()
	l.ask("POST", "/_sandbox/www", url.Values{})
	if _, err := l.state.signIn("79120000009", "long enough"); err != nil {
		t.Errorf("the password that was chosen: %v", err)
	}
	for name, password := range map[string]string{"79120000009": "long enoug", "vera@example.com": "", "anna@example.com": "long enough"} {
		if _, err := l.state.signIn(name, password); err == nil {
			t.Errorf("%s comes in by %q", name, password)
		}
	}
	l.call("points/add", "phone", "79120000001", "points", "1000")
	if m := l.state.memberOf(l.member[len(sessionCookie)+1:]); m == nil || m != l.state.hashes[l.hash].member || m != l.state.named("anna@example.com") {
		t.Errorf("%+v", m)
	}
	if got := l.api("/auth/get-auth-hash/", exchange(l.waiting)); got["status"] != "error" {
		t.Errorf("a code that nobody had brought: %v", got)
	}
	if l.api("/auth/get-auth-hash/", exchange(l.code)); !l.state.hashes[l.hash].withdrawn {
		t.Error("a code that is brought again withdraws nothing")
	}
	ids := map[int]bool{}
	for _, m := range l.state.members {
		ids[m.ID] = true
		for _, e := range m.Entries {
			ids[e.ID] = true
		}
	}
	if m := l.state.add(member{}); ids[m.ID] {
		t.Errorf("%d is given twice", m.ID)
	}
}

func TestNoPasswordIsSaved(t *testing.T) {
	t.Parallel()
	b, err := lively(t).Save()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{DemoPassword, "long enough", DefaultSecret, DefaultDepartmentKey} {
		if bytes.Contains(b, []byte(text)) || bytes.Contains(b, []byte(base64.StdEncoding.EncodeToString([]byte(text)))) {
			t.Errorf("it has %s: %s", text, b)
		}
	}
}

func TestEveryFieldOfTheStateIsSaved(t *testing.T) {
	t.Parallel()
	l := lively(t)
	sandboxtest.EveryFieldIsSaved(t, l, &l.state.contents,
		"contents.partners", // the program's
		"customer.state",    // good once
	)
}

func TestAStateThatItNeverSavedIsRefused(t *testing.T) {
	t.Parallel()
	l := lively(t)
	saved, err := l.Save()
	if err != nil {
		t.Fatal(err)
	}
	origin := `"Origin":"` + l.state.named("anna@example.com").Origin
	bad := [][2]string{
		{`"ID":1,`, `"ID":0,`}, {`"ID":1,`, `"ID":6,`}, {`"ID":1,`, `"ID":99,`}, {origin, origin + "0"}, {`"Delta":100`, `"Delta":1000000000`}, {`"ID":2,`, `"ID":99,`},
		{`"LastID":`, `"LastID":-`}, {`"Joined":{"`, `"Joined":{"x":[99],"`}, {`"Tokens":{`, `"Tokens":{"x":1,`},
		{`"Codes":[{"Text":"` + l.code.Get("code"), `"Codes":[{"Text":"`},
	}
	for _, list := range []string{"Hashes", "Sessions", "Shoppers"} {
		bad = append(bad, [2]string{`"` + list + `":{"`, `"` + list + `":{"x":{"Member":99},"`})
	}
	if !bytes.Contains(saved, []byte(`"Member":1,"Partner"`)) {
		t.Fatal(string(saved))
	}
	bad = append(bad, [2]string{`"Member":1,"Partner"`, `"Member":2,"Partner"`})
	sandboxtest.WhatItNeverSavedIsRefused(t, l, bad...)
}
