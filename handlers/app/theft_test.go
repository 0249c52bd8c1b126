package app_test

import (
	"net/url"
	"testing"

	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

func TestASessionPlantedInAnothersBrowserEndsWhenTheyRegister(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	attacker, victim := r.Client(t), r.Client(t)
	attacker.SignIn("boris@example.com")
	victim.HTTP.Jar.SetCookies(apptest.MustParse(t, r.URL), attacker.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL)))
	if !victim.SignedIn() {
		t.Fatal("nothing was planted")
	}
	apptest.Redirected(t, victim.Post("/logout", url.Values{}), "/login?signed-out")
	victim.HTTP.Jar.SetCookies(apptest.MustParse(t, r.URL), attacker.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL)))
	apptest.Redirected(t, victim.Post("/register", registration()), "/dashboard")
	if attacker.SignedIn() {
		t.Error("the planted session lives on")
	}
}

func TestAStolenSessionEndsWithWhateverEndsIt(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(r *apptest.Program, victim *apptest.Client, id int64) error{
		"signing out": func(_ *apptest.Program, victim *apptest.Client, _ int64) error {
			apptest.Redirected(t, victim.Post("/logout", url.Values{}), "/login?signed-out")
			return nil
		},
		"switching off and on": func(r *apptest.Program, _ *apptest.Client, id int64) error {
			if err := r.DB.SetDisabled(t.Context(), id, true, store.Actor{}); err != nil {
				return err
			}
			return r.DB.SetDisabled(t.Context(), id, false, store.Actor{})
		},
		"a new password": func(r *apptest.Program, victim *apptest.Client, _ int64) error {
			apptest.Redirected(t, victim.Post("/profile/password",
				url.Values{"password": {"another good phrase"}}), "/profile?saved=password")
			return nil
		},
		"ending all others": func(_ *apptest.Program, victim *apptest.Client, _ int64) error {
			apptest.Redirected(t, victim.Post("/profile/sessions/end-others", url.Values{}), "/profile/sessions?ended")
			return nil
		},
		"deleting the account": func(_ *apptest.Program, victim *apptest.Client, _ int64) error {
			apptest.Redirected(t, victim.Post("/profile/delete", url.Values{}), "/?deleted")
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			elsewhere, victim, thief := r.Client(t), r.Client(t), r.Client(t)
			victim.SignIn("anna@example.com")
			if name == "signing out" {
				elsewhere = victim
			} else {
				elsewhere.SignIn("anna@example.com")
			}
			thief.HTTP.Jar.SetCookies(apptest.MustParse(t, r.URL),
				elsewhere.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL)))
			if !thief.SignedIn() {
				t.Fatal("nothing was stolen")
			}
			if err := end(r, victim, r.User(t, "anna@example.com").ID); err != nil {
				t.Fatal(err)
			}
			if thief.SignedIn() {
				t.Error("the stolen session lives on")
			}
		})
	}
}
