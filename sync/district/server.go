package district

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/ident"
)

// Options are what a Server is made of. Store and Key are needed; the zero value of the rest is good.
type Options struct {
	Store   Store
	Key     *ident.Key // signs every answer; replicas share it
	NextKey *ident.Key // announced in every answer, so that it can take the place of Key one day
	Log     *slog.Logger
	Metrics *prometheus.Registry

	Address string          // what enroll.json names: https://host[:port][/path]
	Norms   figures.Options // by which the figures count

	Every      time.Duration // between two batches of a kiosk without a backlog; 0 = 5 minutes
	Settle     time.Duration // how long a part is stale before it is rolled up; 0 = 30 s
	ClockError time.Duration // bound of this machine's clock; 0 = 1 s
	Wait       time.Duration // for the database, before 503; 0 = 20 s
	Keep       time.Duration // how long events are kept after they were rolled up, at least LeastKeep; 0 = for ever
	PerMinute  int           // requests of one kiosk; 0 = 60

	Bundles string // folder of firmware bundles; "" = no updates are offered

	Reports http.Handler // GET /v1/figures…, with its own check of who asks (Guard)
	Pages   http.Handler // everything else, the dashboard's
}

// LeastKeep is the shortest time that events may be kept: what a kiosk has still to send, and what a restored
// district is refilled with, is younger (30 days), and so is the quarter that a report is made of.
const LeastKeep = 100 * 24 * time.Hour

// withDefaults fills in what is not set.
func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	for _, d := range []struct {
		of    *time.Duration
		usual time.Duration
	}{{&o.Every, 5 * time.Minute}, {&o.Settle, 30 * time.Second}, {&o.ClockError, time.Second}, {&o.Wait, 20 * time.Second}} {
		if *d.of == 0 {
			*d.of = d.usual
		}
	}
	if o.PerMinute == 0 {
		o.PerMinute = 60
	}
	return o
}

// MemoryLimit is what a program with a server in it asks of Go's runtime (debug.SetMemoryLimit), bytes: with
// the pages that SQLite keeps beside it the process stays below 128 MiB.
const MemoryLimit = 64 << 20

// How many bodies are worked on at once. An event takes 0.2 kB in memory, a batch of the largest
// kind 1 MB and as much for its body; one of smallBody holds at most as many events.
const (
	smallBodies = 64
	largeBodies = 8
	smallBody   = 32 << 10 // bytes
)

// Server is one replica of a district: an http.Handler, and a roller (Run).
type Server struct {
	Options
	store    Store
	pace     *pace
	logs     *throttle
	count    counters
	small    chan struct{} // who reads or decodes a body holds a place: it bounds the memory
	large    chan struct{}
	fetching chan struct{} // who fetches a bundle
	hashing  chan struct{} // the same for passwords, 64 MiB each
	decoders decoders
	admin    http.Handler
	calls    map[string]call
}

// New returns a server.
func New(o Options) (*Server, error) {
	if o.Store == nil || o.Key == nil {
		return nil, errors.New("a district needs a database and a key")
	}
	if o.Keep != 0 && o.Keep < LeastKeep {
		return nil, fmt.Errorf("events are to be kept for %v: keep them for %v at least, or for ever", o.Keep, LeastKeep)
	}
	o = o.withDefaults()
	s := &Server{
		Options: o, store: o.Store, pace: newPace(o.PerMinute), logs: newThrottle(o.Log),
		small: make(chan struct{}, smallBodies), large: make(chan struct{}, largeBodies), fetching: make(chan struct{}, bundlesAtOnce), hashing: make(chan struct{}, 1), decoders: newDecoders(),
	}
	s.admin = s.newAdmin()
	s.calls = map[string]call{
		ident.CallBatch: s.batch, ident.CallEnrol: s.enrol, ident.CallAsk: s.ask, ident.CallReveal: s.reveal, ident.CallKey: s.rotate,
	}
	var err error
	if s.count, err = newCounters(o.Metrics); err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	return s, nil
}

// ServeHTTP answers kiosks, administrators and readers of figures. A kiosk's path ends in "/v1/" and
// a call, whatever a proxy puts before it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dir, name := path.Split(r.URL.Path)
	if f, is := s.calls[name]; is && strings.HasSuffix(dir, "/v1/") {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		s.answer(w, r, name, f)
		return
	}
	switch {
	case isBundle(r.URL.Path):
		s.bundle(w, r)
	case strings.HasPrefix(r.URL.Path, "/v1/figures") && s.Reports != nil:
		s.Reports.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, "/v1/admin/"):
		s.admin.ServeHTTP(w, r)
	case r.URL.Path == "/healthz":
		s.health(w, r)
	case s.Pages != nil:
		s.Pages.ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

// health says whether the database answers, for a balancer.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if _, err := s.store.Offices(ctx); err != nil {
		s.logs.complain("database", err)
		http.Error(w, "база данных не отвечает", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// Metrics serves the counters for Prometheus. It stands apart, because it is nobody's business
// outside the house.
func (s *Server) Metrics() http.Handler { return metricsHandler(s.Options.Metrics) }
