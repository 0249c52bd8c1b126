package sandbox

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"kabinet/integrations/sandbox/sandboxtest"
)

// lively is a sandbox in which everything there can be is there, and Anna in the cabinet.
func lively(t *testing.T) (*server, *browser) {
	t.Helper()
	s := serve(t)
	told := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(told.Close)
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	staff, anna := s.browser(), s.browser()
	for path, form := range map[string]url.Values{
		"/integrations/endpoint": {"endpoint": {told.URL}},
		"/leads/move":            {"deal": {"7001001"}, "status": {"142"}},
		"/_sandbox/settings":     {"claims": {claimsText}, "life": {"60"}, "no_user": {"on"}},
		"/settings/look":         {"currency": {"$"}, "date": {"mm/dd/yyyy"}, "time": {"h:MM TT"}, "lang": {"es"}, "removal": {"on"}, "logo": {""}, "title": {"Mi cuenta"}},
	} {
		if status, text := staff.post(s.account+path, form); status != http.StatusSeeOther {
			t.Fatal(path, status, text)
		}
	}
	anna.enters("79120000001")
	s.browser().post(s.cabinet+"/sign-in", url.Values{"phone": {"+79120000002"}})
	return s, anna
}

// restarted is another sandbox that takes up the state of this one, with the cookies of somebody there.
func (s *server) restarted(b *browser) (*server, *browser) {
	s.tb.Helper()
	saved, err := s.Save()
	if err != nil {
		s.tb.Fatal(err)
	}
	other := serve(s.tb)
	if err := other.Restore(saved); err != nil {
		s.tb.Fatal(err)
	}
	same := other.browser()
	same.http.Jar, err = cookiejar.New(nil)
	if err != nil {
		s.tb.Fatal(err)
	}
	from, err := url.Parse(s.cabinet)
	if err != nil {
		s.tb.Fatal(err)
	}
	same.http.Jar.SetCookies(from, b.http.Jar.Cookies(from)) // of the same host: cookies ignore ports
	return other, same
}

func TestARestartChangesNothingThatIsSeen(t *testing.T) {
	t.Parallel()
	s, anna := lively(t)
	other, again := s.restarted(anna)
	for _, path := range []string{"/settings/", "/integrations/", "/leads/", "/_sandbox/", "/_sandbox/settings", "/_sandbox/sms"} {
		_, before := s.browser().get(s.account + path)
		_, after := other.browser().get(other.account + path)
		if strings.ReplaceAll(after, other.account, s.account) != before && strings.ReplaceAll(strings.ReplaceAll(after, other.account, s.account), other.cabinet, s.cabinet) != before {
			t.Errorf("%s: %s\n%s", path, before, after)
		}
	}
	status, before := anna.deal(7001001)
	_, after := again.deal(7001001)
	script := before.Widgets[0].Script
	before.Widgets[0].Token, after.Widgets[0].Token = "", ""
	if status != http.StatusOK || !reflect.DeepEqual(before, after) {
		t.Errorf("%+v\n%+v", before, after)
	}
	_, was := anna.get(s.cabinet + script)
	if status, is := again.get(other.cabinet + script); status != http.StatusOK || is != was {
		t.Errorf("the widget's script: %d %s", status, is)
	}
	clear(s.state.logins) // which are not kept
	if !reflect.DeepEqual(s.state.contents, other.state.contents) {
		t.Errorf("%+v\n%+v", s.state.contents, other.state.contents)
	}
}

func TestEveryFieldOfTheStateIsSaved(t *testing.T) {
	t.Parallel()
	s, _ := lively(t)
	sandboxtest.EveryFieldIsSaved(t, s, &s.state.contents,
		"contents.logins",                     // not kept
		"uploaded.files", "uploaded.manifest", // which follow from the archive
		"deal.Name", "deal.Phones", "deal.Customer", "deal.fields", "deal.contacts", "deal.company", // always the same
	)
}

func TestAStateThatItNeverSavedIsRefused(t *testing.T) {
	t.Parallel()
	s, _ := lively(t)
	archive := base64.StdEncoding.EncodeToString(s.state.widget.archive)
	spoiled := bytes.ReplaceAll(s.state.widget.archive, []byte("define("), []byte("defile("))
	sandboxtest.WhatItNeverSavedIsRefused(t, s,
		[2]string{`"Tariff":"extended"`, `"Tariff":"basic"`}, [2]string{`"Tariff":"extended"`, `"Tariff":"odd"`}, [2]string{`"Installed":["sms-sandbox"]`, `"Installed":[]`},
		[2]string{`"Installed":["sms-sandbox"]`, `"Installed":["sms-sandbox","sms-sandbox"]`}, [2]string{`"Installed":["sms-sandbox"]`, `"Installed":["sms-sandbox","odd"]`},
		[2]string{`"SMSWidget":"sms-sandbox"`, `"SMSWidget":""`}, [2]string{`"Endpoint":"http://127.0.0.1`, `"Endpoint":"http://elsewhere.example`}, [2]string{`"pageTitle":"Mi cuenta"`, `"pageTitle":""`},
		[2]string{`"Claims":"text"`, `"Claims":"odd"`}, [2]string{`"Life":60000000000`, `"Life":-600000000000000`}, [2]string{archive, base64.StdEncoding.EncodeToString(spoiled)}, [2]string{archive, ""},
		[2]string{`"ID":7001001`, `"ID":7001002`}, [2]string{`"Status":"142"`, `"Status":"143"`}, [2]string{`{"ID":7002001,"Status":"101"}`, `{"ID":7002001,"Status":"101"},{"ID":1,"Status":"101"}`},
		[2]string{`"Phone":"79120000001"`, `"Phone":"79120000003"`},
	)
}
