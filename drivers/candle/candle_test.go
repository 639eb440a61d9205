package candle

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// line is a recorded serial line.
type line struct {
	frames []string
	at     []time.Time
	err    error
}

func (l *line) Write(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	l.frames, l.at = append(l.frames, fmt.Sprintf("% X", p)), append(l.at, time.Now())
	return len(p), nil
}

func (l *line) take() string {
	defer func() { l.frames = nil }()
	return strings.Join(l.frames, " | ")
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Frames typed from the protocol: 01 address blink text 07, 02 address brightness 07, 03 old new 07.
func TestFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		d, err := New(l, Options{Address: 0x25, Width: 7})
		try(t, err)
		for i, c := range []struct {
			act  func() error
			want string
		}{
			{func() error { return nil }, "01 25 20 20 20 20 20 20 20 20 07"},
			{func() error { return d.Show("А012-02") }, "01 25 20 C0 30 31 32 2D 30 32 07"},
			{func() error { return d.Show("ГЕНПРСУ") }, "01 25 20 C3 C5 CD CF D0 D1 D3 07"},
			{func() error { return d.Show("<5") }, "01 25 20 3C 35 20 20 20 20 20 07"},
			{d.Refresh, "01 25 20 3C 35 20 20 20 20 20 07"},
			{func() error { return d.Flash("7", 3) }, "01 25 24 37 20 20 20 20 20 20 07"},
			{d.Refresh, ""}, // it flashes
			{func() error { time.Sleep(3 * time.Second); return d.Refresh() }, "01 25 20 37 20 20 20 20 20 20 07"},
			{func() error { return d.Flash("7", Forever) }, "01 25 21 37 20 20 20 20 20 20 07"},
			{d.Refresh, "01 25 21 37 20 20 20 20 20 20 07"},
			{func() error { return d.Flash("7", 94) }, "01 25 7F 37 20 20 20 20 20 20 07"},
			{func() error { return d.Intensity(3) }, "02 25 20 07"},
			{func() error { return d.Intensity(0) }, "02 25 23 07"},
			{func() error { return d.Intensity(0) }, ""}, // its memory wears
			{d.Off, "01 25 20 20 20 20 20 20 20 20 07"},
			{func() error { return d.SetAddress(0x30, 0x31) }, "03 30 31 07"},
			{d.Refresh, "01 25 20 20 20 20 20 20 20 20 07"}, // another board was told
			{func() error { return d.SetAddress(AnyAddress, 0x26) }, "03 FF 26 07"},
			{d.Refresh, "01 26 20 20 20 20 20 20 20 20 07"},
			{func() error { return d.SetAddress(0x26, 0x27) }, "03 26 27 07"},
			{d.Refresh, "01 27 20 20 20 20 20 20 20 20 07"},
		} {
			try(t, c.act())
			if got := l.take(); got != c.want {
				t.Errorf("%d: got %s, want %s", i, got, c.want)
			}
		}
	})
}

func TestPauseBetweenFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		d, err := New(l, Options{Address: 0x20, Width: 4})
		try(t, err)
		try(t, d.Show("1"))
		time.Sleep(50 * time.Millisecond)
		l.err = errors.New("cable")
		if err := d.Show("2"); !errors.Is(err, l.err) || !strings.Contains(err.Error(), `"2"`) {
			t.Errorf("got %v, want the cable's error with the text", err)
		}
		l.err = nil
		try(t, d.Refresh())
		try(t, d.Intensity(1))
		time.Sleep(time.Second)
		try(t, d.Refresh())
		var gaps []time.Duration
		for i := range l.at[1:] {
			gaps = append(gaps, l.at[i+1].Sub(l.at[i]))
		}
		// the broken write was a frame, too: the line may have carried a part of it
		if got, want := fmt.Sprint(gaps), "[250ms 500ms 250ms 1s]"; got != want {
			t.Errorf("got gaps %s, want %s", got, want)
		}
	})
}

