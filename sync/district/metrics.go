package district

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// counters are the health of a replica. Figures of the service are not here: late data cannot be
// scraped into the past.
type counters struct {
	calls   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	append  prometheus.Histogram
	events  prometheus.Counter
	bad     prometheus.Counter
	gaps    prometheus.Counter
	clones  prometheus.Counter
	units   prometheus.Counter
	pruned  prometheus.Counter
	stale   prometheus.Gauge
}

// newCounters makes and registers the counters.
func newCounters(r *prometheus.Registry) (c counters, err error) {
	count := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "district", Name: name, Help: help})
	}
	buckets := prometheus.ExponentialBuckets(0.001, 4, 8)
	c = counters{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "district", Name: "calls_total",
			Help: "Calls of kiosks, by call and HTTP status."}, []string{"call", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "district", Name: "call_seconds",
			Help: "Time from a call's headers to its answer.", Buckets: buckets}, []string{"call"}),
		append: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "district", Name: "append_seconds",
			Help: "Time the database takes to keep a batch.", Buckets: buckets}),
		events: count("events_total", "Events stored."),
		bad:    count("quarantined_total", "Lines put in quarantine."),
		gaps:   count("gaps_total", "Batches that began beyond the mark."),
		clones: count("clone_alarms_total", "Alarms about copied cards."),
		units:  count("recounted_total", "Business days recounted."),
		pruned: count("pruned_total", "Boots whose events were deleted after they were kept long enough."),
		stale: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "district", Name: "stale_parts",
			Help: "Parts of streams the roller found out of date in its last pass."}),
	}
	for _, m := range []prometheus.Collector{c.calls, c.seconds, c.append, c.events, c.bad, c.gaps, c.clones, c.units, c.pruned, c.stale} {
		if err := r.Register(m); err != nil {
			return c, err
		}
	}
	return c, nil
}

// call counts an answered call.
func (c *counters) call(name string, code int, began time.Time) {
	c.calls.WithLabelValues(name, strconv.Itoa(code)).Inc()
	c.seconds.WithLabelValues(name).Observe(time.Since(began).Seconds())
}

// stored counts what became of a delivery.
func (c *counters) stored(r Receipt, began time.Time) {
	c.append.Observe(time.Since(began).Seconds())
	c.events.Add(float64(r.Stored))
	c.bad.Add(float64(r.Bad))
	if r.Gap {
		c.gaps.Inc()
	}
}

func metricsHandler(r *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}
