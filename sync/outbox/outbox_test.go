package outbox

import (
	"errors"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// memory is a log in memory, small enough to be broken by hand.
type memory struct {
	events  []event.Event
	streams []event.Stream
	extent  event.Extent
	fails   map[uint64]bool // events that cannot be read
	broken  bool
}

var errBroken = errors.New("card is broken")

func (m *memory) Events(from uint64, fn func(event.Event) error) error {
	for _, e := range m.events {
		if e.Seq < from {
			continue
		}
		if m.broken || m.fails[e.Seq] {
			return errBroken
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Streams() ([]event.Stream, error) { return m.streams, nil }
func (m *memory) Extent() (event.Extent, error)    { return m.extent, nil }
func (m *memory) Acknowledge(seq uint64) error {
	m.extent.Acked = max(m.extent.Acked, seq)
	return nil
}

func (m *memory) KeepStream(st event.Stream) error {
	if m.broken {
		return errBroken
	}
	for i := range m.streams {
		if m.streams[i].Number == st.Number {
			m.streams[i] = st
		}
	}
	return nil
}

func (m *memory) OpenStream() (event.Stream, error) {
	m.boot(m.streams[len(m.streams)-1].Boot)
	return m.streams[len(m.streams)-1], nil
}

func (m *memory) boot(boot uint32) {
	n := byte(len(m.streams) + 1)
	m.streams = append(m.streams, event.Stream{Number: uint32(n), ID: [16]byte{n}, Boot: boot, First: m.extent.Last + 1})
}

// happen appends events, an hour apart.
func (m *memory) happen(n int) {
	boot := m.streams[len(m.streams)-1].Boot
	for range n {
		m.extent.Last++
		m.events = append(m.events, event.Event{Seq: m.extent.Last, Kind: event.Help,
			At: event.Time{Boot: boot, Up: time.Duration(m.extent.Last) * time.Hour, Error: event.Unknown}})
	}
}

// newBox is a box over boots of so many events each.
func newBox(t *testing.T, boots ...int) (*Box, *memory) {
	t.Helper()
	m := &memory{extent: event.Extent{First: 1}, fails: map[uint64]bool{}}
	for i, n := range boots {
		m.boot(uint32(i + 1))
		m.happen(n)
	}
	b, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	return b, m
}

func next(t *testing.T, b *Box, most int) Parcel {
	t.Helper()
	p, err := b.Next(most)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func take(t *testing.T, b *Box, p Parcel, ack uint64) Moved {
	t.Helper()
	m, err := b.Take(p, ack)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOldestStreamGoesFirst(t *testing.T) {
	b, m := newBox(t, 3, 0, 2)
	p := next(t, b, 2)
	if p.Stream != m.streams[0].ID || p.First != 1 || p.Count != 2 || p.Prev != nil || p.Present || p.Backlog != 5 || p.Boot != 1 {
		t.Errorf("got %+v, want places 1 and 2 of the first stream", p.Head)
	}
	take(t, b, p, 2)
	if p = next(t, b, 100); p.First != 3 || p.Count != 1 {
		t.Errorf("got %+v, want place 3", p.Head)
	}
	take(t, b, p, 3)
	p = next(t, b, 100)
	if p.Stream != m.streams[2].ID || p.First != 1 || p.Count != 2 || !p.Present {
		t.Errorf("got %+v, want the present stream", p.Head)
	}
	if want := (wire.Prev{Stream: m.streams[0].ID, Last: 3, Up: (3 * time.Hour).Milliseconds()}); p.Prev == nil || *p.Prev != want {
		t.Errorf("got a link to %+v, want %+v: the empty stream between says nothing", p.Prev, want)
	}
	take(t, b, p, 2)
	if p = next(t, b, 100); p.Count != 0 || p.First != 3 || p.Lost != nil || p.Backlog != 0 {
		t.Errorf("got %+v, want a heartbeat", p.Head)
	}
	if m.extent.Acked != 5 {
		t.Errorf("got %d acknowledged, want all 5", m.extent.Acked)
	}
}

// The mark goes down with the district, and the ones before it are looked at again.
func TestMarkGoesDown(t *testing.T) {
	b, m := newBox(t, 3, 4, 5)
	for range 3 {
		p := next(t, b, 100)
		take(t, b, p, p.End())
	}
	p, err := b.Heartbeat()
	if err != nil {
		t.Fatal(err)
	}
	if got := take(t, b, p, 1); got.Down != 4 {
		t.Errorf("got %+v, want 4 down", got)
	}
	if m.streams[0].Acked != 2 || m.streams[1].Acked != 3 || m.streams[2].Acked != 1 || m.extent.Acked != 12 {
		t.Errorf("got %+v, want the older ones one less, and everything acknowledged once", m.streams)
	}
	p = next(t, b, 100)
	if p.First != 3 || p.Count != 1 || p.Boot != 1 {
		t.Errorf("got %+v, want the last event of the first stream again", p.Head)
	}
	if got := take(t, b, p, 0); got.Down != 2 {
		t.Errorf("got %+v, want 2 down", got)
	}
	if p = next(t, b, 100); p.First != 1 || p.Count != 3 {
		t.Errorf("got %+v, want all of the first stream", p.Head)
	}
	take(t, b, p, 3)
	if _, err := b.Want(p, []wire.Mark{{Stream: m.streams[1].ID, Ack: 1}, {Stream: [16]byte{99}}, {Stream: p.Stream}}); err != nil {
		t.Fatal(err)
	}
	if p = next(t, b, 100); p.First != 2 || p.Boot != 2 || m.streams[0].Acked != 3 {
		t.Errorf("got %+v, want the second stream from place 2, the answered one left", p.Head)
	}
}

// What is gone is declared, with its reason, and holds nothing up.
func TestHolesAreDeclared(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(*Box, *memory)
		first uint64
		count int
		lost  wire.Lost
	}{
		{"pruned after it was acknowledged", func(_ *Box, m *memory) {
			m.events, m.extent.First, m.extent.Acked = m.events[4:], 5, 10
		}, 5, 6, wire.Lost{From: 1, Why: wire.Purged}},
		{"dropped before it was", func(_ *Box, m *memory) {
			m.events, m.extent.First = m.events[4:], 5
		}, 5, 6, wire.Lost{From: 1, Why: wire.Dropped}},
		{"missing", func(_ *Box, m *memory) { m.events = m.events[2:] }, 3, 8, wire.Lost{From: 1, Why: wire.Unreadable}},
		{"unreadable", func(_ *Box, m *memory) { m.fails = map[uint64]bool{1: true, 2: true} }, 3, 8, wire.Lost{From: 1, Why: wire.Unreadable}},
		{"all missing", func(_ *Box, m *memory) { m.events = nil }, 11, 0, wire.Lost{From: 1, Why: wire.Unreadable}},
		{"refused", func(b *Box, m *memory) {
			b.Refuse(Parcel{Head: wire.Head{Stream: m.streams[0].ID, First: 1}})
		}, 2, 9, wire.Lost{From: 1, Why: wire.Refused}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, m := newBox(t, 10)
			c.spoil(b, m)
			p := next(t, b, 100)
			if p.First != c.first || p.Count != c.count || p.Lost == nil || *p.Lost != c.lost {
				t.Errorf("got %+v, lost %+v, want %d from %d, lost %+v", p.Head, p.Lost, c.count, c.first, c.lost)
			}
			take(t, b, p, 10)
			if n, err := b.Backlog(); n != 0 || err != nil {
				t.Errorf("got a backlog of %d, error %v, want none", n, err)
			}
		})
	}
	t.Run("in the middle", func(t *testing.T) {
		b, m := newBox(t, 10)
		m.events = append(m.events[:3:3], m.events[5:]...)
		p := next(t, b, 100)
		if p.First != 1 || p.Count != 3 || p.Lost != nil {
			t.Errorf("got %+v, want the three before the hole", p.Head)
		}
		take(t, b, p, 3)
		if p = next(t, b, 100); p.First != 6 || p.Count != 5 || p.Lost == nil || p.Lost.From != 4 {
			t.Errorf("got %+v, lost %+v, want the rest from 6, lost from 4", p.Head, p.Lost)
		}
	})
}

// A card that does not answer at all is an error, not a hole.
func TestBrokenCardIsNoHole(t *testing.T) {
	b, m := newBox(t, 1000)
	m.broken = true
	if p, err := b.Next(100); !errors.Is(err, errBroken) {
		t.Errorf("got %+v, error %v, want the card's", p.Head, err)
	}
	if _, err := b.Take(Parcel{Head: wire.Head{Stream: m.streams[0].ID}}, 5); !errors.Is(err, errBroken) {
		t.Errorf("got error %v, want the card's", err)
	}
}

// The district has more of the present stream than this card: it forgot, and gives places again.
func TestForgetfulCardGetsANewStream(t *testing.T) {
	b, m := newBox(t, 3)
	p := next(t, b, 100)
	if got := take(t, b, p, 7); got.Forgot != 4 || len(m.streams) != 2 || m.streams[0].Acked != 3 {
		t.Errorf("got %+v and streams %+v, want 4 forgotten and a second stream", got, m.streams)
	}
	m.happen(2)
	p = next(t, b, 100)
	if p.Stream != m.streams[1].ID || p.First != 1 || p.Count != 2 || p.Prev == nil || p.Prev.Last != 3 || p.Prev.Up != 0 {
		t.Errorf("got %+v, prev %+v, want the new stream, in the same boot", p.Head, p.Prev)
	}
}

// Late and doubled answers do no harm.
func TestAnswerTwice(t *testing.T) {
	b, m := newBox(t, 5)
	p := next(t, b, 2)
	take(t, b, p, 2)
	if got := take(t, b, p, 2); got != (Moved{}) || m.streams[0].Acked != 2 {
		t.Errorf("got %+v, want nothing moved", got)
	}
	if got := take(t, b, Parcel{Head: wire.Head{Stream: wire.StreamID{42}}}, 9); got != (Moved{}) {
		t.Errorf("an unknown stream: got %+v, want nothing moved", got)
	}
}

// Anchors travel until the district has them, and again after it has forgotten.
func TestAnchorsTravelOnce(t *testing.T) {
	b, _ := newBox(t, 5)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli()
	learn := func(up time.Duration, e time.Duration) bool {
		t.Helper()
		r, err := clock.FromAnswer(1, up, up+100*time.Millisecond, now+up.Milliseconds(), e)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := b.Learn(r)
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	if !learn(time.Hour, time.Second) || learn(time.Hour+time.Minute, time.Second) {
		t.Error("want the first reading kept, and not one a minute later")
	}
	p := next(t, b, 2)
	if len(p.Anchors) != 1 || p.Anchors[0].Source != "server" {
		t.Fatalf("got anchors %+v, want one of the server", p.Anchors)
	}
	take(t, b, p, 2)
	if p = next(t, b, 2); len(p.Anchors) != 0 {
		t.Errorf("got anchors %+v again, want none", p.Anchors)
	}
	take(t, b, p, 1)
	if p = next(t, b, 2); len(p.Anchors) != 1 {
		t.Errorf("after the mark went down: got anchors %+v, want one", p.Anchors)
	}
	for i := range 100 {
		learn(time.Duration(3*i)*time.Hour, time.Second)
	}
	if p = next(t, b, 2); len(p.Anchors) > mostAnchors || len(p.Anchors) < mostAnchors/2 {
		t.Errorf("got %d anchors of a long boot, want %d at most", len(p.Anchors), mostAnchors)
	}
	if d := b.Date(clock.Moment{Boot: 1, Up: 100 * time.Hour}); d.Open() || d.Error() > 30*time.Second {
		t.Errorf("got ± %v in the middle of a long boot, want 30 s at most", d.Error())
	}
	if kept, err := b.Learn(clock.Reading{At: clock.Moment{Boot: 77}, Interval: clock.Interval{Lo: now, Hi: now + 1}, By: clock.Server}); kept || err != nil {
		t.Errorf("a boot nobody knows: got %v, %v", kept, err)
	}
}
