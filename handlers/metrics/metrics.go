package metrics

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kabinet/handlers/password"
	"kabinet/integrations/outgoing"
	"kabinet/static"
	"kabinet/store"
)

// Metrics are the figures of one portal. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
	calls          *prometheus.CounterVec
	callSeconds    *prometheus.HistogramVec
	refused        prometheus.Counter
	waited         prometheus.Histogram
}

// From a page, which takes a millisecond, to a vendor that is waited for; in seconds.
var (
	pageSeconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	waitSeconds = []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40}
)

// New returns figures that are all zero.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kabinet_requests_total", Help: "Requests that were answered, by route of the site map and status.",
		}, []string{"method", "route", "status"}),
		requestSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kabinet_request_seconds", Help: "How long answers took, live pages with them, by route.",
			Buckets: pageSeconds,
		}, []string{"method", "route"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kabinet_vendor_calls_total",
			Help: "Attempts at calls to vendors, by operation and what came of them.",
		}, []string{"vendor", "operation", "outcome"}),
		callSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kabinet_vendor_call_seconds", Help: "How long vendors took to answer, or not to, by operation.",
			Buckets: pageSeconds,
		}, []string{"vendor", "operation"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "kabinet_password_gate_refused_total",
			Help: "Who was turned away because too many waited to have a password verified.",
		}),
		waited: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kabinet_password_gate_seconds", Buckets: waitSeconds,
			Help: "How long those waited whose password was verified or hashed.",
		}),
	}
	m.registry.MustRegister(m.requests, m.requestSeconds, m.calls, m.callSeconds, m.refused, m.waited, build(),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Build is the commit that the program was built of, "unknown" where nobody has said so, and Go's version.
func Build() (revision, version string) {
	revision, version = "unknown", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	return revision, version
}

// build tells which program runs.
func build() prometheus.Collector {
	revision, version := Build()
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "kabinet_build_info", Help: "Always 1: the commit that the program was built of, and Go's version.",
		ConstLabels: prometheus.Labels{"revision": revision, "go": version},
	}, func() float64 { return 1 })
}

// other is what has no name in the program.
const other = "other"

// Answered counts an answer: see web.Config.
func (m *Metrics) Answered(method, route string, status int, took time.Duration) {
	if strings.HasPrefix(route, static.Prefix()) { // which has another name in each build
		route = "/static/*"
	}
	method, route = cmp.Or(method, other), cmp.Or(route, other)
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.requestSeconds.WithLabelValues(method, route).Observe(took.Seconds())
}

// Called counts an attempt at a call: see outgoing.Recorder.
func (m *Metrics) Called(e outgoing.Exchange) {
	operation := cmp.Or(e.Operation, other)
	m.calls.WithLabelValues(e.Vendor, operation, outcome(e)).Inc()
	if e.Cause != outgoing.Open {
		m.callSeconds.WithLabelValues(e.Vendor, operation).Observe(e.Duration.Seconds())
	}
}

// outcome is what came of a call, in one word.
func outcome(e outgoing.Exchange) string {
	switch {
	case e.Cause == outgoing.Open:
		return "not_asked"
	case e.Denied:
		return "refused"
	case !e.Telling():
		return "given_up"
	case e.Failed():
		return "failed"
	case e.WentWrong():
		return "refused"
	}
	return "ok"
}

// Waited counts somebody at the gate before the hashing of passwords: see password.Config.
func (m *Metrics) Waited(took time.Duration, err error) {
	switch {
	case err == nil:
		m.waited.Observe(took.Seconds())
	case errors.Is(err, password.ErrBusy):
		m.refused.Inc()
	}
}

// Watch has the gate before the hashing of passwords, and a database, asked whenever Prometheus asks.
func (m *Metrics) Watch(gate *password.Hasher, db *store.DB, isReady func(context.Context) error, log *slog.Logger) {
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "kabinet_password_gate_waiting", Help: "How many wait to have a password verified or hashed.",
		}, func() float64 { return float64(gate.Waiting()) }),
		newDatabaseCollector(db, isReady, log),
	)
}

// Handler answers Prometheus, at /metrics and nowhere else.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	return mux
}
