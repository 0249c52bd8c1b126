package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/store"
)

func TestWhatTheSettingsSayIsKeptNoLongerGoesAndAdministratorsSeeIt(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	p.DB.Now = func() time.Time { return time.Now().Add(-100 * 24 * time.Hour) }
	for range 3 {
		err := p.DB.Record(t.Context(), store.Event{Kind: store.SignInFailed, Actor: store.Actor{Address: "192.0.2.77"}})
		if err != nil {
			t.Fatal(err)
		}
	}
	folder := strings.TrimSuffix(p.Database, "/demo.db")
	later := apptest.Start(t, app.Demo, app.Settings{Data: folder, KeepSettings: app.KeepSettings{
		KeepAuditDays: "40", KeepAddressesDays: "7", KeepLettersDays: "2",
	}})
	admin := later.SignedInAs(t, "admin@example.com")
	shown := func(kind store.EventKind) string {
		return apptest.PageOf(t, admin.Get("/admin/audit?event="+string(kind))).Find("tbody").Text()
	}
	// It is told of once all are gone.
	apptest.Eventually(t, "the audit to tell", func() bool { return strings.Contains(shown(store.AuditExpired), ": 3") })
	if text := shown(store.AuditExpired); !strings.Contains(text, "до ") || !strings.Contains(text, "сам портал") {
		t.Error(text)
	}
	if text := shown(store.SignInFailed); strings.Contains(text, "192.0.2.77") {
		t.Error(text)
	}
}

func TestAddressesThatAreGoneAreSaidToBe(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	err := p.DB.Record(t.Context(), store.Event{Kind: store.SignInFailed, Actor: store.Actor{Address: store.AddressGone}})
	if err != nil {
		t.Fatal(err)
	}
	admin := p.SignedInAs(t, "admin@example.com")
	text := apptest.PageOf(t, admin.Get("/admin/audit?event=sign_in_failed")).Find("tbody").Text()
	if !strings.Contains(text, "уже не хранится") || strings.Contains(text, "~") {
		t.Error(text)
	}
}

func TestHowLongThingsAreKeptIsANumberOfDays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		settings app.KeepSettings
		wrong    string
	}{
		{app.KeepSettings{KeepAuditDays: "30", KeepAddressesDays: "1", KeepLettersDays: "36500"}, ""},
		{app.KeepSettings{KeepAuditDays: "29"}, "KABINET_KEEP_AUDIT_DAYS"},
		{app.KeepSettings{KeepAuditDays: "a year"}, "KABINET_KEEP_AUDIT_DAYS"},
		{app.KeepSettings{KeepAddressesDays: "0"}, "KABINET_KEEP_ADDRESSES_DAYS"},
		{app.KeepSettings{KeepLettersDays: "-1"}, "KABINET_KEEP_LETTERS_DAYS"},
		{app.KeepSettings{KeepLettersDays: "99999999999"}, "KABINET_KEEP_LETTERS_DAYS"},
	} {
		s := app.Settings{Data: t.TempDir(), KeepSettings: tt.settings}
		if err := s.Check(app.Demo); !strings.Contains(fmt.Sprint(err), tt.wrong) || (err == nil) != (tt.wrong == "") {
			t.Errorf("%+v: %v", tt.settings, err)
		}
	}
}
