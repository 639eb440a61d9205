package sim

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// toy is a district of one map, honest unless it is told otherwise: what finds no fault in it and
// every fault that is put into it may judge the real one.
type toy struct {
	key    *ident.Key
	keys   map[ident.ID]ident.Public
	mu     sync.Mutex
	stored map[wire.StreamID][]Stored
	reads  []clock.Reading
	rows   map[wire.StreamID]uint64
	last   uint64
	spoil  func(*Stored) bool // false drops the fact
}

func newToy(keys []ident.Public) *toy {
	d := &toy{key: ident.NewKey(), keys: map[ident.ID]ident.Public{}, stored: map[wire.StreamID][]Stored{}, rows: map[wire.StreamID]uint64{}}
	for _, k := range keys {
		d.keys[k.ID()] = k
	}
	return d
}

func (d *toy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	req, bad := ident.ParseRequest(r.Header.Get(ident.HeaderRequest))
	if err != nil || bad != nil || req.Verify(d.keys[req.Key], d.key.ID(), ident.CallBatch, body) != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var dec wire.Decoder
	b, err := dec.Decode(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	a := wire.Answer{Stream: b.Stream, Ack: d.take(req.Key, b), Now: time.Now().UnixMilli(), Error: 20, Next: 300, Status: string(ident.Active), Want: d.want(b)}
	said, _ := a.Encode()
	w.Header().Set(ident.HeaderAnswer, d.key.SignAnswer(req, http.StatusOK, said))
	w.Write(said)
}

// take stores what is new of a batch and returns the mark.
func (d *toy) take(from ident.ID, b wire.Batch) uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	row := d.rows[b.Stream]
	if row == 0 {
		d.last++
		row = d.last
		d.rows[b.Stream] = row
	}
	for _, a := range b.Anchors {
		d.reads = append(d.reads, clock.Stated(clock.Moment{Boot: row, Up: time.Duration(a.Up) * time.Millisecond}, a.Lo, a.Hi, a.Source))
	}
	facts := d.stored[b.Stream]
	for _, e := range b.Events {
		if e.Seq != uint64(len(facts))+1 {
			continue
		}
		facts = append(facts, Stored{Device: from, Stream: b.Stream, Event: e})
	}
	d.stored[b.Stream] = facts
	return uint64(len(facts))
}

func (d *toy) want(b wire.Batch) []wire.Mark {
	d.mu.Lock()
	defer d.mu.Unlock()
	if b.Prev == nil {
		return nil
	}
	mark := uint64(len(d.stored[b.Prev.Stream]))
	if d.rows[b.Prev.Stream] != 0 && mark >= b.Prev.Last {
		return nil
	}
	return []wire.Mark{{Stream: b.Prev.Stream, Ack: mark}}
}

