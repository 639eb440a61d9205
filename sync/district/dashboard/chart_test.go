package dashboard

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestGridHasFewRoundLines(t *testing.T) {
	for top, want := range map[float64]float64{0: 1, 1: 1, 6: 1, 7: 2, 13: 5, 31: 10, 120: 20, 301: 100, 4012: 1000} {
		if got := niceStep(top); got != want {
			t.Errorf("up to %v: got a line every %v, want %v", top, got, want)
		}
	}
}

// TestLegendHasRoomOnPaper: the words of a wide chart are printed 21 units high, and none begins in the one before.
func TestLegendHasRoomOnPaper(t *testing.T) {
	wide := bars("c", "Проба", "", wideW, []bar{{Label: "1"}}, 0, "", "талонов выдано")
	squares := heat("h", "Проба", "", wideW, []string{"Пн"}, []string{"9"}, func(int, int) square { return square{} })
	for _, c := range []*chart{wide, squares} {
		foot := c.Shapes[len(c.Shapes)-1].Y
		end := 0.0
		for _, s := range c.Shapes {
			x, err := strconv.ParseFloat(s.X, 64)
			if s.Kind != "text" || s.Y != foot || err != nil {
				continue
			}
			if x < end {
				t.Errorf("%s: %q begins at %v, the words before it end at %v", c.Title, s.Text, x, end)
			}
			end = x + 10.4*float64(len([]rune(s.Text))) // PT Sans, half its height
		}
		if end == 0 {
			t.Errorf("%s: there is no legend", c.Title)
		}
	}
}

// What nobody knows is hatched, never a bar of nothing.
func TestUnknownIsHatched(t *testing.T) {
	c := bars("c", "Проба", "", barsW, []bar{{Label: "1", Known: true}, {Label: "2"}, {Label: "3", Known: true, Low: 5, Part: true}}, 0, "", "талонов")
	hatched := 0
	for _, s := range c.Shapes {
		if s.Fill == "url(#c-hatch)" {
			hatched++
		}
	}
	if hatched != 3 { // the unknown, the part, the legend
		t.Errorf("got %d hatched, want the unknown bar, the incomplete one, and the legend", hatched)
	}
	h := heat("h", "Проба", "", heatW, []string{"Пн"}, []string{"9", "10"}, func(_, col int) square { return square{Known: col == 0, Value: 3} })
	if !h.Hatch {
		t.Error("a square that nobody knows is not hatched")
	}
}

// The recursion agrees with the formula as books have it, and with a table of Erlang's C.
func TestWindowsNeeded(t *testing.T) {
	for _, c := range []struct {
		n    int
		load float64
		want float64
	}{{1, 0.5, 0.5}, {2, 1, 1.0 / 3}, {3, 2, 0.4444}, {5, 4, 0.5541}, {10, 8, 0.4092}} {
		if got := waits(c.n, c.load); math.Abs(got-c.want) > 0.0001 {
			t.Errorf("C(%d, %v): got %.4f, want %.4f", c.n, c.load, got, c.want)
		}
	}
	const service, norm = 10 * time.Minute, 15 * time.Minute
	last := 0
	for load := 0.0; load < 30; load += 0.25 {
		n := needed(load, service, norm)
		if n < last || load > 0 && (float64(n) <= load || lateShare(n, load, service, norm) > 1-enough) {
			t.Errorf("load %v: got %d windows after %d, want enough and never fewer", load, n, last)
		}
		if n > 1 && lateShare(n-1, load, service, norm) <= 1-enough {
			t.Errorf("load %v: got %d windows, one fewer would do", load, n)
		}
		last = n
	}
	said := strings.Join(worked("Пн 9–10", 18, 12*time.Minute, norm), " ")
	if want := "A = 18,0 × 12,0 ÷ 60 = 3,60 окна"; !strings.Contains(said, want) || !strings.Contains(said, "мало") || !strings.Contains(said, "достаточно") {
		t.Errorf("got %q, want %q and both sides of enough", said, want)
	}
}

func TestWordsAreRussian(t *testing.T) {
	for _, x := range []struct{ got, want string }{
		{count(4012), "4" + nbsp + "012"}, {count(-1234567), "−1" + nbsp + "234" + nbsp + "567"}, {count(0), "0"},
		{decimal(1234.56), "1" + nbsp + "234,6"}, {decimal(-0.04), "−0,0"}, {hundredths(2.005), "2,01"},
		{ago(26 * time.Hour), "26 часов"}, {longer(2 * time.Hour), "2" + nbsp + "часов"}, {ago(4 * 24 * time.Hour), "4 дня"}, {longer(30 * time.Minute), "30" + nbsp + "минут"}, {Version("unknown"), ""}, {Version("1.4.2"), "1.4.2"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
	for n, want := range map[int64]string{0: "киосков", 1: "киоск", 3: "киоска", 5: "киосков", 11: "киосков", 14: "киосков", 21: "киоск", 112: "киосков", 121: "киоск", 124: "киоска"} {
		if got := plural(n, "киоск", "киоска", "киосков"); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
