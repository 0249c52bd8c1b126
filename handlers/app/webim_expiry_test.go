package app_test

import (
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/store"
)

func TestWhatWebimHasToldIsKeptForAsLongAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	p.DB.Now = func() time.Time { return time.Now().Add(-10 * 24 * time.Hour) }
	if err := p.DB.AddWebimEvent(t.Context(), store.NewWebimEvent{Event: "chat_closed", Signed: "x"}); err != nil {
		t.Fatal(err)
	}
	told := func(p *apptest.Program) int {
		page, err := p.DB.WebimEvents(t.Context(), 0, store.Cursor{})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Rows)
	}
	s := app.Settings{Data: strings.TrimSuffix(p.Database, "/demo.db")}
	s.Webim.KeepEvents = "5"
	later := apptest.Start(t, app.Demo, s)
	apptest.Eventually(t, "it to be gone", func() bool { return told(later) == 0 })
	s.Webim.KeepEvents = "never"
	if err := s.Check(app.Demo); err == nil || !strings.Contains(err.Error(), "WEBIM_KEEP_EVENTS_DAYS") {
		t.Error(err)
	}
}
