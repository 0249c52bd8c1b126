// Package sandbox stands in Acme's place. It is as empty as one can be: a handler that answers the one call. What
// makes it a sandbox worth the name, faults, a desk, its page of limits, is sandbox.Frame beside the vendors.
package sandbox

import (
	"encoding/json"
	"net/http"
)

// New returns the sandbox.
func New() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /greeting", func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("name")
		if name == "" {
			http.Error(w, "name is missing", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"greeting": "Hello, " + name + "!"})
	})
	return mux
}
