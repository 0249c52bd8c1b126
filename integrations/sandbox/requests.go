package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Request is one that a sandbox was asked, for the assertions of tests. Pages below /_sandbox/ are not noted.
type Request struct {
	Method, Host, Path string
	Query              url.Values
}

// maxRequests is how many are remembered, the newest.
const maxRequests = 1000

// Requests remembers what a sandbox was asked. The zero value is ready; it is safe for concurrent use.
type Requests struct {
	mu  sync.Mutex
	all []Request
}

// Note remembers a request.
func (r *Requests) Note(asked *http.Request) {
	if strings.HasPrefix(asked.URL.Path, "/_sandbox/") {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) >= maxRequests {
		r.all = slices.Delete(r.all, 0, maxRequests/10)
	}
	r.all = append(r.all, Request{asked.Method, asked.Host, asked.URL.Path, asked.URL.Query()})
}

// All returns what is remembered, the oldest first.
func (r *Requests) All() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// Clear forgets everything.
func (r *Requests) Clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = nil
}
