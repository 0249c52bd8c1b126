package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"kabinet/handlers/metrics"
)

// Grace is how long requests in flight may take to finish once the program is told to stop.
const Grace = 10 * time.Second

// Listen listens on addr. When the port is taken, the error says by which setting to choose another.
func Listen(addr, flag, variable string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken by another program (is Kabinet running already?); choose another port "+
			"by %s or %s, for example %s=127.0.0.1:8090", addr, flag, variable, variable)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %q (%s or %s, for example %s=127.0.0.1:8090): %w", addr, flag, variable,
			variable, err)
	}
	return listener, nil
}

// unusedConns are the connections on which nothing has been asked yet. Browsers open some
// ahead, and Shutdown would wait five seconds for each.
type unusedConns struct {
	mu    sync.Mutex
	conns map[net.Conn]bool // nil once closed
}

func (u *unusedConns) note(c net.Conn, s http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case s != http.StateNew:
		delete(u.conns, c)
	case u.conns == nil:
		c.Close()
	default:
		u.conns[c] = true
	}
}

func (u *unusedConns) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.conns {
		c.Close()
	}
	u.conns = nil
}

// Begin has something done in the background until the context ends, or until the function that it returns is called,
// which waits for the end.
func Begin(ctx context.Context, do func(context.Context)) (end func()) {
	ctx, stop := context.WithCancel(ctx)
	var doing sync.WaitGroup
	doing.Go(func() { do(ctx) })
	return func() {
		stop()
		doing.Wait()
	}
}

// streaming is a handler with answers that have no end of their own.
type streaming interface{ EndStreams() }

// Run serves until the context ends, then ends streams, lets requests in flight finish for up to
// grace, and ends the rest. It returns nil after such an end.
func Run(ctx context.Context, listener net.Listener, handler http.Handler, grace time.Duration,
	log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	if s, ok := handler.(streaming); ok {
		server.RegisterOnShutdown(s.EndStreams)
	}
	unused := unusedConns{conns: map[net.Conn]bool{}}
	server.ConnState = unused.note
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(deadlines{listener, writePatience}) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping once the requests in flight have finished; a second signal stops at once", "at_most", grace)
	unused.close()
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		log.Warn("ending what did not finish", "after", grace)
		return server.Close()
	}
	return nil
}

// ServeMetrics answers Prometheus on a listener of its own until the context ends, or until the function that it
// returns is called, which waits for the end.
func (a *App) ServeMetrics(ctx context.Context, listener net.Listener, log *slog.Logger) (end func()) {
	return Begin(ctx, func(ctx context.Context) {
		if err := Run(ctx, listener, a.Metrics, Grace, log); err != nil {
			log.Error("metrics are not told any more", "error", err)
		}
	})
}

// Version is the commit that the program was built of, and Go's version.
func Version() string {
	revision, version := metrics.Build()
	return revision + " (" + version + ")"
}
