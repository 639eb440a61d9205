package candle

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// begin is a moment to count from.
var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestFramesTypedByHand(t *testing.T) {
	for name, c := range map[string]struct {
		bytes  string
		want   View
		counts Counts
	}{
		"power-up":              {"", View{Lit: true, Intensity: 3}, Counts{}},
		"number":                {"\x01\x20\x20\xC0012-02\x07", View{"А012-02", 0, true, 3}, Counts{Frames: 1}},
		"all letters":           {"\x01\x20\x20\xC3\xC5\xCD\xCF\xD0\xD1\xD3\x07", View{"ГЕНПРСУ", 0, true, 3}, Counts{Frames: 1}},
		"letters like digits":   {"\x01\x20\x20\xC1\xC2\xC7\xCE\xD7Il\x07", View{"6830411", 0, true, 3}, Counts{Frames: 1}},
		"Latin":                 {"\x01\x20\x20ABCEHPS\x07", View{"А8СЕНР5", 0, true, 3}, Counts{Frames: 1}},
		"no signs":              {"\x01\x20\x20x\xDF.\x07", View{"???", 0, true, 3}, Counts{Frames: 1}},
		"arrow":                 {"\x01\x20\x20<5\x07", View{"<5", 0, true, 3}, Counts{Frames: 1}},
		"more than fit":         {"\x01\x20\x20123456789\x07", View{"1234567", 0, true, 3}, Counts{Frames: 1}},
		"for ever":              {"\x01\x20\x211\x07", View{"1", Forever, true, 3}, Counts{Frames: 1}},
		"three times":           {"\x01\x20\x241\x07", View{"1", 3, true, 3}, Counts{Frames: 1}},
		"least brightness":      {"\x02\x20\x23\x07", View{"", 0, true, 0}, Counts{Frames: 1}},
		"another address":       {"\x01\x21\x20123\x07", View{"", 0, true, 3}, Counts{Foreign: 1}},
		"too soon":              {"\x01\x20\x201\x07\x01\x20\x202\x07", View{"1", 0, true, 3}, Counts{Frames: 1, Early: 1}},
		"noise before":          {"\xFF\x00A\x07\x01\x20\x201\x07", View{"1", 0, true, 3}, Counts{Frames: 1, Noise: 4}},
		"begun twice":           {"\x01\x20\x20\x01\x20\x201\x07", View{"1", 0, true, 3}, Counts{Frames: 1, Noise: 3}},
		"control byte inside":   {"\x01\x20\x20\x0D1\x07", View{"", 0, true, 3}, Counts{Noise: 6}},
		"without an address":    {"\x01\x07\x02\x20\x07", View{"", 0, true, 3}, Counts{Noise: 5}},
		"without blink":         {"\x01\x20\xC0\x07", View{"", 0, true, 3}, Counts{Noise: 4}},
		"impossible brightness": {"\x02\x20\x24\x07", View{"", 0, true, 3}, Counts{Noise: 4}},
		"without an end":        {"\x01\x20\x20" + strings.Repeat("1", 70) + "\x07", View{"", 0, true, 3}, Counts{Noise: 74}},
		"two brightnesses":      {"\x02\x20\x20\x20\x07", View{"", 0, true, 3}, Counts{Noise: 5}},
	} {
		b := New(Options{})
		b.Receive(begin, []byte(c.bytes))
		if got := b.At(begin); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
		if got := b.Counts(); got != c.counts {
			t.Errorf("%s: got %+v, want %+v", name, got, c.counts)
		}
	}
}

// The number before stays where the new one is shorter.
func TestCharactersNotSentStay(t *testing.T) {
	b := New(Options{Width: 4})
	b.Receive(begin, []byte("\x01\x20\x20\xC0042\x07"))
	b.Receive(begin.Add(pause), []byte("\x01\x20\x2013\x07"))
	if got, want := b.At(begin).Text, "1342"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFlashing(t *testing.T) {
	b := New(Options{})
	b.Receive(begin, []byte("\x01\x20\x231\x07")) // twice
	lit := ""
	for half := range 8 {
		lit += fmt.Sprint(b2i(b.At(begin.Add(time.Duration(half)*flash/2 + time.Millisecond)).Lit))
	}
	if want := "10101111"; lit != want {
		t.Errorf("got %s, want %s", lit, want)
	}
	b.Receive(begin.Add(time.Hour), []byte("\x01\x20\x211\x07")) // for ever
	if b.At(begin.Add(2*time.Hour + 600*time.Millisecond)).Lit {
		t.Error("an hour later: got lit, want the dark half")
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestStoredAddressAndBrightness(t *testing.T) {
	b := New(Options{Address: 0x30})
	at := begin
	send := func(bytes string) {
		at = at.Add(pause)
		b.Receive(at, []byte(bytes))
	}
	send("\x03\x20\x40\x07") // somebody else's
	if b.Address() != 0x30 {
		t.Errorf("got address %#x, want 0x30", b.Address())
	}
	send("\x03\xFF\x40\x07")
	send("\x03\x40\xFF\x07") // no address
	send("\x02\x40\x22\x07")
	send("\x01\x40\x20123\x07")
	b.PowerUp()
	if got, want := b.At(at), (View{"", 0, true, 1}); got != want || b.Address() != 0x40 {
		t.Errorf("got %+v at %#x, want %+v at 0x40", got, b.Address(), want)
	}
	if got, want := b.Counts(), (Counts{Frames: 3, Foreign: 1, Noise: 4}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestPortNeedsSpeedAndPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{Baud: 19200})
		for _, c := range []struct {
			baud int
			wait time.Duration
			want string
		}{{57600, 0, ""}, {19200, 0, "1"}, {19200, pause - 1, "1"}, {19200, pause, "3"}} {
			time.Sleep(c.wait)
			n := b.Counts()
			p := b.Port(c.baud)
			fmt.Fprintf(p, "\x01\x20\x20%d\x07", 1+n.Frames+n.Early)
			if got := b.At(time.Now()).Text; got != c.want {
				t.Errorf("%+v: got %q", c, got)
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// Whatever came before, a frame after a pause is obeyed.
func FuzzReceive(f *testing.F) {
	for _, seed := range []string{
		"\x01\x20\x20\xC0012-02\x07", "\x03\xFF\x7F\x07", "\x02\x20\x23\x07\x01", "\x01\x01\x07\x07\xFF", "\x01\x20\x20",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, noise []byte) {
		b := New(Options{Width: 3})
		b.Receive(begin, noise)
		b.At(begin)
		b.Receive(begin.Add(pause), append([]byte{0x01, b.Address(), 0x20}, "042\x07"...))
		if got := b.At(begin); got.Text != "042" || got.Flashes != 0 {
			t.Errorf("got %+v after % X, want 042", got, noise)
		}
		if c := b.Counts(); c.Noise > len(noise) || c.Frames < 1 {
			t.Errorf("got %+v after %d bytes", c, len(noise))
		}
	})
}
