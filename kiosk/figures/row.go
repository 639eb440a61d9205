package figures

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Row is what is known of one Key, or of many added up. A part of a row may be negative: a unit takes
// back what the unit before had counted and the visitor's ticket was voided after. The zero value
// is an empty row.
type Row struct {
	N    [counters]int64
	Wait Histogram // the waiting of Legs
}

// Of returns one number of the row.
func (r Row) Of(c Counter) int64 { return r.N[c] }

// Time returns one sum of the row, of a counter in milliseconds.
func (r Row) Time(c Counter) time.Duration { return time.Duration(r.N[c]) * time.Millisecond }

// Add adds another row to this one.
func (r *Row) Add(o Row) { r.add(o, 1) }

func (r *Row) add(o Row, sign int64) {
	for i, n := range o.N {
		r.N[i] += sign * n
	}
	r.Wait.add(o.Wait, sign)
}

// Empty reports whether every number is zero.
func (r Row) Empty() bool { return r.N == [counters]int64{} && len(r.Wait) == 0 }

// Equal reports whether two rows are the same.
func (r Row) Equal(o Row) bool { return r.N == o.N && slices.Equal(r.Wait, o.Wait) }

// Table is rows by key, without empty ones.
type Table map[Key]Row

// Add adds a row to the one under a key.
func (t Table) Add(k Key, r Row) { t.add(k, r, 1) }

func (t Table) add(k Key, r Row, sign int64) {
	sum := t[k]
	sum.Wait = slices.Clone(sum.Wait)
	sum.add(r, sign)
	if sum.Empty() {
		delete(t, k)
		return
	}
	t[k] = sum
}

// Merge adds the rows of another table.
func (t Table) Merge(o Table) {
	for k, r := range o {
		t.Add(k, r)
	}
}

// Equal reports whether two tables hold the same rows.
func (t Table) Equal(o Table) bool { return maps.EqualFunc(t, o, Row.Equal) }

// Keys returns the keys by hour, queue, window and part.
func (t Table) Keys() []Key {
	return slices.SortedFunc(maps.Keys(t), func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Hour, b.Hour), strings.Compare(a.Queue, b.Queue),
			cmp.Compare(a.Window, b.Window), strings.Compare(a.Part, b.Part))
	})
}

// Sum returns the rows added up whose key is wanted.
func (t Table) Sum(wanted func(Key) bool) (sum Row) {
	for k, r := range t {
		if wanted(k) {
			sum.Add(r)
		}
	}
	return sum
}
