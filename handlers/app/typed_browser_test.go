package app_test

import (
	"testing"

	"kabinet/handlers/app/apptest"
	"kabinet/store"
)

func TestWhatWasDoneIsSaidWhereTheReaderBegins(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(p, "anna@example.com")
	tab.Open(p.URL + "/profile")
	tab.Click("form.stack button.button")
	tab.Wait(`document.activeElement?.matches(".note[role=status]") && document.activeElement.innerText !== ""`)
}

const typedName = `document.getElementById("name").value`

// What was typed into a form is there again after the session has ended meanwhile, for who typed it and nobody else.
func TestWhatWasTypedOutlivesTheSession(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignIn(p, "anna@example.com")
	ends := func() {
		tab.Open(p.URL + "/profile")
		tab.Fill("name", "Анна Петрова")
		anna := p.User(t, "anna@example.com")
		if err := p.DB.EndSessions(t.Context(), anna.ID, nil, store.Actor{}); err != nil {
			t.Fatal(err)
		}
		tab.Click("form.stack button.button")
		tab.Wait(`location.pathname === "/login" && document.readyState === "complete"`)
	}
	ends()
	apptest.SubmitSignIn(tab, "anna@example.com")
	tab.Wait(`location.pathname === "/profile" && ` + typedName + ` === "Анна Петрова"`)

	ends()
	apptest.SubmitSignIn(tab, "boris@example.com")
	tab.Wait(`location.pathname === "/profile" && ` + typedName + ` === "Борис Кузнецов"`)
	tab.Open(p.URL + "/profile")
	if left := apptest.Eval[string](tab, `sessionStorage.getItem("typed") ?? ""`); left != "" {
		t.Errorf("another reader's tab keeps %s", left)
	}
}

func TestWhatWasTypedIsThereOnTheWayBack(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(p, "anna@example.com")
	tab.Open(p.URL + "/profile")
	tab.Fill("name", "Анна Петрова")
	tab.Open(p.URL + "/chat")
	tab.Back()
	tab.Wait(`location.pathname === "/profile" && ` + typedName + ` === "Анна Петрова"`)

	// Whoever comes to the page anew begins anew.
	tab.Open(p.URL + "/dashboard")
	tab.Open(p.URL + "/profile")
	tab.Wait(`document.readyState === "complete" && ` + typedName + ` === "Анна Смирнова"`)
}

// A form that was sent into a lost connection is there again, with what was typed, once the connection is back.
func TestWhatWasTypedOutlivesALostConnection(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(p, "anna@example.com")
	tab.Open(p.URL + "/profile")
	tab.Fill("name", "Анна Петрова")
	apptest.Offline(tab, true)
	tab.Click("form.stack button.button")
	tab.Wait(`location.protocol === "chrome-error:"`)
	apptest.Offline(tab, false)
	tab.Open(p.URL + "/profile") // the error has taken the form's place in the browser's history
	tab.Wait(`location.pathname === "/profile" && document.readyState === "complete" && ` + typedName + ` === "Анна Петрова"`)
}

// The way back leads whoever has signed in meanwhile to their own form, and not to what another has typed.
func TestTheWayBackShowsNobodyWhatAnotherHasTyped(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignIn(p, "anna@example.com")
	tab.Open(p.URL + "/profile")
	tab.Fill("name", "Анна Петрова")
	tab.Do(apptest.Evaluate(`document.querySelector('form[action="/logout"]').requestSubmit(); 0`))
	tab.Wait(`location.pathname !== "/profile" && document.readyState === "complete"`)
	tab.SignIn(p, "boris@example.com")
	for apptest.Eval[string](tab, `location.pathname`) != "/profile" {
		tab.Back()
		tab.Wait(`document.readyState === "complete"`)
	}
	tab.Wait(typedName + ` === "Борис Кузнецов"`)
	if got := apptest.Eval[string](tab, typedName); got != "Борис Кузнецов" {
		t.Errorf("Boris reads %s", got)
	}
}
