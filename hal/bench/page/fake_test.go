package page

import (
	"context"
	"image"
	"slices"
	"sync"
	"time"

	"sps-kiosk/hal/bench"
)

// fake is a machine without models: it shows what a test sets and notes what the page does.
type fake struct {
	mu     sync.Mutex
	s      bench.Snapshot
	news   chan struct{} // closed at the next change
	done   []string      // what hands did, in order
	at     []time.Time   // when
	papers map[int]image.Image
}

func newFake() *fake {
	f := &fake{news: make(chan struct{}), papers: map[int]image.Image{}}
	f.s = bench.Snapshot{Seq: 1, Site: "МФЦ Кошкинского района", Power: true, Program: "running", Trusted: true,
		Wall:    time.Date(2025, 11, 18, 10, 42, 0, 0, time.FixedZone("", 4*60*60)),
		Display: bench.DisplayView{Digits: bench.Segments{1, 1, 1, 1, 1, 1, 1, 1}, Intensity: 15}}
	for i, title := range []string{"Подать документы", "Получить готовое", "Помощь с Госуслугами", "Учётная запись", "Консультация"} {
		f.s.Buttons = append(f.s.Buttons, bench.ButtonView{Lit: true, Button: bench.Button{Role: "service",
			Line: []string{"GPIO17", "GPIO27", "GPIO22", "GPIO5", "GPIO6"}[i], Lamp: "GPIO13", Letter: []string{"А", "П", "С", "Е", "Н"}[i], Title: title}})
	}
	for i, place := range []string{"окно 1", "окно 2", "окно 3", "место СПС"} {
		f.s.Handsets = append(f.s.Handsets, bench.HandsetView{Handset: bench.Handset{Window: i + 1, Place: place,
			Line: []string{"GPIO23", "GPIO24", "GPIO25", "GPIO16"}[i], Lamp: "GPIO12"}})
	}
	f.s.Boards = []bench.BoardView{}
	return f
}

func (f *fake) change(do func(*bench.Snapshot)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do(&f.s)
	f.s.Seq++
	close(f.news)
	f.news = make(chan struct{})
}

func (f *fake) did(what string, do func(*bench.Snapshot)) {
	f.change(func(s *bench.Snapshot) { f.done, f.at = append(f.done, what), append(f.at, time.Now()); do(s) })
}

func (f *fake) acts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.done)
}

func (f *fake) Snapshot() bench.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.s
	s.Buttons, s.Handsets = slices.Clone(s.Buttons), slices.Clone(s.Handsets)
	s.Captions = append([]bench.Caption{}, s.Captions...)
	s.Journal = append([]bench.Entry{}, s.Journal...)
	s.Printer.Papers = append([]bench.PaperView{}, s.Printer.Papers...)
	return s
}

func (f *fake) Changed(ctx context.Context, seq uint64) (bench.Snapshot, error) {
	f.mu.Lock()
	news, now := f.news, f.s.Seq
	f.mu.Unlock()
	if now == seq {
		select {
		case <-news:
		case <-ctx.Done():
			return bench.Snapshot{}, ctx.Err()
		}
	}
	return f.Snapshot(), nil
}

func (f *fake) Paper(id int) image.Image {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p, ok := f.papers[id]; ok {
		return p
	}
	return nil
}

func nothing(*bench.Snapshot) {}

func (f *fake) Press(line string) error {
	f.did("press "+line, nothing)
	return nil
}
func (f *fake) Release(line string) error {
	f.did("release "+line, nothing)
	return nil
}
func (f *fake) Tear() { f.did("tear", func(s *bench.Snapshot) { s.Printer.Papers = nil }) }
func (f *fake) Power(on bool) {
	f.did(word("power", on), func(s *bench.Snapshot) { s.Power = on })
}
func (f *fake) SetPrinter(p bench.PrinterFault) {
	f.did("printer", func(s *bench.Snapshot) {
		s.Printer.PaperOut, s.Printer.PaperLow, s.Printer.CoverOpen, s.Printer.Unplugged = p.PaperOut, p.PaperLow, p.CoverOpen, p.Unplugged
	})
}
func (f *fake) SetDisplay(absent bool) {
	f.did(word("absent", absent), func(s *bench.Snapshot) { s.Display.Absent = absent })
}
func (f *fake) Stick(line string, on bool) error {
	f.did(word("stick "+line, on), func(s *bench.Snapshot) {
		for i := range s.Buttons {
			if s.Buttons[i].Line == line {
				s.Buttons[i].Stuck = on
			}
		}
	})
	return nil
}
func (f *fake) Shift(d time.Duration) {
	f.did("shift "+d.String(), func(s *bench.Snapshot) { s.Wall = s.Wall.Add(d) })
}
func (f *fake) SetClockTrusted(on bool) {
	f.did(word("trusted", on), func(s *bench.Snapshot) { s.Trusted = on })
}

func word(what string, on bool) string {
	if on {
		return what + " on"
	}
	return what + " off"
}
