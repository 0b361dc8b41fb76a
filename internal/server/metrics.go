package server

import (
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/writdev/writ/internal/store"
)

// metrics are the metrics of /_writ/metrics for Prometheus. docs/operations.md lists
// them.
type metrics struct {
	handler   http.Handler
	requests  *prometheus.CounterVec   // by operation and outcome
	latency   *prometheus.HistogramVec // by operation, in seconds
	decisions *prometheus.CounterVec   // by outcome and layer
}

// latencyBuckets are in seconds: a read takes a tenth of a millisecond, a durable write
// a few, and what waits for a database that fails over several seconds.
var latencyBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5}

func newMetrics(cfg *Config) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "writ_requests_total", Help: "Requests by operation, and by \"success\" or the error code of the response.",
		}, []string{"operation", "outcome"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "writ_request_seconds", Help: "Duration of requests, from the first byte of the header to the last byte of the response.", Buckets: latencyBuckets,
		}, []string{"operation"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "writ_decisions_total", Help: "Decisions of the gate, by the deciding layer of policies.",
		}, []string{"outcome", "layer"}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.latency, m.decisions, storeCollector{cfg.Store},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

// ServeHTTP writes the metrics in the format that Prometheus asks for.
func (m *metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// observe counts a request. errorCode is what the client received; "" for none.
func (m *metrics) observe(x *exchange, errorCode string) {
	operation := x.action()
	if operation == "" {
		operation = "none" // it failed before that was known
	}
	if errorCode == "" {
		errorCode = "success"
	}
	m.requests.WithLabelValues(operation, errorCode).Inc()
	m.latency.WithLabelValues(operation).Observe(time.Since(x.start).Seconds())
	if x.call == nil {
		return
	}
	for _, d := range x.call.Decisions {
		outcome := "denied"
		if d.Result.Allowed() {
			outcome = "allowed"
		}
		m.decisions.WithLabelValues(outcome, d.Result.Layer.String()).Inc()
	}
}

// storeCollector reads the counts of a store when Prometheus asks.
type storeCollector struct{ store *store.Store }

var (
	storeTransactions = prometheus.NewDesc("writ_store_transactions_total", "Transactions of the store.", []string{"kind"}, nil)
	storeStatements   = prometheus.NewDesc("writ_store_statements_total", "SQL statements in transactions.", []string{"kind"}, nil)
	storeRetries      = prometheus.NewDesc("writ_store_retries_total", "Transactions that ran again after a conflict or a lost connection.", nil, nil)
	storeRoundTrips   = prometheus.NewDesc("writ_store_round_trips_total", "Round trips of transactions to a database server.", nil, nil)
	storeWaiting      = prometheus.NewDesc("writ_store_waiting", "Transactions that wait for their turn.", nil, nil)
	storeConnections  = prometheus.NewDesc("writ_store_connections", "Connections that run a transaction.", nil, nil)
	storeKeptBytes    = prometheus.NewDesc("writ_store_kept_bytes", "Size of the cache in bytes.", nil, nil)
)

func (c storeCollector) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{storeTransactions, storeStatements, storeRetries, storeRoundTrips, storeWaiting, storeConnections, storeKeptBytes} {
		descriptions <- d
	}
}

func (c storeCollector) Collect(out chan<- prometheus.Metric) {
	counter := func(d *prometheus.Desc, value uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
	}
	gauge := func(d *prometheus.Desc, value int) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value))
	}
	transactions, counts, load := c.store.Transactions(), c.store.Statements(), c.store.Load()
	counter(storeTransactions, transactions.Views, "view")
	counter(storeTransactions, transactions.Updates, "update")
	counter(storeStatements, counts.Queries, "query")
	counter(storeStatements, counts.Writes, "write")
	counter(storeRetries, counts.Retries)
	counter(storeRoundTrips, counts.RoundTrips)
	gauge(storeWaiting, load.Waiting)
	gauge(storeConnections, load.Connections)
	gauge(storeKeptBytes, load.KeptBytes)
}

// ready reports whether requests can be served now: the store responds, and its schema is
// that of this version.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.cfg.Store.Ready(r.Context()); err != nil {
		s.cfg.Log.Error("not ready", "error", strings.ReplaceAll(err.Error(), "\n", "; "))
		ReplyJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "unavailable", "message": "The store cannot be used now; see the log."})
		return
	}
	ReplyJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}
