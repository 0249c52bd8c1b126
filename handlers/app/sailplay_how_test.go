package app_test

import (
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

func TestAClickToSailPlayThatBeganBeforeThePageBelongsToIt(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	to := comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com")).Header.Get("Location")
	drawer := apptest.PageOf(t, anna.Get(to)).Find("[data-how]").AttrOr("data-how", "")
	_, after, _ := strings.Cut(drawer, "after=")
	if now, _ := stepsOf(anna, "sailplay", after); len(now) == 0 || now[0] != "linking.newState" {
		t.Errorf("%s: %q", drawer, now)
	}
	if link := apptest.PageOf(t, anna.Get("/how/sailplay")).Find(`.step a[href^="/admin/"]`).Length(); link != 0 {
		t.Error("a customer is led to the inspector")
	}
	// What was noted by a program that has ended is nothing to this one.
	if now, _ := stepsOf(anna, "sailplay", "99999"); len(now) == 0 {
		t.Error("after a restart nothing is seen")
	}
}

// A session that there is already must not hide that the sign-in is broken.
func TestABrokenSignInAtSailPlayIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	linksSailPlay(anna)
	anna.Post("/demo/break", url.Values{"vendor": {"sailplay"}, "step": {"sailplay.how.sign_in"}})
	if to := anna.Post("/loyalty/refresh", url.Values{}).Header.Get("Location"); !strings.Contains(to, "down") {
		t.Errorf("the points: to %q", to)
	}
}
