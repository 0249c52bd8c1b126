package web

import "net/http"

// GuessesAtAccount is how many wrong passwords are taken at once.
var GuessesAtAccount = guessesAtAccount.Burst

// AskAddress has something done whenever a request's address is asked for.
func AskAddress(s *Site, do func()) { s.echo.IPExtractor = asking(do) }

// AskAddressOfSessions has something done whenever a new session's address is asked for.
func AskAddressOfSessions(s *Site, do func()) { s.sessions.address = asking(do) }

func asking(do func()) func(*http.Request) string {
	return func(*http.Request) string { do(); return "192.0.2.1" }
}
