package voice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatIsSaid(t *testing.T) {
	for _, c := range []struct{ label, place, want string }{
		{"А012", "окно 2", "Талон а ноль двенадцать. Окно два."},
		{"С005", "место СПС", "Талон эс ноль ноль пять. Место спс."},
		{"Е100", "окно 21", "Талон е сто. Окно двадцать один."},
		{"Н999", "окно 10", "Талон эн девятьсот девяносто девять. Окно десять."},
		{"П0040", "кабинет 3, стол 1", "Талон пэ ноль ноль сорок. Кабинет три стол один."},
		{"117", "окно 1", "Талон сто семнадцать. Окно один."},
		{"L001", "окно 1", "Талон эль ноль ноль один. Окно один."},
		{"А000", "", "Талон а ноль ноль ноль."},
		{"А2215", "окно 1", "Талон а две тысячи двести пятнадцать. Окно один."},
		{"А12345", "окно 1", "Талон а один два три четыре пять. Окно один."},
	} {
		if got := Sentence(Call{Label: c.label, Place: c.place}); got != c.want {
			t.Errorf("%s, %s: got %q, want %q", c.label, c.place, got, c.want)
		}
	}
	if got := Sentence(Call{Trial: true}); got != "Проверка звука." {
		t.Errorf("a trial: got %q", got)
	}
	for n := 1; n <= 999; n++ { // whatever can be on a ticket can be said, and no two sound alike
		if w := numberWords(fmt.Sprintf("%03d", n)); len(w) == 0 || slices.Contains(w, "") {
			t.Fatalf("%d is said as %q", n, w)
		}
	}
}

// mouth writes down what is said, takes a second for it, and can be broken.
type mouth struct {
	mu     sync.Mutex
	said   []string
	open   int
	over   bool
	broken bool
	tries  int
}

func (m *mouth) Say(ctx context.Context, c Call) error {
	m.mu.Lock()
	m.tries++
	m.open++
	m.over = m.over || m.open > 1
	broken := m.broken
	m.mu.Unlock()
	defer func() { m.mu.Lock(); m.open--; m.mu.Unlock() }()
	if broken {
		return ErrNoSound
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said = append(m.said, c.Label)
	return nil
}

func (m *mouth) break_(broken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = broken
}

// worker runs a worker over a mouth in a bubble of time.
func worker(t *testing.T, m *mouth) (*Worker, *[]bool) {
	var seen []bool
	w := NewWorker(m, func(works bool) { seen = append(seen, works) }, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return w, &seen
}

// TestOneCallAtATime: in their order, never two at once, and never one that nobody waits for any more.
func TestOneCallAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mouth{}
		w, _ := worker(t, m)
		for i := range 5 {
			w.Say(Call{Label: fmt.Sprint(i)})
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := strings.Join(m.said, ""); got != "01234" || m.over {
			t.Errorf("said %s, two at once: %v; want 01234, one after the other", got, m.over)
		}
		for i := range 100 { // a storm: what does not fit is only seen
			w.Say(Call{Label: fmt.Sprint(i)})
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := len(m.said) - 5; n > mostCalls+1 {
			t.Errorf("%d of a hundred calls were said, want at most %d", n, mostCalls+1)
		}
	})
}

// TestAMissingCardCostsNothing: with no sound calls are seen only, tried less and less often, told once,
// and heard again when the card is back.
func TestAMissingCardCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mouth{broken: true}
		w, seen := worker(t, m)
		for range 3600 {
			w.Say(Call{Label: "А001"})
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if m.tries > 45 {
			t.Errorf("tried %d times in an hour without a card, want at most 45", m.tries)
		}
		if !slices.Equal(*seen, []bool{false}) {
			t.Errorf("told %v, want once that there is no sound", *seen)
		}
		m.break_(false)
		time.Sleep(longRest)
		w.Say(Call{Label: "А002"})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(m.said) != 1 || !slices.Equal(*seen, []bool{false, true}) {
			t.Errorf("after the card is back: said %v, told %v; want А002 and that it works", m.said, *seen)
		}
		m.break_(true)
		w.Say(Call{Label: "А003"})
		time.Sleep(100 * time.Millisecond)
		m.break_(false)
		w.Say(Call{Trial: true, Label: "trial"})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if m.said[len(m.said)-1] != "trial" {
			t.Error("a technician's trial waits for the rest to end")
		}
	})
}

// TestAnOldCallIsNotSaid: behind a long one nobody is called to a window they were at minutes ago.
func TestAnOldCallIsNotSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mouth{}
		w := NewWorker(m, func(bool) {}, slog.New(slog.DiscardHandler))
		w.Say(Call{Label: "old"})
		time.Sleep(tooOld + time.Second)
		w.Say(Call{Label: "new"})
		ctx, stop := context.WithCancel(t.Context())
		go w.Run(ctx)
		time.Sleep(10 * time.Second)
		stop()
		synctest.Wait()
		if !slices.Equal(m.said, []string{"new"}) {
			t.Errorf("said %v, want the new one only", m.said)
		}
	})
}

// card returns ALSA's name of a device without a card that keeps what it plays in a file.
func card(t *testing.T) (device, file string) {
	file = filepath.Join(t.TempDir(), "heard.wav")
	return "tee:SLAVE=null,FILE='" + file + "',FORMAT=wav", file
}

