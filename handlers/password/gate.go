package password

import "context"

// gate lets a few in at a time and a few more wait.
type gate struct {
	inside  chan struct{}
	present chan struct{} // inside or waiting
}

func newGate(concurrent, waiting int) *gate {
	return &gate{inside: make(chan struct{}, concurrent), present: make(chan struct{}, concurrent+waiting)}
}

// enter returns nil when it is the caller's turn; leave must follow. It returns ErrBusy at
// once when too many wait.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.present <- struct{}{}:
	default:
		return ErrBusy
	}
	select {
	case g.inside <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-g.present
		return ctx.Err()
	}
}

// full tells whether the next would be turned away.
func (g *gate) full() bool { return len(g.present) == cap(g.present) }

func (g *gate) leave() {
	<-g.inside
	<-g.present
}
