package tables

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// State is what a delivery meets in the database, with the rows of the kiosk and the stream kept
// for this transaction.
type State struct {
	Kiosk    district.Kiosk
	Row      int64 // of the stream; 0 for a new one
	Card     int
	Boot     uint32
	Mark     uint64
	PrevLast uint64
	Span     uint64 // where the present business day began
	RxUp     int64  // the delivery that bounds the stream's time best: made then,
	RxAt     int64  // received then, Unix ms; 0 for none
	Pruned   int64  // 1 where the events of the stream are deleted
	Anchors  []AnchorAt
	Missing  []wire.Mark // streams of the kiosk that end before their known tail
	PrevMark uint64
	PrevTail uint64
	Before   *Fact // what is stored where the delivery overlaps with that; nil for nothing
}

// Fact is what tells one stored event from another one: a device has one thing to say of a place.
type Fact struct {
	Seq    uint64
	Up     int64
	Number int
}

// AnchorAt is where in a stream there is an anchor, and by whom.
type AnchorAt struct {
	Up     int64
	Source string
	lo, hi int64 // only where Doubt asked
}

// same reports whether two anchors are at one place, by one source.
func (a AnchorAt) same(b AnchorAt) bool { return a.Up == b.Up && a.Source == b.Source }

// SpanAt is the beginning of a business day.
type SpanAt struct {
	First uint64
	Up    int64
}

// HoleAt is a declared loss.
type HoleAt struct {
	First, Last uint64
	Why         wire.Why
}

// Mark is a part of the stream to be put on the stale list.
type Mark struct {
	First  uint64
	Around bool
}

// Plan is what a delivery changes. It is worked out in one place for both databases, without any
// I/O.
type Plan struct {
	district.Receipt
	NewStream bool
	Moved     bool // the row of the stream changes
	Card      int
	Boot      uint32
	Prev      wire.StreamID
	PrevLast  uint64
	PrevUp    int64
	Span      uint64
	RxUp      int64
	RxAt      int64
	Tail      *wire.Mark // how far the stream before goes, if that is news

	Events  []wire.Event
	Bad     []wire.Bad
	Hole    *HoleAt
	Spans   []SpanAt
	Anchors []wire.Anchor
	From    *int64 // anchors are news for spans that reach beyond this CLOCK_BOOTTIME, ms
	Stale   []Mark
	Change  int64 // mark of this change

	Twin bool // a place that is stored came with something else in it

	Heard      bool // a heartbeat that is news: the four below change
	WatchMoved bool // and the whole watch with them
	Watch      ident.Watch
	Clone      bool
	Complete   bool
	Seen       bool
}

// dayBegan is figures.StartsUnit on the wire; a test holds the two together.
const dayBegan = "day_began"

// maxAnchors is how many anchors of a stream are kept; more say nothing new.
const maxAnchors = 1024

// Decide works out what a delivery changes.
func Decide(s State, d *district.Delivery) Plan {
	p := Plan{
		NewStream: s.Row == 0, Card: s.Card, Boot: d.Boot, PrevLast: s.PrevLast, Span: s.Span,
		RxUp: s.RxUp, RxAt: s.RxAt, Change: rand.Int64(),
	}
	if p.NewStream {
		p.Card = s.Kiosk.Card
	}
	p.Moved = p.NewStream || s.Boot != d.Boot
	p.Receipt = district.Receipt{Ack: s.Mark, Status: s.Kiosk.Status}
	p.take(s, d)
	p.link(s, d)
	p.anchors(s, d)
	p.receive(s, d)
	p.contradict(s, d)
	p.hear(s, d)
	p.want(s, d)
	return p
}

// take decides about events, bad lines and holes.
func (p *Plan) take(s State, d *district.Delivery) {
	if d.Count == 0 && d.Lost == nil {
		return
	}
	if d.Start() > s.Mark+1 {
		p.Gap = true
		return
	}
	end := d.End()
	if end <= s.Mark {
		return
	}
	if d.Lost != nil && d.First > s.Mark+1 {
		p.Hole = &HoleAt{s.Mark + 1, d.First - 1, d.Lost.Why}
	}
	i, _ := slices.BinarySearchFunc(d.Events, s.Mark, func(e wire.Event, mark uint64) int { return int(int64(e.Seq) - int64(mark) - 1) })
	p.Events = d.Events[i:]
	p.Bad = slices.DeleteFunc(slices.Clone(d.Bad), func(b wire.Bad) bool { return b.Seq <= s.Mark })
	if s.Pruned != 0 {
		p.hold()
	}
	p.Ack, p.Stored, p.Receipt.Bad, p.Moved = end, len(p.Events), len(p.Bad), true
	p.stale(p.Span, false)
	for i := range p.Events {
		if e := &p.Events[i]; e.Kind == dayBegan {
			p.Span = e.Seq
			p.Spans = append(p.Spans, SpanAt{e.Seq, e.Up})
			p.stale(e.Seq, false)
		}
	}
}

