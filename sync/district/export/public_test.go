package export

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/figures"
)

// drawMonth draws the lines of one month: offices with services, many of them small.
func drawMonth(t *rapid.T) (lines []Line) {
	over := Completeness{Kiosks: 1, Complete: 1, Over: true}
	sum := Line{Complete: over}
	for o := range rapid.IntRange(1, 5).Draw(t, "offices") {
		office := Line{Office: int64(o + 1), Complete: over}
		var services []Line
		for s := range rapid.IntRange(0, 4).Draw(t, "services") {
			var row figures.Row
			row.N[figures.Issued] = int64(rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4, 5, 6, 9, 20, 100}).Draw(t, "visits"))
			row.N[figures.Legs] = int64(rapid.SampledFrom([]int{0, 3, 5, 50}).Draw(t, "legs"))
			services = append(services, Line{Office: office.Office, Service: fmt.Sprint("s", s), Row: row, Complete: over})
			office.Row.Add(row)
			sum.Row.Add(row)
		}
		lines = append(append(lines, office), services...)
	}
	return append([]Line{sum}, lines...)
}

// TestNothingHiddenCanBeComputed attacks what is published: the unknowns are the hidden numbers, the
// equations are all sums that anybody can write down. No unknown may follow from them, nor the sum of
// a line's hidden parts be small.
func TestNothingHiddenCanBeComputed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := drawMonth(t)
		out := publish(lines)
		if len(out) != len(lines) {
			t.Fatalf("%d lines of %d", len(out), len(lines))
		}
		unknown := map[int]int{} // line → column
		for i, l := range out {
			n, legs := lines[i].Row.Of(figures.Issued), lines[i].Row.Of(figures.Legs)
			if (n > 0 && n < Small || legs > 0 && legs < Small) && !l.Hidden {
				t.Fatalf("line %d shows %d visits and %d waits", i, n, legs)
			}
			if l.Hidden {
				unknown[i] = len(unknown)
				if l.Visits != 0 || l.Waiting != 0 || l.Level != 0 {
					t.Fatalf("hidden line %d has numbers: %+v", i, l)
				}
			}
		}
		var equations [][]*big.Rat
		equate := func(parent int, parts []int) {
			row, hidden, sum := make([]*big.Rat, len(unknown)), 0, int64(0)
			for j := range row {
				row[j] = new(big.Rat)
			}
			for _, p := range parts {
				if column, is := unknown[p]; is {
					row[column].SetInt64(1)
					hidden++
					sum += lines[p].Row.Of(figures.Issued)
				}
			}
			column, is := unknown[parent]
			if is {
				row[column].SetInt64(-1)
			} else if hidden > 0 && sum < Small {
				t.Fatalf("hidden parts of line %d are %d together", parent, sum)
			}
			equations = append(equations, row)
		}
		var offices []int
		for i := 1; i < len(lines); i++ {
			if lines[i].Service != "" {
				continue
			}
			offices = append(offices, i)
			var parts []int
			for j := i + 1; j < len(lines) && lines[j].Service != ""; j++ {
				parts = append(parts, j)
			}
			if len(parts) > 0 {
				equate(i, parts)
			}
		}
		equate(0, offices)
		for line, column := range unknown {
			if determined(equations, len(unknown), column) {
				t.Fatalf("line %d (%d visits) follows from what is published: %+v", line, lines[line].Row.Of(figures.Issued), out)
			}
		}
	})
}

// determined reports whether equations fix an unknown: whether its unit vector is a combination of them.
func determined(equations [][]*big.Rat, n, column int) bool {
	unit := make([]*big.Rat, n)
	for j := range unit {
		unit[j] = new(big.Rat)
	}
	unit[column].SetInt64(1)
	return rank(equations, n) == rank(append(equations[:len(equations):len(equations)], unit), n)
}

// rank returns the rank of a matrix of n columns.
func rank(rows [][]*big.Rat, n int) (r int) {
	m := make([][]*big.Rat, len(rows))
	for i, row := range rows {
		m[i] = make([]*big.Rat, n)
		for j, x := range row {
			m[i][j] = new(big.Rat).Set(x)
		}
	}
	for column := 0; column < n && r < len(m); column++ {
		pivot := r
		for pivot < len(m) && m[pivot][column].Sign() == 0 {
			pivot++
		}
		if pivot == len(m) {
			continue
		}
		m[r], m[pivot] = m[pivot], m[r]
		for i := r + 1; i < len(m); i++ {
			f := new(big.Rat).Quo(m[i][column], m[r][column])
			for j := column; j < n; j++ {
				m[i][j].Sub(m[i][j], new(big.Rat).Mul(f, m[r][j]))
			}
		}
		r++
	}
	return r
}

// TestPublicShowsWhatItMay: where nothing is small nothing is hidden.
func TestPublicShowsWhatItMay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, small := drawMonth(t), false
		for _, l := range lines {
			n, legs := l.Row.Of(figures.Issued), l.Row.Of(figures.Legs)
			small = small || n > 0 && n < Small || legs > 0 && legs < Small
		}
		for i, l := range publish(lines) {
			if l.Hidden && !small {
				t.Fatalf("line %d is hidden for nothing", i)
			}
			if l.Hidden && lines[i].Row.Of(figures.Issued) == 0 && lines[i].Row.Of(figures.Legs) == 0 && !small {
				t.Fatalf("empty line %d is hidden", i)
			}
		}
	})
}

// TestNoMoreIsHiddenThanMust: what is hidden beside the small, the smallest first, and when the sum is.
func TestNoMoreIsHiddenThanMust(t *testing.T) {
	for _, c := range []struct {
		visits []int64
		hidden string // the office, then its services
	}{
		{[]int64{10, 20}, "---"},
		{[]int64{3, 20, 7}, "-x-x"},
		{[]int64{3, 4, 20}, "-xx-"},
		{[]int64{1, 2, 20, 100}, "-xxx-"},
		{[]int64{0, 3, 20}, "--xx"},
		{[]int64{0, 3}, "xxx"},
		{[]int64{2, 2}, "xxx"},
		{[]int64{0, 0}, "---"},
	} {
		full := Completeness{Kiosks: 1, Complete: 1, Over: true}
		office, sum := Line{Office: 1, Complete: full}, Line{Complete: full}
		other := Line{Office: 2, Complete: full}
		other.Row.N[figures.Issued] = 1000
		third := Line{Office: 3, Complete: full}
		third.Row.N[figures.Issued] = 2000
		var services []Line
		for i, n := range c.visits {
			s := Line{Office: 1, Service: fmt.Sprint("s", i), Complete: full}
			s.Row.N[figures.Issued] = n
			office.Row.Add(s.Row)
			services = append(services, s)
		}
		for _, l := range []Line{office, other, third} {
			sum.Row.Add(l.Row)
		}
		got := ""
		for _, l := range publish(append(append([]Line{sum, office}, services...), other, third))[1 : 2+len(services)] {
			got += map[bool]string{true: "x", false: "-"}[l.Hidden]
		}
		if got != c.hidden {
			t.Errorf("services of %v: got %s hidden, want %s", c.visits, got, c.hidden)
		}
	}
}
