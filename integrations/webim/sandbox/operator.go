package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/webim"
)

// OperatorName is who answers.
const OperatorName = "Ольга"

// The console is open to whoever reaches the sandbox; its forms come from its own pages only.
func (s *Sandbox) registerOperator() {
	s.mux.HandleFunc("GET /operator", s.Faults().Handler("operator", func(w http.ResponseWriter, r *http.Request) {
		s.Frame.Show(w, r, http.StatusOK, operatorPage(s.Frame.Page(r, "operator.title"), s.state.isOnline()))
	}))
	s.mux.HandleFunc("GET /operator/events", s.Faults().Handler("events", s.operatorEvents))
	for path, do := range map[string]func(*visitor, request){
		"take":   func(v *visitor, _ request) { s.state.assign(v) },
		"typing": func(v *visitor, _ request) { s.state.typing(v, &v.operatorTyped) },
		"read":   func(v *visitor, q request) { s.state.read(v, &v.readByOperator, q.ID) },
		"close":  func(v *visitor, _ request) { s.state.close(v) },
	} {
		s.mux.Handle("POST /operator/visitors/{id}/"+path, s.asOperator(func(v *visitor, q request) (any, error) {
			do(v, q)
			return struct{}{}, nil
		}))
	}
	s.mux.Handle("POST /operator/visitors/{id}/messages", s.asOperator(func(v *visitor, q request) (any, error) {
		if err := checkMessage(q.Text, q.Key); err != nil {
			return nil, err
		}
		return map[string]int64{"id": s.state.write(v, fromOperator, q.Text, q.Key)}, nil
	}))
	s.mux.Handle("POST /operator/online", s.Frame.Guarded(s.setOnline))
}

// asOperator does something about a visitor.
func (s *Sandbox) asOperator(do func(*visitor, request) (any, error)) http.Handler {
	return s.Frame.Guarded(call(func(r *http.Request, q request) (any, error) {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		v, err := s.state.visitorOf(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return do(v, q)
	}))
}

func (s *Sandbox) setOnline(w http.ResponseWriter, r *http.Request) {
	s.state.mu.Lock()
	s.state.online = r.PostFormValue("online") == "true"
	for _, v := range s.state.visitors {
		s.state.changed(v)
	}
	s.state.mu.Unlock()
	http.Redirect(w, r, "/operator", http.StatusSeeOther)
}

// summary is a visitor in the console's list, and what is known of them.
type summary struct {
	ID        string           `json:"id"`
	Number    int              `json:"number"`
	Name      string           `json:"name"`
	Proven    bool             `json:"proven"`
	Verdict   string           `json:"verdict"` // in words
	Connected bool             `json:"connected"`
	Started   bool             `json:"started"` // something was written
	Open      bool             `json:"open"`
	Assigned  bool             `json:"assigned"`
	Typing    bool             `json:"typing"`
	Unread    int              `json:"unread"`
	Last      int64            `json:"last"` // the last message
	Seen      int64            `json:"seen"` // the last message that the visitor has seen
	Version   webim.Version    `json:"version"`
	Algorithm webim.Algorithm  `json:"algorithm"`
	Expires   int64            `json:"expires"` // unix seconds; 0 for never
	Fields    []field          `json:"fields"`
	Start     *webim.StartPage `json:"start"`
}

type field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// operatorEvents streams the visitors, and what is said in the chat of the one that is looked at: one
// stream, since browsers open six connections to a host at most.
func (s *Sandbox) operatorEvents(w http.ResponseWriter, r *http.Request) {
	texts, chosen := s.Frame.Texts(r), r.URL.Query().Get("visitor")
	s.stream(w, r, func(cursor string) (batch, error) {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		return s.state.newerForOperator(texts, chosen, cursor), nil
	})
}

// newerForOperator is what a console has not been sent yet. The cursor names the epoch, so that after a
// reset everything begins anew, and the visitor who is looked at, whose conversation begins with another.
func (s *state) newerForOperator(t *catalogue.Texts, chosen, cursor string) batch {
	b := batch{cursor: fmt.Sprintf("%s %d %s", s.epoch, s.revision, chosen), wake: s.wake}
	epoch, rest, _ := strings.Cut(cursor, " ")
	seen, before, ok := strings.Cut(rest, " ")
	revision, err := strconv.ParseInt(seen, 10, 64)
	if !ok || err != nil || epoch != s.epoch {
		revision = 0
		b.events = append(b.events, event{"reset", map[string]string{"epoch": s.epoch}})
	}
	said := revision
	if revision == 0 || before != chosen {
		said = 0
		b.events = append(b.events, event{"conversation", struct{}{}})
	}
	starts := s.starts()
	for _, v := range s.visitors {
		if s.consoleID(v) == chosen {
			for _, m := range since(v.messages, said) {
				b.events = append(b.events, event{"message", m})
			}
		}
		if v.revision > revision {
			b.events = append(b.events, event{"visitor", s.summarize(t, v, starts[v])})
		}
	}
	return b
}

// starts are the pages that visitors came from, the last one of each.
func (s *state) starts() map[*visitor]*webim.StartPage {
	found, seen := map[*visitor]*webim.StartPage{}, map[*visitor]time.Time{}
	for _, n := range s.sessions {
		if n.start.URL != "" && !seen[n.visitor].After(n.seen) {
			found[n.visitor], seen[n.visitor] = &n.start, n.seen // no session's start ever changes
		}
	}
	return found
}

func (s *state) summarize(t *catalogue.Texts, v *visitor, start *webim.StartPage) summary {
	m := summary{
		ID: s.consoleID(v), Number: v.number, Name: v.name(), Proven: v.provided != "", Connected: v.streams > 0,
		Started: len(v.messages) > 0, Open: v.chat != nil, Assigned: v.chat != nil && v.chat.assigned,
		Typing: s.clock().Sub(v.visitorTyped) < typingLasts, Unread: v.unread(), Seen: v.readByVisitor,
		Version: v.claim.object.Version, Algorithm: v.claim.algorithm, Start: start,
		Verdict: t.With(v.claim.why, map[string]any{"Field": v.claim.field}),
	}
	if !v.claim.object.Expires.IsZero() {
		m.Expires = v.claim.object.Expires.Unix()
	}
	if len(v.messages) > 0 {
		m.Last = v.messages[len(v.messages)-1].ID
	}
	for _, name := range fieldNames(v.claim.object.Fields) {
		m.Fields = append(m.Fields, field{name, v.claim.object.Fields[name]})
	}
	return m
}

// fieldNames are those that are filled: the documented ones in the vendor's order, then the others.
func fieldNames(fields webim.Fields) []string {
	names := slices.Clone(webim.Documented)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return fields[name] == "" })
}
