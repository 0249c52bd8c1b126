package sandbox

import (
	"io"
	"net/http"
	"slices"
	"strconv"
)

func (s *Sandbox) registerPages() {
	s.mux.HandleFunc("GET /{$}", s.mailbox)
	s.mux.HandleFunc("GET /letters/{id}", s.withLetter(func(w http.ResponseWriter, r *http.Request, l Letter) {
		page := s.Frame.Page(r, "mailbox.letter")
		page.Title = l.Subject
		w.Header().Set("Content-Security-Policy", w.Header().Get("Content-Security-Policy")+"; frame-src 'self'")
		s.Frame.Show(w, r, http.StatusOK, letterPage(page, l))
	}))
	s.mux.HandleFunc("GET /letters/{id}/html", s.withLetter(showHTML))
	s.mux.HandleFunc("GET /mailbox.js", s.Frame.Script("assets/mailbox.js"))
}

// mailbox is the list, the newest first; its script brings what comes later.
func (s *Sandbox) mailbox(w http.ResponseWriter, r *http.Request) {
	all := s.state.all()
	slices.Reverse(all)
	s.Frame.Show(w, r, http.StatusOK, mailboxPage(s.Frame.Page(r, "mailbox.title"), all))
}

func (s *Sandbox) withLetter(show func(http.ResponseWriter, *http.Request, Letter)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.Atoi(r.PathValue("id"))
		l, ok := s.state.letter(id)
		if !ok {
			http.NotFound(w, r)
			return
		}
		show(w, r, l)
	}
}

// showHTML shows a letter's HTML as a mail program does: no script runs, nothing is loaded, and a link opens a window
// of its own.
func showHTML(w http.ResponseWriter, _ *http.Request, l Letter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; "+
		"frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
	_, _ = io.WriteString(w, `<base target="_blank">`+l.HTML) // the browser may have left
}
