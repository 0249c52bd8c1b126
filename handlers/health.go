package handlers

import (
	"context"
	"net/http"
	"sync"
	"time"

	"kabinet/handlers/web"
)

// healthz says that the process answers.
func (p *Portal) healthz(r *web.Request) error { return r.String(http.StatusOK, "ok\n") }

// readyFor is how long the database is not asked again: who asks is nobody in particular, and asking writes.
const readyFor = time.Second

// patience is how long a probe waits for the database.
const patience = 2 * time.Second

// readiness is what the database said last.
type readiness struct {
	sync.Mutex
	at  time.Time
	err error
}

// IsReady returns an error while the database cannot be read, or written to, as /readyz tells.
func (p *Portal) IsReady(ctx context.Context) error {
	p.ready.Lock()
	defer p.ready.Unlock()
	if time.Since(p.ready.at) >= readyFor {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		p.ready.err = p.site.DB.Ping(limited)
		p.ready.at = time.Now()
	}
	return p.ready.err
}

// readyz says whether the portal can serve: 503 when the database cannot be read, or written to.
func (p *Portal) readyz(r *web.Request) error {
	if err := p.IsReady(r.Request().Context()); err != nil {
		p.site.Log.Error("not ready", "error", err)
		return r.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return r.String(http.StatusOK, "ready\n")
}
