package metrics

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kabinet/store"
)

// Figures are asked for at most once in so long, however many ask: counting sessions takes a fraction of a second
// where there are millions. patience is how long a database is waited for.
const (
	figuresEvery = 15 * time.Second
	patience     = 5 * time.Second
)

type databaseCollector struct {
	db      *store.DB
	isReady func(context.Context) error
	log     *slog.Logger

	up, sessions, size, letters, oldest, repeats *prometheus.Desc
	connections, waits, waitSeconds              *prometheus.Desc

	mu     sync.Mutex
	asked  time.Time
	outbox store.Outbox
	known  store.Figures
	wrong  struct{ outbox, figures error }
}

func newDatabaseCollector(db *store.DB, isReady func(context.Context) error, log *slog.Logger) *databaseCollector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &databaseCollector{
		db: db, isReady: isReady, log: log,
		up:       describe("kabinet_database_up", "1 while the database can be read and written to, as at /readyz."),
		sessions: describe("kabinet_sessions", "Sessions that have not ended, of all instances."),
		size:     describe("kabinet_database_bytes", "How large the database is, SQLite's write-ahead log aside."),
		letters:  describe("kabinet_outbox_letters", "Letters that wait to be sent."),
		oldest:   describe("kabinet_outbox_oldest_seconds", "How long the oldest of them has waited; 0 for none."),
		repeats: describe("kabinet_database_repeats_total",
			"Transactions that were tried again because another was in the way."),
		connections: describe("kabinet_database_connections", "Connections to the database.", "of", "state"),
		waits:       describe("kabinet_database_waits_total", "How often a connection was waited for.", "of"),
		waitSeconds: describe("kabinet_database_wait_seconds_total", "How long connections were waited for.", "of"),
	}
}

func (c *databaseCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.up, c.sessions, c.size, c.letters, c.oldest, c.repeats, c.connections, c.waits, c.waitSeconds,
	} {
		out <- d
	}
}

// Collect leaves out what the database has not told.
func (c *databaseCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	counter := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
	}
	for of, s := range c.db.Connections() {
		gauge(c.connections, float64(s.InUse), of, "in_use")
		gauge(c.connections, float64(s.Idle), of, "idle")
		counter(c.waits, float64(s.WaitCount), of)
		counter(c.waitSeconds, s.WaitDuration.Seconds(), of)
	}
	counter(c.repeats, float64(c.db.Repeats()))
	if c.isReady(context.Background()) != nil {
		gauge(c.up, 0)
		return
	}
	gauge(c.up, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ask()
	if c.wrong.outbox == nil {
		waits := 0.0
		if !c.outbox.Oldest.IsZero() {
			waits = max(0, c.db.Now().Sub(c.outbox.Oldest).Seconds())
		}
		gauge(c.letters, float64(c.outbox.Waiting))
		gauge(c.oldest, waits)
	}
	if c.wrong.figures == nil {
		gauge(c.sessions, float64(c.known.Sessions))
		gauge(c.size, float64(c.known.Bytes))
	}
}

// ask asks the database, if that is due.
func (c *databaseCollector) ask() {
	if time.Since(c.asked) < figuresEvery {
		return
	}
	c.asked = time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c.outbox, c.wrong.outbox = c.db.Outbox(ctx)
	c.known, c.wrong.figures = c.db.Figures(ctx)
	if err := errors.Join(c.wrong.outbox, c.wrong.figures); err != nil {
		c.log.Error("asking the database for figures", "error", err)
	}
}
