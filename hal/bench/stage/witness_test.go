package stage

import (
	"testing"
	"testing/synctest"
	"time"
)

const line = "GPIO17"

func tell(w *witness, digits ...string) {
	for _, d := range digits {
		w.note(look{digits: d})
	}
}

// TestFlashed: a text, then without it, then the text again since the last hand, however late somebody asks.
func TestFlashed(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after []string
		want          bool
	}{
		{"a new call", []string{"-------"}, []string{"А001-01 ", "", "А001-01 ", "", "А002-01 "}, true},
		{"again what is shown", []string{"А001-01 "}, []string{"", "А001-01 "}, true},
		{"steady", []string{"-------"}, []string{"А001-01 "}, false},
		{"another number", []string{"-------"}, []string{"А002-01 ", "", "А002-01 "}, false},
		{"before the hand", []string{"А001-01 ", "", "А001-01 "}, nil, false},
	} {
		w := newWitness()
		tell(w, c.before...)
		w.begin(line)
		tell(w, c.after...)
		if got, _ := w.flashed("А001-01"); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// TestTakes: a lamp that is lit may not have been switched off yet.
func TestTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWitness()
		wants := func(when string, want bool) {
			t.Helper()
			if got, _, _ := w.takes(line); got != want {
				t.Errorf("%s: got %v, want %v", when, got, want)
			}
		}
		lit := look{lamps: []string{line}}
		wants("nothing seen yet", false)
		w.note(lit)
		wants("lit and never pressed", true)
		w.begin(line)
		w.end(line)
		wants("just pressed and still lit", false)
		w.note(look{})
		wants("dark", false)
		w.note(lit)
		wants("lit again", true)
		w.begin(line)
		w.end(line)
		time.Sleep(Busy)
		wants("lit for longer than it may be dark", true)
	})
}