// heard reads what was played and returns its length, and how loud its loudest moment after the chime is.
func heard(t *testing.T, file string) (length time.Duration, loudest int) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := readWAV(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range s.samples[min(len(s.samples), s.rate*3/2):] {
		loudest = max(loudest, int(v), -int(v))
	}
	return time.Duration(len(s.samples)) * time.Second / time.Duration(s.rate), loudest
}

// TestEspeakIsHeard plays through the real espeak-ng and the real aplay into a file.
func TestEspeakIsHeard(t *testing.T) {
	device, file := card(t)
	s := Espeak(Options{Device: device, Volume: 80})
	if err := s.Say(t.Context(), Call{Label: "А012", Place: "окно 2"}); err != nil {
		t.Fatalf("espeak-ng and alsa-utils are needed (.ci/tools test): %v", err)
	}
	length, loudest := heard(t, file)
	if length < 2500*time.Millisecond || length > 15*time.Second || loudest < 2000 {
		t.Errorf("heard %v, loudest %d of 32767; want a chime and a sentence", length, loudest)
	}
	t.Logf("«Талон А012, окно 2» takes %v with its chime", length)
}

// TestRecordedWordsAreHeard puts words together, in order and one after the other, and names the one
// that is missing.
func TestRecordedWordsAreHeard(t *testing.T) {
	folder := t.TempDir()
	tone := func(word string, rate int) {
		t.Helper()
		s := chime(rate, 1)
		s.samples = s.samples[:rate/4]
		if err := os.WriteFile(filepath.Join(folder, word+".wav"), s.wav(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range []string{"талон", "а", "ноль", "двенадцать", "окно", "два"} {
		tone(w, 22050)
	}
	device, file := card(t)
	o := Options{Device: device, Volume: 100, Folder: folder}
	if err := Recorded(o).Say(t.Context(), Call{Label: "А012", Place: "окно 2"}); err != nil {
		t.Fatal(err)
	}
	want := 1400*time.Millisecond + 6*(250*time.Millisecond+wordGap) + sentenceGap
	if length, _ := heard(t, file); length < want-50*time.Millisecond || length > want+300*time.Millisecond {
		t.Errorf("heard %v, want %v and the rest of aplay's last period", length, want)
	}
	err := Recorded(o).Say(t.Context(), Call{Label: "А013", Place: "окно 2"})
	if !errors.Is(err, ErrNoSound) || !strings.Contains(err.Error(), "тринадцать.wav") {
		t.Errorf("a missing word: got %v, want %v with its file", err, ErrNoSound)
	}
	tone("тринадцать", 16000)
	if err := Recorded(o).Say(t.Context(), Call{Label: "А013", Place: "окно 2"}); err == nil || !strings.Contains(err.Error(), "16000") {
		t.Errorf("a word of another rate: got %v, want its rate", err)
	}
}

// TestNoProgramNoSound: nothing to speak with is an error that says so, and a child that hangs is stopped.
func TestNoProgramNoSound(t *testing.T) {
	s := Espeak(Options{Device: "null", Volume: 80, Espeak: "/nonexistent/espeak-ng"})
	if err := s.Say(t.Context(), Call{Trial: true}); !errors.Is(err, ErrNoSound) {
		t.Errorf("no program: got %v, want %v", err, ErrNoSound)
	}
	s = Espeak(Options{Device: "no such card", Volume: 80})
	if err := s.Say(t.Context(), Call{Trial: true}); err == nil {
		t.Error("no card: got nil, want what aplay says")
	}
	slow := filepath.Join(t.TempDir(), "slow")
	if err := os.WriteFile(slow, []byte("#!/bin/sh\nexec sleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	began := time.Now()
	s = Espeak(Options{Device: "null", Volume: 80, Espeak: slow})
	if err := s.Say(ctx, Call{Trial: true}); err == nil || time.Since(began) > 30*time.Second {
		t.Errorf("a child that hangs: got %v after %v, want an error soon", err, time.Since(began))
	}
}

func FuzzReadWAV(f *testing.F) {
	good := chime(8000, 1)
	good.samples = good.samples[:20]
	f.Add(good.wav())
	f.Add(good.wav()[:50])
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEdata\x04\x00\x00\x00abcd"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := readWAV(data)
		if err != nil {
			return
		}
		again, err := readWAV(s.wav())
		if err != nil || again.rate != s.rate || !slices.Equal(again.samples, s.samples) {
			t.Errorf("written and read again: %v, %d samples of %d", err, len(again.samples), len(s.samples))
		}
	})
}

// TestForeignWAV: two channels, 8 bits, other than PCM, or an odd rate are refused, not played as noise.
func TestForeignWAV(t *testing.T) {
	for at, value := range map[int]byte{20: 3, 22: 2, 34: 8, 25: 0} { // format, channels, bits, the rate's second byte
		s := chime(22050, 1)
		data := s.wav()
		data[at] = value
		if _, err := readWAV(data); !errors.Is(err, errWAV) {
			t.Errorf("byte %d is %d: got %v, want %v", at, value, err, errWAV)
		}
	}
}
