package sandbox

import (
	"crypto/md5" //nolint:gosec // for its length, not for its strength
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"kabinet/integrations/webim"
)

// mobileInit is the mobile SDK's first call. Unlike the window it answers a visitor who is not believed
// with the vendor's error; that this comes with status 200 is read in published clients, not documented.
func (s *Sandbox) mobileInit(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("event") != "init" {
		answer(w, http.StatusOK, map[string]string{"error": "unknown-event"})
		return
	}
	object := q.Get("visitor-ext")
	if object != "" {
		if _, err := s.settings.Get().read(object, s.Now()); err != nil {
			answer(w, http.StatusOK, map[string]string{"error": webim.VendorError(err)})
			return
		}
	}
	n, c := s.state.begin(object, "", webim.StartPage{})
	s.state.mu.Lock()
	v, revision, online := *n.visitor, s.state.revision, s.state.online
	s.state.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{
		"revision": strconv.FormatInt(revision, 10),
		"fullUpdate": map[string]any{
			"authToken": n.token, "pageId": rand.Text(), "visitSessionId": rand.Text(), "state": "idle",
			"onlineStatus": onlineStatus[online], "chat": nil,
			"visitor": map[string]any{
				"id": visitorID(v), "fields": named(v.claim.object.Fields), "hasProvidedFields": c.believed(),
			},
		},
	})
}

// named are a visitor's fields as the mobile protocol shows them: display_name is name there, as published clients
// read it.
func named(fields webim.Fields) map[string]string {
	shown := map[string]string{}
	for name, value := range fields {
		if name == "display_name" {
			name = "name"
		}
		shown[name] = value
	}
	return shown
}

// visitorID is how the account itself knows a visitor, whoever they say they are: 32 hexadecimal digits.
func visitorID(v visitor) string {
	sum := md5.Sum(fmt.Appendf(nil, "visitor %d", v.number))
	return hex.EncodeToString(sum[:])
}
