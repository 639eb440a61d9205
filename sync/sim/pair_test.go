package sim

import (
	"testing"
	"time"

	"sps-kiosk/sync/wire"
)

// TestContradictionsAreSure: what must be noticed is what the district cannot have heard in another order.
func TestContradictionsAreSure(t *testing.T) {
	a, b := wire.StreamID{1}, wire.StreamID{2}
	type word struct {
		stream         wire.StreamID
		sent, received int // seconds; received 0: no answer came
	}
	for _, c := range []struct {
		name  string
		words []word
		want  bool
	}{
		{"a reboot", []word{{a, 0, 1}, {a, 2, 3}, {b, 4, 5}, {b, 6, 7}}, false},
		{"one return at once", []word{{a, 0, 1}, {b, 4, 5}, {a, 6, 7}}, false},
		{"two returns", []word{{a, 0, 1}, {b, 4, 5}, {a, 6, 7}, {a, 8, 9}}, true},
		{"one return, long after", []word{{a, 0, 1}, {b, 4, 5}, {a, 17, 18}}, true},
		{"first words at the same time", []word{{a, 0, 5}, {b, 4, 6}, {a, 7, 8}, {a, 9, 10}}, false},
		{"sent before the other's answer", []word{{a, 0, 1}, {b, 4, 9}, {a, 6, 7}, {a, 8, 9}}, false},
		{"its first answer was lost", []word{{b, 0, 0}, {a, 2, 3}, {b, 4, 5}, {a, 6, 7}, {a, 8, 9}}, false},
	} {
		var p pair
		for _, w := range c.words {
			p.tries(w.stream, w.stream == b, time.Unix(int64(w.sent), 0))
			if w.received == 0 {
				continue
			}
			p.heard(w.stream, w.stream == b, time.Unix(int64(w.sent), 0), time.Unix(int64(w.received), 0))
		}
		if got := p.contradicted(); got != c.want {
			t.Errorf("%s: got %t, want %t", c.name, got, c.want)
		}
	}
}

// TestWhatWasForgottenIsNotHeldAgainstTheDistrict: a backup that was put back knows nothing of what came after
// it, and in which order it heard boots again, nobody can say.
func TestWhatWasForgottenIsNotHeldAgainstTheDistrict(t *testing.T) {
	a, b, c := wire.StreamID{1}, wire.StreamID{2}, wire.StreamID{3}
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	say := func(p *pair, stream wire.StreamID, second int) {
		p.tries(stream, stream != a, at(second))
		p.heard(stream, stream != a, at(second), at(second+1))
	}
	for _, x := range []struct {
		name  string
		known int // the backup's second; it is put back at 20
		after []wire.StreamID
		want  bool
	}{
		{"both forgotten, heard again in another order", 0, []wire.StreamID{b, a, b, a, b}, false},
		{"both known", 10, []wire.StreamID{b, a, a}, true},
		{"the second one forgotten", 3, []wire.StreamID{b, a, a}, true},
		{"both forgotten, a third comes", 0, []wire.StreamID{a, c, a, a}, true},
	} {
		var p pair
		for n, s := range []wire.StreamID{a, b, a, a} {
			say(&p, s, 1+2*n)
		}
		p.forget(at(x.known), at(20))
		p.heard(a, false, at(19), at(21))
		if p.contradicted() {
			t.Errorf("%s: got a contradiction at once", x.name)
		}
		for n, s := range x.after {
			say(&p, s, 22+2*n)
		}
		if got := p.contradicted(); got != x.want {
			t.Errorf("%s: got %t, want %t", x.name, got, x.want)
		}
	}
}
