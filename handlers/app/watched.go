package app

import (
	"context"
	"log/slog"
	"net"

	"kabinet/handlers/metrics"
)

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
