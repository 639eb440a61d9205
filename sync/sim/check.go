package sim

import (
	"context"
	"fmt"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// Stored is a fact as the district keeps it.
type Stored struct {
	Device ident.ID
	Stream wire.StreamID
	Event  wire.Event
	Lo, Hi int64 // Unix ms between which it happened; both 0 where the district does not know
}

// Memory is what a district has on its disk, read past its own code.
type Memory interface {
	// Events calls fn with every fact, streams in any order, facts of a stream by their place.
	Events(ctx context.Context, fn func(Stored) error) error
}

// Verdict is what became of the facts of a fleet.
type Verdict struct {
	Made      int64 // by all kiosks
	Forgotten int64 // by cards that lie, before the district had them
	Stored    int64
	Lost      int64 // on a card or acknowledged, and not stored
	Repeated  int64 // stored twice, or where none was made
	Wrong     int64 // not what happened
	Dated     int64 // with both ends known
	Outside   int64 // of them: the truth is not in the interval
	Firsts    []string
}

// Good reports whether nothing is lost, twice, wrong or dated falsely.
func (v Verdict) Good() bool { return v.Lost+v.Repeated+v.Wrong+v.Outside == 0 }

// mostFirsts is how many faults are told in words.
const mostFirsts = 10

// blame counts a fault and tells the first ones.
func (v *Verdict) blame(count *int64, format string, args ...any) {
	*count++
	if len(v.Firsts) < mostFirsts {
		v.Firsts = append(v.Firsts, fmt.Sprintf(format, args...))
	}
}

// account is one stream as the check goes through it.
type account struct {
	device     ident.ID
	stream     wire.StreamID
	made, kept uint64
	fact       func() wire.Event      // the next one, as it happened
	truly      func(up int64) float64 // when a moment was, Unix ms
	stored     uint64
}

// account opens the account of a boot.
func (b *boot) account(device ident.ID) *account {
	office, place := b.office, uint64(0)
	return &account{device: device, stream: b.stream, made: b.made, kept: b.kept, truly: b.truly, fact: func() wire.Event {
		e := office.next()
		place++
		e.Seq, e.Up = place, b.up(place).Milliseconds()
		return e
	}}
}

// Check holds a district's memory against what happened. The error is the memory's.
func (f *Fleet) Check(ctx context.Context, m Memory) (v Verdict, err error) {
	accounts := f.accounts()
	for _, a := range accounts {
		v.Made += int64(a.made)
	}
	err = m.Events(ctx, func(s Stored) error {
		v.Stored++
		a := accounts[s.Stream]
		if a == nil {
			v.blame(&v.Wrong, "stream %v: nobody's", s.Stream)
			return nil
		}
		v.hold(a, s)
		return nil
	})
	for _, a := range accounts {
		v.settle(a)
	}
	return v, err
}

// accounts opens the account of every stream of the fleet.
func (f *Fleet) accounts() map[wire.StreamID]*account {
	all := map[wire.StreamID]*account{}
	for _, k := range f.kiosks {
		for _, b := range k.boots[k.copied:] {
			all[b.stream] = b.account(k.key.ID())
		}
	}
	for _, c := range f.cards {
		for _, r := range c.runs {
			all[r.stream] = r.account(c.key)
		}
	}
	return all
}

// hold holds one stored fact against the next one of its stream.
func (v *Verdict) hold(a *account, s Stored) {
	if s.Device != a.device {
		v.blame(&v.Wrong, "stream %v: under device %v, want %v", s.Stream, s.Device, a.device)
	}
	switch want := a.stored + 1; {
	case s.Event.Seq < want:
		v.blame(&v.Repeated, "stream %v: place %d again", s.Stream, s.Event.Seq)
		return
	case s.Event.Seq > a.made:
		v.blame(&v.Repeated, "stream %v: place %d of %d", s.Stream, s.Event.Seq, a.made)
		return
	}
	for a.stored+1 < s.Event.Seq {
		a.stored++
		a.fact()
		v.blame(&v.Lost, "stream %v: place %d is not stored", s.Stream, a.stored)
	}
	a.stored++
	if want := a.fact(); s.Event != want {
		v.blame(&v.Wrong, "stream %v: got %+v, want %+v", s.Stream, s.Event, want)
	}
	v.date(a, s)
}

// date holds the interval of a stored fact against when it truly was.
func (v *Verdict) date(a *account, s Stored) {
	if s.Lo == 0 || s.Hi == 0 {
		return
	}
	v.Dated++
	if truly := a.truly(s.Event.Up); truly < float64(s.Lo) || truly > float64(s.Hi) {
		v.blame(&v.Outside, "stream %v: place %d was at %.0f, stated %d to %d", s.Stream, s.Event.Seq, truly, s.Lo, s.Hi)
	}
}

// settle counts what is missing at the end of a stream: what the card keeps must be there; what a
// lying card forgot may have come through before.
func (v *Verdict) settle(a *account) {
	for n := a.stored + 1; n <= a.kept; n++ {
		v.blame(&v.Lost, "stream %v: place %d of %d is not stored", a.stream, n, a.kept)
	}
	if most := max(a.stored, a.kept); a.made > most {
		v.Forgotten += int64(a.made - most)
	}
}