// hold puts events into quarantine: the days they belong to are counted, and what they were counted from
// is deleted.
func (p *Plan) hold() {
	for i := range p.Events {
		raw, err := json.Marshal(p.Events[i])
		if err != nil {
			raw = []byte(err.Error())
		}
		p.Bad = append(p.Bad, wire.Bad{Seq: p.Events[i].Seq, Why: district.WhyPruned, Raw: raw})
	}
	p.Events = nil
}

// stale puts a part on the list.
func (p *Plan) stale(first uint64, around bool) {
	for i := range p.Stale {
		if p.Stale[i].First == first {
			p.Stale[i].Around = p.Stale[i].Around || around
			return
		}
	}
	p.Stale = append(p.Stale, Mark{first, around})
}

// link notes what the delivery says of the stream before.
func (p *Plan) link(s State, d *district.Delivery) {
	if d.Prev == nil || d.Prev.Stream == d.Stream {
		return
	}
	p.Prev, p.PrevUp = d.Prev.Stream, d.Prev.Up
	if p.NewStream || d.Prev.Last > s.PrevLast {
		p.PrevLast, p.Moved = d.Prev.Last, true
	}
	if d.Prev.Last > s.PrevTail {
		p.Tail = &wire.Mark{Stream: d.Prev.Stream, Ack: d.Prev.Last}
	}
}

// anchors keeps the new ones, and notes from when on they are news.
func (p *Plan) anchors(s State, d *district.Delivery) {
	for _, a := range d.Anchors {
		at := AnchorAt{Up: a.Up, Source: a.Source}
		by := clock.ParseSource(a.Source)
		if by == clock.None || slices.ContainsFunc(s.Anchors, at.same) || len(s.Anchors) >= maxAnchors {
			continue
		}
		from, found := int64(0), false
		for _, other := range s.Anchors {
			if other.Up < a.Up && clock.ParseSource(other.Source) >= by {
				from, found = max(from, other.Up), true
			}
		}
		if !found || d.Boot < s.Kiosk.Boot {
			p.stale(p.Span, true) // other boots are dated by this one
		}
		if p.From == nil || from < *p.From {
			p.From = &from
		}
		s.Anchors = append(s.Anchors, at)
		p.Anchors = append(p.Anchors, a)
	}
}

// receiptNews is by how much the bound of a receipt must be better to be kept, ms.
const receiptNews = 1000

// receive notes that what is told here was over when it came (clock.FromReceipt).
func (p *Plan) receive(s State, d *district.Delivery) {
	up := int64(-1)
	if d.Beat != nil {
		up = d.Beat.Up
	}
	for i := range d.Events {
		up = max(up, d.Events[i].Up)
	}
	at := d.At.UnixMilli()
	if up < 0 || s.RxAt != 0 && at-up > s.RxAt-s.RxUp-receiptNews {
		return
	}
	p.RxUp, p.RxAt, p.Moved = up, at, true
	if len(s.Anchors) == 0 && s.Row != 0 {
		from := int64(0)
		p.From = &from
		p.stale(p.Span, true)
	}
}

// hear feeds the watch, and decides what a heartbeat says of the kiosk.
func (p *Plan) hear(s State, d *district.Delivery) {
	p.Seen = p.Stored > 0 || p.Receipt.Bad > 0 || p.Hole != nil
	p.Watch, p.Clone = s.Kiosk.Watch, s.Kiosk.Cloned || p.Twin
	p.Cloned = p.Twin && !s.Kiosk.Cloned
	if d.Beat == nil {
		return
	}
	var prev ident.ID
	if d.Prev != nil {
		prev = ident.ID(d.Prev.Stream)
	}
	after, fresh := s.Kiosk.Watch.Hear(ident.Beat{Stream: ident.ID(d.Stream), Prev: prev, Up: time.Duration(d.Beat.Up) * time.Millisecond,
		At: d.At, After: madeAfter(s, d)})
	if !fresh {
		return
	}
	before := s.Kiosk.Watch
	p.Heard, p.Seen, p.Watch = true, true, after
	p.WatchMoved = len(before.Streams) == 0 || before.Streams[0].Stream != ident.ID(d.Stream) || before.Returns != after.Returns || before.Twin != after.Twin
	p.Forked = after.Forks > before.Forks
	alarm := after.Cloned() && !before.Cloned()
	p.Cloned = p.Cloned || alarm
	p.Clone = p.Clone || alarm
	p.Complete = !p.Gap && d.Beat.Backlog <= uint64(d.Count) && d.End() <= p.Ack
}

// want lists what the district misses of other streams.
func (p *Plan) want(s State, d *district.Delivery) {
	for _, m := range s.Missing {
		if m.Stream != d.Stream && (p.Tail == nil || m.Stream != p.Tail.Stream) {
			p.Want = append(p.Want, m)
		}
	}
	if p.Tail != nil && s.PrevMark < p.Tail.Ack {
		p.Want = append([]wire.Mark{{Stream: p.Tail.Stream, Ack: s.PrevMark}}, p.Want...)
	}
	p.Want = p.Want[:min(len(p.Want), wire.MaxWant)]
}
