package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Request is one that a sandbox was asked, for the assertions of tests. Pages below /_sandbox/ are not noted.
type Request struct {
	Method, Host, Path string
	Query              url.Values
}

// maxRequests is how many are remembered, the newest.
const maxRequests = 1000

// note remembers a request.
func (k *Kernel) note(asked *http.Request) {
	if strings.HasPrefix(asked.URL.Path, "/_sandbox/") {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.requests) >= maxRequests {
		k.requests = slices.Delete(k.requests, 0, maxRequests/10)
	}
	k.requests = append(k.requests, Request{asked.Method, asked.Host, asked.URL.Path, asked.URL.Query()})
}

// Requests are those that the sandbox was asked, the oldest first, for tests.
func (k *Kernel) Requests() []Request {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.requests)
}
