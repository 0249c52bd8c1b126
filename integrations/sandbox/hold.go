package sandbox

import (
	"context"
	"net/http"
)

// gate is where an operation's requests are held.
type gate struct {
	opened chan struct{}
	held   int
}

// enter counts a request as held, before anybody can look whether it is.
func (f *Faults) enter(operation string) *gate {
	g := f.gates[operation]
	if g == nil {
		g = &gate{opened: make(chan struct{})}
		f.gates[operation] = g
	}
	g.held++
	return g
}

// hold waits at the gate until it is opened. It returns false when the context ended meanwhile.
func (f *Faults) hold(ctx context.Context, g *gate) bool {
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		g.held--
	}()
	select {
	case <-g.opened:
		return true
	case <-ctx.Done():
		return false
	}
}

// Held is how many requests of the operation are being held.
func (f *Faults) Held(operation string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g := f.gates[operation]; g != nil {
		return g.held
	}
	return 0
}

// Release lets the requests of the operation, or of all where it is empty, that are being held go on. A fault that is
// still set holds those that come later.
func (f *Faults) Release(operation string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.release(operation)
}

func (f *Faults) release(operation string) {
	for at, g := range f.gates {
		if operation == "" || operation == at {
			delete(f.gates, at)
			close(g.opened)
		}
	}
}

// releaseFaults takes the form of the pages: an operation, or empty for all.
func (f *Frame) releaseFaults(w http.ResponseWriter, r *http.Request) {
	f.Faults.Release(r.PostFormValue("operation"))
	http.Redirect(w, r, "/_sandbox/#faults", http.StatusSeeOther)
}
