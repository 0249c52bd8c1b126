package app_test

import (
	"net/url"
	"testing"

	"kabinet/handlers/app"
	"kabinet/store"
)

func TestASessionPlantedInAnothersBrowserEndsWhenTheyRegister(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	attacker, victim := r.client(t), r.client(t)
	attacker.signIn("boris@example.com")
	victim.http.Jar.SetCookies(mustParse(t, r.url), attacker.http.Jar.Cookies(mustParse(t, r.url)))
	if !victim.isSignedIn() {
		t.Fatal("nothing was planted")
	}
	redirected(t, victim.post("/logout", url.Values{}), "/login?signed-out")
	victim.http.Jar.SetCookies(mustParse(t, r.url), attacker.http.Jar.Cookies(mustParse(t, r.url)))
	redirected(t, victim.post("/register", registration()), "/dashboard")
	if attacker.isSignedIn() {
		t.Error("the planted session lives on")
	}
}

func TestAStolenSessionEndsWithWhateverEndsIt(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(r *running, victim *client, id int64) error{
		"signing out": func(_ *running, victim *client, _ int64) error {
			redirected(t, victim.post("/logout", url.Values{}), "/login?signed-out")
			return nil
		},
		"switching off and on": func(r *running, _ *client, id int64) error {
			if err := r.DB.SetDisabled(t.Context(), id, true, store.By{}); err != nil {
				return err
			}
			return r.DB.SetDisabled(t.Context(), id, false, store.By{})
		},
		"a new password": func(r *running, victim *client, _ int64) error {
			redirected(t, victim.post("/profile/password", url.Values{"current": {app.DemoPassword}, "password": {"another good phrase"}}), "/profile?saved=password")
			return nil
		},
		"ending all others": func(_ *running, victim *client, _ int64) error {
			redirected(t, victim.post("/profile/sessions/end-others", url.Values{}), "/profile/sessions?ended")
			return nil
		},
		"deleting the account": func(_ *running, victim *client, _ int64) error {
			redirected(t, victim.post("/profile/delete", url.Values{"password": {app.DemoPassword}}), "/?deleted")
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startDemo(t)
			elsewhere, victim, thief := r.client(t), r.client(t), r.client(t)
			victim.signIn("anna@example.com")
			if name == "signing out" {
				elsewhere = victim
			} else {
				elsewhere.signIn("anna@example.com")
			}
			thief.http.Jar.SetCookies(mustParse(t, r.url), elsewhere.http.Jar.Cookies(mustParse(t, r.url)))
			if !thief.isSignedIn() {
				t.Fatal("nothing was stolen")
			}
			if err := end(r, victim, r.user(t, "anna@example.com").ID); err != nil {
				t.Fatal(err)
			}
			if thief.isSignedIn() {
				t.Error("the stolen session lives on")
			}
		})
	}
}
