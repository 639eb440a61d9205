package uplink

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/outbox"
	"sps-kiosk/sync/outbox/outboxtest"
	"sps-kiosk/sync/uplink/uplinktest"
	"sps-kiosk/sync/wire"
)

const address = "https://district.example"

// tb is what *testing.T and *rapid.T have in common here.
type tb interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// rig is a device whose time is moved by hand, a district, and what is between them.
type rig struct {
	t     tb
	log   *outboxtest.Log
	d     *uplinktest.District
	link  *link
	up    *Uplink
	dir   string
	wall  time.Time     // true time
	since time.Duration // CLOCK_BOOTTIME
	told  []State
	facts int
	rand  *rand.Rand
	bare  bool   // no enrolment file
	word  string // of kiosk.txt, for a new key
}

// newRig returns an enrolled device in its first boot.
func newRig(t tb, dir string) *rig {
	t.Helper()
	r := bareRig(t, dir)
	r.bare = false
	if err := os.WriteFile(filepath.Join(dir, ident.EnrollFile), r.d.Invite(address), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	return r
}

// bareRig returns a device of no district.
func bareRig(t tb, dir string) *rig {
	r := &rig{t: t, log: &outboxtest.Log{}, d: uplinktest.New(), dir: dir, bare: true, since: time.Second,
		wall: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), rand: rand.New(rand.NewPCG(1, 2))}
	r.d.Now = func() time.Time { return r.wall }
	r.link = &link{rig: r}
	r.log.Boot()
	r.happen(1)
	return r
}

// start starts the program.
func (r *rig) start() {
	r.t.Helper()
	box, err := outbox.New(r.log)
	if err != nil {
		r.t.Fatal(err)
	}
	client, err := NewClient(Network{})
	if err != nil {
		r.t.Fatal(err)
	}
	client.Transport = r.link
	o := Options{Box: box, Dir: filepath.Join(r.dir, "identity"), Enrol: r.dir, Client: client,
		Now:  func() event.Time { return r.log.Now(r.since) },
		Beat: func() wire.Beat { return wire.Beat{Firmware: "1.0", Disk: 50} },
		Tell: func(s State) { r.told = append(r.told, s) }, Rand: r.rand, NewKey: r.word}
	if r.bare {
		o.Address = address
	}
	if r.up, err = New(o); err != nil {
		r.t.Fatal(err)
	}
}

// reboot begins the next boot of the device.
func (r *rig) reboot() {
	r.t.Helper()
	r.log.Boot()
	r.since = time.Second
	r.happen(1) // every boot is a fact
	r.start()
}

// facts appends events, each with an Up that no other has.
func (r *rig) happen(n int) {
	for range n {
		r.facts++
		r.pass(time.Millisecond)
		r.log.Append(event.Event{Kind: event.Help, At: r.log.Now(r.since), Count: r.facts})
	}
}

func (r *rig) pass(d time.Duration) { r.wall, r.since = r.wall.Add(d), r.since+d }

// exchange makes one request and lets the pause after it pass.
func (r *rig) exchange() time.Duration {
	r.t.Helper()
	wait := r.up.Exchange(context.Background())
	r.pass(wait)
	return wait
}

func (r *rig) state() State { return r.told[len(r.told)-1] }

// settle exchanges until everything is acknowledged and the district asks for nothing more.
func (r *rig) settle() {
	r.t.Helper()
	quiet := 0
	for range 500 {
		r.exchange()
		if s := r.state(); s.Backlog == 0 && s.Link == Linked {
			quiet++
		} else {
			quiet = 0
		}
		if quiet == 4 {
			return
		}
	}
	r.t.Fatalf("not settled after 500 exchanges: %+v", r.state())
}

// link is the network: it hands requests to the district as its fault says.
type link struct {
	rig   *rig
	fault func(*http.Request, func() *http.Response) (*http.Response, error)
}

var errLink = errors.New("network is unreachable")

// RoundTrip carries one request.
func (l *link) RoundTrip(q *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	serve := func() *http.Response {
		again := q.Clone(q.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		l.rig.pass(40 * time.Millisecond)
		w := httptest.NewRecorder()
		l.rig.d.ServeHTTP(w, again)
		l.rig.pass(40 * time.Millisecond)
		return w.Result()
	}
	q.Body = io.NopCloser(bytes.NewReader(body))
	if l.fault != nil {
		return l.fault(q, serve)
	}
	return serve(), nil
}

func cut(*http.Request, func() *http.Response) (*http.Response, error) { return nil, errLink }

func replyLost(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
	serve()
	return nil, errLink
}

func twice(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
	serve()
	return serve(), nil
}

// check holds what the district has against what happened: every event on the card once, in its
// place or in a declared hole, and none twice.
func (r *rig) check() (delivered, declared int) {
	r.t.Helper()
	seen := map[int]bool{}
	streams := r.d.Streams()
	for id, s := range streams {
		if s.Conflicts > 0 {
			r.t.Fatalf("stream %v: %d places came with two different events", id, s.Conflicts)
		}
		for place, e := range s.Events {
			if seen[e.Count] {
				r.t.Fatalf("event %d is counted twice, now in place %d of %v", e.Count, place, id)
			}
			seen[e.Count] = true
		}
	}
	card := map[uint64]int{}
	if err := r.log.Events(0, func(e event.Event) error { card[e.Seq] = e.Count; return nil }); err != nil {
		r.t.Fatal(err)
	}
	rows, _ := r.log.Streams()
	for i, row := range rows {
		end := r.log.Last() + 1
		if i+1 < len(rows) {
			end = rows[i+1].First
		}
		for seq := row.First; seq < end; seq++ {
			s := streams[wire.StreamID(row.ID)]
			place := seq - row.First + 1
			if s == nil {
				r.t.Fatalf("stream %d is unknown to the district, event %d is lost", row.Number, seq)
			}
			_, hole := s.Holes[place]
			e, there := s.Events[place]
			switch count, kept := card[seq]; {
			case !there && !hole:
				r.t.Fatalf("event %d, place %d of stream %d, is neither there nor declared", seq, place, row.Number)
			case there && kept && e.Count != count:
				r.t.Fatalf("event %d, place %d of stream %d: the district has another one there", seq, place, row.Number)
			case there:
				delivered++
			default:
				declared++
			}
		}
	}
	return delivered, declared
}