// After an error the text is not lost: Refresh brings it.
func TestRefreshBringsWhatDidNotGoOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		d, err := New(l, Options{Address: 0x20, Width: 2})
		try(t, err)
		try(t, d.Flash("1", 94))
		l.take()
		l.err = errors.New("cable")
		for range 3 {
			if d.Intensity(2) == nil || d.SetAddress(0x20, 0x21) == nil || d.Show("22") == nil || d.Refresh() == nil {
				t.Fatal("got nil, want the cable's error")
			}
		}
		l.err = nil
		try(t, d.Refresh())
		try(t, d.Intensity(2))
		if got, want := l.take(), "01 20 20 32 32 07 | 02 20 21 07"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestRefusedBeforeAnyTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		d, err := New(l, Options{Address: 0x20, Width: 7})
		try(t, err)
		l.take()
		for _, text := range []string{
			"Б01", "В01", "З01", "О01", "Ч01", "B01", "O01", "I", "l", "12345678", "1.2", "\x07", "\xff", "а", "Ё",
		} {
			if d.Show(text) == nil || d.Flash(text, 3) == nil {
				t.Errorf("%q: got nil, want an error", text)
			}
		}
		for _, n := range []int{0, -2, 95} {
			if d.Flash("1", n) == nil {
				t.Errorf("%d flashes: got nil, want an error", n)
			}
		}
		for _, n := range []int{-1, 4} {
			if d.Intensity(n) == nil {
				t.Errorf("intensity %d: got nil, want an error", n)
			}
		}
		for _, a := range []byte{0x1F, 0x80, AnyAddress} {
			if d.SetAddress(AnyAddress, a) == nil {
				t.Errorf("address %#x: got nil, want an error", a)
			}
		}
		for _, o := range []Options{
			{Address: 0x1F, Width: 4}, {Address: 0x80, Width: 4}, {Address: 0x20}, {Address: 0x20, Width: 33},
			{Address: 0x20, Width: 4, Pause: 199 * time.Millisecond},
		} {
			if _, err := New(l, o); err == nil {
				t.Errorf("%+v: got nil, want an error", o)
			}
		}
		if got := l.take(); got != "" {
			t.Errorf("got traffic %s, want none", got)
		}
	})
}

// Whatever the text, the bytes of a frame that end it are not in it.
func TestTextHoldsNoControlBytes(t *testing.T) {
	for r := rune(0); r < 0x2000; r++ {
		if b, err := encode(string(r), 1); err == nil && (len(b) != 1 || b[0] < 0x20 || b[0] == 0x7F) {
			t.Errorf("%q: got % X", r, b)
		}
	}
}

func TestOtherBoards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, err := ParseFrames("ff Адрес текст сумма", "", "")
		try(t, err)
		l := &line{}
		d, err := New(l, Options{Frames: f, Address: 0x01, Width: 3})
		try(t, err)
		l.take()
		try(t, d.Show("А7"))
		if got, want := l.take(), "FF 01 C0 37 20 17"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if err := d.Flash("1", 3); !errors.Is(err, ErrUnsupported) {
			t.Errorf("flash: got %v, want ErrUnsupported", err)
		}
		if err := d.Intensity(1); !errors.Is(err, ErrUnsupported) {
			t.Errorf("intensity: got %v, want ErrUnsupported", err)
		}
		if err := d.SetAddress(1, 0x20); !errors.Is(err, ErrUnsupported) {
			t.Errorf("set address: got %v, want ErrUnsupported", err)
		}
		if got := l.take(); got != "" {
			t.Errorf("got traffic %s, want none", got)
		}
	})
}

func TestCandleIsWrittenLikeThat(t *testing.T) {
	f, err := ParseFrames("01 адрес мигание текст 07", "02 адрес яркость 07", "03 адрес новый 07")
	try(t, err)
	if got, want := fmt.Sprint(f), fmt.Sprint(Candle()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMistakesOfTheTechnician(t *testing.T) {
	for _, c := range []struct{ text, dim, readdress, want string }{
		{"", "", "", "кадр текста не задан: например «01 адрес мигание текст 07»"},
		{"01 адресс текст", "", "", "кадр текста «01 адресс текст», слово 2: «адресс» – не байт (две цифры 0–9, A–F) и не поле (текст, адрес, мигание, сумма)"},
		{"1 текст", "", "", "кадр текста «1 текст», слово 1: «1» – не байт (две цифры 0–9, A–F) и не поле (текст, адрес, мигание, сумма)"},
		{"+1 текст", "", "", "кадр текста «+1 текст», слово 1: «+1» – не байт (две цифры 0–9, A–F) и не поле (текст, адрес, мигание, сумма)"},
		{"01 адрес 07", "", "", "кадр текста «01 адрес 07»: нет поля «текст»"},
		{" ", "", "", "кадр текста « »: нет поля «текст»"},
		{"текст 07 текст", "", "", "кадр текста «текст 07 текст», слово 3: «текст» уже есть в кадре"},
		{"текст яркость", "", "", "кадр текста «текст яркость», слово 2: «яркость» – не байт (две цифры 0–9, A–F) и не поле (текст, адрес, мигание, сумма)"},
		{"текст", "02", "03", "кадр яркости «02»: нет поля «яркость»\nкадр смены адреса «03»: нет поля «новый»"},
	} {
		f, err := ParseFrames(c.text, c.dim, c.readdress)
		if err == nil || err.Error() != c.want || f.text != nil {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func FuzzParseFrames(f *testing.F) {
	f.Add("01 адрес мигание текст 07", "02 адрес яркость 07", "03 адрес новый 07")
	f.Add("FF текст сумма", "", "")
	f.Add("ТЕКСТ", " ", "новый новый")
	f.Fuzz(func(t *testing.T, text, dim, readdress string) {
		frames, err := ParseFrames(text, dim, readdress)
		if err != nil {
			return
		}
		shown := []byte("A042")
		if got := frames.text.frame(values{text: shown}); !bytes.Contains(got, shown) {
			t.Errorf("%q: got frame % X without its text", text, got)
		}
	})
}