// Events is Memory.
func (d *toy) Events(_ context.Context, fn func(Stored) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	byRow := map[uint64][]clock.Reading{}
	for _, r := range d.reads {
		byRow[r.At.Boot] = append(byRow[r.At.Boot], r)
	}
	for id, facts := range d.stored {
		line := clock.New(byRow[d.rows[id]], nil)
		for _, s := range facts {
			at := line.Date(clock.Moment{Boot: d.rows[id], Up: time.Duration(s.Event.Up) * time.Millisecond})
			if !at.Open() {
				s.Lo, s.Hi = at.Lo, at.Hi
			}
			if d.spoil != nil && !d.spoil(&s) {
				continue
			}
			if err := fn(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// played returns a fleet that has sent all it has to a toy.
func played(t *testing.T, p Plan) (*Fleet, *toy, District) {
	t.Helper()
	f, err := New(p, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d := newToy(f.Keys())
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	way := District{Client: server.Client(), Address: server.URL, Keys: []ident.Public{d.key.Public()}}
	if err := f.Run(t.Context(), way, 4); err != nil {
		t.Fatal(err)
	}
	return f, d, way
}

func bad() Plan {
	p := Plan{Seed: 7, Kiosks: 20, Events: 400, Boots: 4, Offline: 30 * 24 * time.Hour, Batch: 60, Faults: Ordinary()}
	p.Faults.Lying = .5
	return p
}

func TestAnHonestDistrictLosesNothing(t *testing.T) {
	f, d, _ := played(t, bad())
	v, err := f.Check(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Good() {
		t.Errorf("got %+v, want no fault", v)
	}
	if v.Made != 20*400 || v.Stored+v.Forgotten != v.Made {
		t.Errorf("got %d made, %d stored, %d forgotten: want 8000, and the sum of the others", v.Made, v.Stored, v.Forgotten)
	}
	if v.Dated == 0 || v.Forgotten == 0 {
		t.Errorf("got %d dated, %d forgotten: the plan wants some of each", v.Dated, v.Forgotten)
	}
	if line := f.Totals(v); !strings.Contains(line, "seed=7 ") || !strings.Contains(line, " lost=0 repeated=0 wrong=0 ") {
		t.Errorf("got %q", line)
	}
}

// TestARestingFleetSendsWhatItHas: nothing more happens in front of the kiosks, and nothing of what had
// happened is missing.
func TestARestingFleetSendsWhatItHas(t *testing.T) {
	f, err := New(bad(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d := newToy(f.Keys())
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	f.Rest()
	if err := f.Run(t.Context(), District{Client: server.Client(), Address: server.URL, Keys: []ident.Public{d.key.Public()}}, 4); err != nil {
		t.Fatal(err)
	}
	v, err := f.Check(t.Context(), d)
	if err != nil || !v.Good() || v.Stored == 0 || v.Made >= 20*400 {
		t.Errorf("got %+v, %v, want less than 8000 made, and no fault", v, err)
	}
}

// TestEveryFaultIsSeen puts one fault into the memory of the district, once per kind.
func TestEveryFaultIsSeen(t *testing.T) {
	f, d, _ := played(t, bad())
	once := func(fault func(*Stored) bool) func(*Stored) bool {
		done := false
		return func(s *Stored) bool {
			if done || s.Event.Seq != 3 || s.Lo == 0 {
				return true
			}
			done = true
			return fault(s)
		}
	}
	for _, c := range []struct {
		what  string
		fault func(*Stored) bool
		count func(Verdict) int64
	}{
		{"a fact is gone", func(*Stored) bool { return false }, func(v Verdict) int64 { return v.Lost }},
		{"a fact stands there again", func(s *Stored) bool { s.Event.Seq--; return true }, func(v Verdict) int64 { return v.Repeated }},
		{"a fact of nobody", func(s *Stored) bool { s.Stream[0]++; return true }, func(v Verdict) int64 { return v.Wrong }},
		{"another window", func(s *Stored) bool { s.Event.Window++; return true }, func(v Verdict) int64 { return v.Wrong }},
		{"another kiosk", func(s *Stored) bool { s.Device[0]++; return true }, func(v Verdict) int64 { return v.Wrong }},
		{"too early", func(s *Stored) bool { s.Hi = s.Lo - 10_000_000; return true }, func(v Verdict) int64 { return v.Outside }},
		{"too late", func(s *Stored) bool { s.Lo = s.Hi + 10_000_000; return true }, func(v Verdict) int64 { return v.Outside }},
	} {
		t.Run(c.what, func(t *testing.T) {
			d.spoil = once(c.fault)
			v, err := f.Check(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if c.count(v) == 0 || v.Good() || len(v.Firsts) == 0 {
				t.Errorf("got %+v, want the fault counted and told", v)
			}
		})
	}
}

// TestTheEndOfAStreamIsMissed drops the last fact of a stream, which nothing that follows betrays.
func TestTheEndOfAStreamIsMissed(t *testing.T) {
	f, d, _ := played(t, bad())
	present := f.kiosks[0].boots[0]
	d.spoil = func(s *Stored) bool { return s.Stream != present.stream || s.Event.Seq < present.kept }
	v, err := f.Check(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if v.Lost == 0 {
		t.Errorf("got %+v, want one lost", v)
	}
}

// TestADistrictPutBackIsRefilled takes away what came last, as an old backup does: of every kiosk
// the later streams, and of the last one that remains a part.
func TestADistrictPutBackIsRefilled(t *testing.T) {
	f, d, way := played(t, bad())
	for _, k := range f.kiosks {
		for i, b := range k.boots[len(k.boots)/2:] {
			if facts := d.stored[b.stream]; i == 0 {
				d.stored[b.stream] = facts[:len(facts)/3]
				continue
			}
			delete(d.stored, b.stream)
			delete(d.rows, b.stream)
		}
	}
	if err := f.Run(t.Context(), way, 4); err != nil {
		t.Fatal(err)
	}
	v, err := f.Check(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Good() || f.tally.rewound.Load() == 0 {
		t.Errorf("got %+v after %d marks that went down, want no fault and some", v, f.tally.rewound.Load())
	}
}

// TestTheSeedIsTheRun makes a fleet twice: offices, boots and clocks are the same to the last fact.
func TestTheSeedIsTheRun(t *testing.T) {
	now := time.UnixMilli(1_795_000_000_000)
	one, _ := New(bad(), now)
	two, _ := New(bad(), now)
	for i, k := range one.kiosks {
		for j, b := range k.boots {
			other := two.kiosks[i].boots[j]
			if b.stream != other.stream || b.began != other.began || b.rate != other.rate || !slices.Equal(b.anchors, other.anchors) ||
				!slices.Equal(b.events(0, 1000), other.events(0, 1000)) {
				t.Fatalf("kiosk %d, boot %d: two fleets of one seed differ", i, j)
			}
		}
	}
	other := bad()
	other.Seed++
	if three, _ := New(other, now); slices.Equal(one.kiosks[0].boots[0].events(0, 50), three.kiosks[0].boots[0].events(0, 50)) {
		t.Error("two seeds make the same facts")
	}
}

// TestFactsAreTheSameFromEveryPlace asks for a stream in pieces, forwards and backwards.
func TestFactsAreTheSameFromEveryPlace(t *testing.T) {
	f, _ := New(bad(), time.Now())
	b := f.kiosks[0].boots[1]
	all := b.events(0, 1000)
	if !slices.IsSortedFunc(all, func(a, b wire.Event) int { return cmp.Compare(a.Up, b.Up) }) {
		t.Error("CLOCK_BOOTTIME runs backwards")
	}
	for _, after := range []uint64{5, 20, 0, 40, 3} {
		got := b.events(after, 7)
		if want := all[after:min(int(after)+7, len(all))]; !slices.Equal(got, want) {
			t.Errorf("after %d: got %v, want %v", after, got, want)
		}
	}
}

func TestAPlanIsChecked(t *testing.T) {
	for _, p := range []Plan{{}, {Kiosks: 1, Events: 1}, {Kiosks: 1, Events: 1, Batch: 6000}, {Kiosks: 1, Events: 1, Batch: 5, Boots: 3, Offline: time.Hour}} {
		if _, err := New(p, time.Now()); err == nil {
			t.Errorf("%+v: got no error, want one", p)
		}
	}
}
