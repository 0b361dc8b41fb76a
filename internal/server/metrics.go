package server

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	vm "github.com/VictoriaMetrics/metrics"

	"github.com/writdev/writ/internal/store"
)

// metrics are the metrics of /_writ/metrics, in the text format of Prometheus.
// docs/operations.md lists them.
type metrics struct {
	set       *vm.Set
	requests  series[requestLabels, vm.Counter]
	latency   series[string, vm.PrometheusHistogram] // by operation, in seconds
	decisions series[decisionLabels, vm.Counter]
}

// requestLabels are an operation, and "success" or the error code of the response.
type requestLabels struct{ operation, outcome string }

// decisionLabels are an outcome and the deciding layer of policies.
type decisionLabels struct{ outcome, layer string }

// latencyBuckets are in seconds: a read takes a tenth of a millisecond, a durable write
// a few, and what waits for a database that fails over several seconds.
var latencyBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5}

func init() { vm.ExposeMetadata(true) } // the type of each metric

func newMetrics(cfg *Config) *metrics {
	m := &metrics{set: vm.NewSet()}
	m.requests.create = func(l requestLabels) *vm.Counter {
		return m.set.NewCounter(fmt.Sprintf("writ_requests_total{operation=%q,outcome=%q}", l.operation, l.outcome))
	}
	m.latency.create = func(operation string) *vm.PrometheusHistogram {
		return m.set.NewPrometheusHistogramExt(fmt.Sprintf("writ_request_seconds{operation=%q}", operation), latencyBuckets)
	}
	m.decisions.create = func(l decisionLabels) *vm.Counter {
		return m.set.NewCounter(fmt.Sprintf("writ_decisions_total{layer=%q,outcome=%q}", l.layer, l.outcome))
	}
	m.set.RegisterMetricsWriter(func(w io.Writer) { writeStoreMetrics(w, cfg.Store) })
	m.set.RegisterMetricsWriter(vm.WriteProcessMetrics)
	return m
}

// ServeHTTP writes the metrics.
func (m *metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	m.set.WritePrometheus(w)
}

// series are the metrics of one name, by the values of their labels. A lookup costs less
// than that of the library, which takes the name with its labels as text.
type series[L comparable, M any] struct {
	create func(L) *M
	known  sync.Map // of L to *M
	mu     sync.Mutex
}

// with returns the metric of a set of labels.
func (s *series[L, M]) with(labels L) *M {
	if m, ok := s.known.Load(labels); ok {
		return m.(*M)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.known.Load(labels); ok {
		return m.(*M)
	}
	m := s.create(labels)
	s.known.Store(labels, m)
	return m
}

// observe counts a request. errorCode is what the client received; "" for none.
func (m *metrics) observe(x *exchange, errorCode string) {
	operation := x.action()
	if operation == "" {
		operation = "none" // it failed before that was known
	}
	if errorCode == "" {
		errorCode = "success"
	}
	m.requests.with(requestLabels{operation, errorCode}).Inc()
	m.latency.with(operation).Update(time.Since(x.start).Seconds())
	if x.call == nil {
		return
	}
	for _, d := range x.call.Decisions {
		outcome := "denied"
		if d.Result.Allowed() {
			outcome = "allowed"
		}
		m.decisions.with(decisionLabels{outcome, d.Result.Layer.String()}).Inc()
	}
}

// writeStoreMetrics writes the counts of a store.
func writeStoreMetrics(w io.Writer, s *store.Store) {
	transactions, counts, load := s.Transactions(), s.Statements(), s.Load()
	type sample struct {
		labels string
		value  uint64
	}
	write := func(name, kind string, samples ...sample) {
		vm.WriteMetadataIfNeeded(w, name, kind)
		for _, s := range samples {
			fmt.Fprintf(w, "%s%s %d\n", name, s.labels, s.value)
		}
	}
	write("writ_store_transactions_total", "counter", sample{`{kind="view"}`, transactions.Views}, sample{`{kind="update"}`, transactions.Updates})
	write("writ_store_statements_total", "counter", sample{`{kind="query"}`, counts.Queries}, sample{`{kind="write"}`, counts.Writes})
	write("writ_store_retries_total", "counter", sample{"", counts.Retries})
	write("writ_store_round_trips_total", "counter", sample{"", counts.RoundTrips})
	write("writ_store_waiting", "gauge", sample{"", uint64(load.Waiting)})
	write("writ_store_connections", "gauge", sample{"", uint64(load.Connections)})
	write("writ_store_kept_bytes", "gauge", sample{"", uint64(load.KeptBytes)})
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
