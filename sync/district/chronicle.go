package district

import (
	"cmp"
	"context"
	"slices"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// chronicle is a stretch of a card's boots, long enough to tell one of them: where the unit begins
// that it is in, where that ends, and what dates it on either side.
type chronicle struct {
	streams  []Stream
	at       int  // the one it was made for
	first    bool // nothing is before it
	last     bool // nothing is after it
	timeline *clock.Timeline
}

// start is where a unit begins: stream and place; −1 and 0 for what stands before the card's first.
type start struct {
	stream int // index
	first  uint64
}

// lead is the start of what stands before the card's first business day.
var lead = start{stream: -1}

// The stretch is widened until it suffices, up to widest boots on either side.
const (
	narrowest = 4
	widest    = 1024
)

// chronicle loads what is needed to tell a stream, of so many boots on either side for a beginning;
// nil for one of which nothing came.
func (s *Server) chronicle(ctx context.Context, stream int64, width int) (*chronicle, error) {
	for n := min(max(width, narrowest), widest); ; n = min(4*n, widest) {
		streams, before, after, err := s.store.Around(ctx, stream, n)
		if err != nil {
			return nil, err
		}
		far := n == widest // what is farther does not count
		c := (&chronicle{streams: streams, first: !before || far, last: !after || far}).turned(stream)
		if c == nil && !slices.ContainsFunc(streams, func(s Stream) bool { return s.Row == stream && s.Boot > 0 }) {
			return nil, nil
		}
		if c != nil {
			c.timeline = clock.New(readings(streams), links(streams))
			return c, nil
		}
	}
}

// turned returns the same stretch for another of its streams; nil if it is not enough to tell that one.
func (c *chronicle) turned(stream int64) *chronicle {
	other := *c
	other.at = slices.IndexFunc(c.streams, func(s Stream) bool { return s.Row == stream && s.Boot > 0 })
	if other.at < 0 || !other.first && !other.rooted() || !other.last && !other.bounded() {
		return nil
	}
	return &other
}

// order compares units of two stretches of one card by when they began.
func (c *chronicle) order(at start, other *chronicle, than start) int {
	if at.stream < 0 || than.stream < 0 {
		return cmp.Compare(at.stream, than.stream)
	}
	a, b := c.streams[at.stream], other.streams[than.stream]
	return cmp.Or(cmp.Compare(a.Card, b.Card), cmp.Compare(a.Boot, b.Boot), cmp.Compare(a.Row, b.Row), cmp.Compare(at.first, than.first))
}

// rooted reports whether enough is known of what was before: the boot with a clock before this one,
// because what is told here may move everything since; where the unit begins that it is in, and for
// every boot since then one with a clock that it came after; and the unit before.
func (c *chronicle) rooted() bool {
	clocked := c.at - 1
	for clocked >= 0 && !anchored(c.streams[clocked]) {
		clocked--
	}
	began := clocked - 1
	for began >= 0 && len(c.streams[began].Spans) == 0 {
		began--
	}
	if began < 0 {
		return false
	}
	rows := c.rows()
	for _, s := range c.streams[began : c.at+1] {
		if !c.reaches(s, rows) {
			return false
		}
	}
	before := len(c.streams[began].Spans) - 1
	for _, s := range c.streams[:began] {
		before += len(s.Spans)
	}
	return before > 0
}

// rows returns where each stream of the stretch is.
func (c *chronicle) rows() map[wire.StreamID]int {
	rows := make(map[wire.StreamID]int, len(c.streams))
	for i, s := range c.streams {
		rows[s.ID] = i
	}
	return rows
}

// reaches reports whether a boot has a clock, or came after one that does, boot by boot as the device
// says: a card that forgets whole boots names the same one before several.
func (c *chronicle) reaches(s Stream, rows map[wire.StreamID]int) bool {
	for range c.streams {
		if anchored(s) || s.Prev == (wire.StreamID{}) {
			return true
		}
		i, here := rows[s.Prev]
		if !here {
			return false
		}
		s = c.streams[i]
	}
	return true // they name each other in a circle: nothing dates them
}

// bounded reports whether enough is known of what came after: a boot with a clock, and after it the
// beginning of another unit.
func (c *chronicle) bounded() bool {
	dated := false
	for _, s := range c.streams[c.at:] {
		if dated && len(s.Spans) > 0 {
			return true
		}
		dated = dated || anchored(s)
	}
	return false
}

// anchored reports whether a stream has a good clock of its own.
func anchored(s Stream) bool {
	return slices.ContainsFunc(s.Read, func(r clock.Reading) bool {
		return (r.By == clock.Server || r.By == clock.NTP) && r.Lo > clock.Begin && r.Hi < clock.End
	})
}

// readings returns what clocks said in all of the boots.
func readings(streams []Stream) (all []clock.Reading) {
	for _, s := range streams {
		all = append(all, s.Read...)
	}
	return all
}

// links returns which boot came before which, as the device says.
func links(streams []Stream) (all []clock.Link) {
	rows := map[wire.StreamID]int64{}
	for _, s := range streams {
		rows[s.ID] = s.Row
	}
	for _, s := range streams {
		if row, is := rows[s.Prev]; is && row != s.Row {
			all = append(all, clock.Link{Before: clock.Moment{Boot: uint64(row), Up: s.PrevUp}, After: clock.Moment{Boot: uint64(s.Row)}})
		}
	}
	return all
}

// place finds a part.
func (c *chronicle) place(p Part) start {
	i := slices.IndexFunc(c.streams, func(s Stream) bool { return s.Row == p.Stream })
	return start{i, p.First}
}

// unitOf returns the unit that a part belongs to.
func (c *chronicle) unitOf(p start) start {
	if p.first > 0 || p.stream < 0 {
		return p
	}
	for i := p.stream - 1; i >= 0; i-- {
		if spans := c.streams[i].Spans; len(spans) > 0 {
			return start{i, spans[len(spans)-1]}
		}
	}
	return lead
}

// starts returns the beginnings of units in the stretch, in order.
func (c *chronicle) starts() (all []start) {
	if c.first {
		all = append(all, lead)
	}
	for i, s := range c.streams {
		for _, first := range s.Spans {
			all = append(all, start{i, first})
		}
	}
	return all
}

// before returns the unit before one.
func (c *chronicle) before(at start) (start, bool) {
	all := c.starts()
	if i := slices.Index(all, at); i > 0 {
		return all[i-1], true
	}
	return start{}, false
}

// next returns where the unit after one begins.
func (c *chronicle) next(at start) *Part {
	all := c.starts()
	if i := slices.Index(all, at); i >= 0 && i+1 < len(all) {
		return &Part{c.streams[all[i+1].stream].Row, all[i+1].first}
	}
	return nil
}

// unit returns the name of a unit in the database.
func (c *chronicle) unit(at start) Unit {
	s := c.streams[c.at]
	u := Unit{Kiosk: s.Kiosk, Card: s.Card}
	if at != lead {
		u.Stream, u.First = c.streams[at.stream].Row, at.first
	}
	return u
}

// piece is the events of a unit in one stream.
type piece struct {
	stream      int64
	first, last uint64
	part        uint64
}

// pieces returns the events of a unit, boot by boot.
func (c *chronicle) pieces(at start) (all []piece) {
	for i := max(0, at.stream); i < len(c.streams); i++ {
		s := c.streams[i]
		p := piece{stream: s.Row, first: 1, last: s.Mark}
		if i == at.stream {
			p.first, p.part = at.first, at.first
		}
		ends := slices.IndexFunc(s.Spans, func(first uint64) bool { return first > p.part })
		if ends >= 0 {
			p.last = s.Spans[ends] - 1
		}
		if p.last >= p.first || p.part == 0 {
			all = append(all, p)
		}
		if ends >= 0 {
			return all
		}
	}
	return all
}

// final reports whether events of a unit are deleted: it cannot be counted again.
func (c *chronicle) final(at start) bool {
	for _, p := range c.pieces(at) {
		if slices.ContainsFunc(c.streams, func(s Stream) bool { return s.Row == p.stream && s.Pruned }) {
			return true
		}
	}
	return false
}

// dated returns the units that a clock in the stream may move: from the boot with a clock before it
// to the one after it.
func (c *chronicle) dated() (all []start) {
	from, to := c.at, c.at
	for from > 0 && (from == c.at || !anchored(c.streams[from])) {
		from--
	}
	rows := c.rows()
	open := func(i int) bool { return i == c.at || !anchored(c.streams[i]) }
	for i := c.at + 1; i < len(c.streams); i++ {
		before, here := rows[c.streams[i].Prev]
		if to == i-1 && open(to) || here && before >= c.at && before <= to && open(before) {
			to = i // the next one, or another one that came after these
		}
	}
	for i := from; i <= to; i++ {
		for _, first := range append([]uint64{0}, c.streams[i].Spans...) {
			if at := c.unitOf(start{i, first}); !slices.Contains(all, at) && slices.Contains(c.starts(), at) {
				all = append(all, at)
			}
		}
	}
	return all
}
