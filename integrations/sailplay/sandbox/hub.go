package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"kabinet/integrations/sailplay"
)

// hubCalls are those that the published package sailplay-hub finds in config.urls. The sandbox has users.info and
// users.history; the others are named, so that the package's script goes on, and answer an error.
var hubCalls = []string{
	"users.info", "users.history", "users.feedback", "users.custom_variables.add", "users.custom_variables.batch_get",
	"gifts.get", "gifts.list", "gifts.categories_list", "gifts.purchase.purchase", "gifts.purchase.force_confirm",
	"badges.list", "actions.load", "actions.perform", "promocodes.apply", "tags.add", "tags.delete", "tags.exist",
	"leaderboard.data", "reviews.list", "reviews.add", "purchase", "loyalty_page_config_by_name",
}

// What SailPlay's browser SDK asks for, by JSONP: as the published package sailplay-hub does.
func (s *Sandbox) registerHub() {
	s.mux.HandleFunc("GET /js-api/{partner}/{call...}", s.jsonp(hubLacks))
	s.mux.HandleFunc("GET /js-api/{partner}/config/{$}", s.jsonp(s.hubConfig))
	s.mux.HandleFunc("GET /js-api/{partner}/users/info/{$}", s.jsonp(s.hubMember(hubInfo)))
	s.mux.HandleFunc("GET /js-api/{partner}/users/history/{$}", s.jsonp(s.hubMember(hubHistory)))
	s.mux.HandleFunc("GET /users/logout/{$}", s.hubLogout)
}

// callbackPattern is what a JSONP callback may be named: anything else would be a script of the asker's
// own choice at SailPlay's origin.
var callbackPattern = regexp.MustCompile(`^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*){0,4}$`)

// jsonp answers with a call of the callback that the asker names.
func (s *Sandbox) jsonp(do func(r *http.Request) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		callback := r.URL.Query().Get("callback")
		if len(callback) > 100 || !callbackPattern.MatchString(callback) {
			http.Error(w, "callback is no name", http.StatusBadRequest)
			return
		}
		// It writes <, > and line ends of Unicode so that they are safe in a script.
		body, _ := json.Marshal(do(r)) // it is made of texts and numbers
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintf(w, "/**/%s(%s);", callback, body)
	}
}

func hubError(message string, code sailplay.Code) map[string]any {
	return map[string]any{"status": "error", "message": message, "status_code": int(code)}
}

func (s *Sandbox) hubConfig(r *http.Request) any {
	p, err := s.state.partnerID(r.PathValue("partner"))
	if err != nil {
		return hubError("Partner not found", 0)
	}
	return map[string]any{"status": "ok", "config": map[string]any{
		"partner": map[string]string{"id": p.ID, "name": p.Name, "depId": p.DepartmentID},
		"lang":    r.URL.Query().Get("lang"),
		"env":     map[string]string{"staticUrl": s.config.URL + "/static/"},
		"urls":    hubURLs("/js-api/" + p.ID),
	}}
}

// hubURLs are the calls in the groups of their names, with paths of ours below a partner's.
func hubURLs(at string) map[string]any {
	urls := map[string]any{}
	for _, name := range hubCalls {
		groups, of := strings.Split(name, "."), urls
		for _, group := range groups[:len(groups)-1] {
			if of[group] == nil {
				of[group] = map[string]any{}
			}
			of = of[group].(map[string]any)
		}
		of[groups[len(groups)-1]] = at + "/" + strings.Join(groups, "/") + "/"
	}
	return urls
}

func hubLacks(r *http.Request) any { return hubError(lacks+r.PathValue("call"), 0) }

// hubMember answers about the member whose auth_hash, of that partner, is shown.
func (s *Sandbox) hubMember(do func(m *member) map[string]any) func(r *http.Request) any {
	return func(r *http.Request) any {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		h, ok := s.state.hashes[r.URL.Query().Get("auth_hash")]
		if !ok || h.withdrawn || h.partner != r.PathValue("partner") {
			return hubError("Bad auth_hash", sailplay.CodeBadToken)
		}
		return do(h.member)
	}
}

func hubInfo(m *member) map[string]any {
	return map[string]any{
		"status": "ok",
		"user": map[string]any{
			"id": m.ID, "first_name": m.FirstName, "last_name": m.LastName, "name": m.FirstName, "phone": m.Phone,
			"email": m.Email, "origin_user_id": m.Origin,
		},
		"user_points": describePoints(m.points()),
		"user_status": map[string]any{"name": nil, "pic": nil},
	}
}

func hubHistory(m *member) map[string]any {
	return map[string]any{"status": "ok", "history": m.history()}
}

// hubLogout ends the member's session in this browser; the SDK opens it in a frame, without saying whose page it is.
func (s *Sandbox) hubLogout(w http.ResponseWriter, r *http.Request) {
	framed(w, s.state.partners...)
	s.signOut(w, r, sessionCookie)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
}
