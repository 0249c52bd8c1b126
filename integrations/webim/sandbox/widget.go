package sandbox

import (
	"net/http"
	"strings"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/webim"
)

func (s *Sandbox) registerWidget() {
	s.mux.HandleFunc("GET /js/button.js", s.Faults().Handler("button.js", s.Frame.Script("assets/button.js")))
	s.mux.HandleFunc("GET /button.php", s.Faults().Handler("button.php", s.buttonPicture))
	s.mux.HandleFunc("GET /webim/client.php", s.Faults().Handler("client.php", s.client))
	s.mux.HandleFunc("GET /webim/online-status", s.Faults().Handler("online-status", s.tellOnline))
	for _, name := range []string{"client.js", "operator.js", "live.js", "conversation.js"} {
		s.mux.HandleFunc("GET /_sandbox/"+name, s.Frame.Script("assets/"+name))
	}
}

// buttonPicture is the picture of the vendor's button: whether the operator is there.
func (s *Sandbox) buttonPicture(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	http.ServeFileFS(w, r, assets, "assets/"+onlineStatus[s.state.isOnline()]+".svg")
}

// onlineStatus is what the mobile protocol calls it whether the operator is there.
var onlineStatus = map[bool]string{true: "online", false: "offline"}

// tellOnline reports whether the operator is there. The vendor's call is not known; the values are the
// mobile protocol's.
func (s *Sandbox) tellOnline(w http.ResponseWriter, r *http.Request) {
	if err := webim.CheckLocation(r.URL.Query().Get("location")); err != nil {
		answerError(w, err)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	answer(w, http.StatusOK, map[string]string{"onlineStatus": onlineStatus[s.state.isOnline()]})
}

func (s *state) isOnline() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.online
}

// clientModel is the chat's window: a page of its own, or inside button.js's frame, which says who the
// visitor is and speaks the language of the page around it.
type clientModel struct {
	Framed  bool
	Visitor string // the object as it stood in the link; empty for none
	Start   webim.StartPage
}

func (s *Sandbox) client(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	m := clientModel{Framed: query.Has("framed"), Visitor: query.Get("provided-visitor")}
	query.Del("provided-visitor") // judged when the page says it, as any other
	link, err := webim.ParseLink(query.Encode())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if link.StartPage != nil {
		m.Start = *link.StartPage
	}
	p := s.Frame.Page(r, "client.title")
	if l, ok := catalogue.Parse(query.Get("lang")); ok && m.Framed {
		p.Texts = s.Frame.Catalogue.In(l)
		p.Title = p.Texts.T("client.title")
	}
	p.Path = "/webim/client.php" // without the visitor, who must not get into a form
	p.Framed = m.Framed
	m.Visitor = strings.ToValidUTF8(m.Visitor, "\uFFFD")
	s.Frame.Show(w, r, http.StatusOK, client(p, m))
}
