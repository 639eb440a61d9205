package appliance

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/display"
	"sps-kiosk/kiosk/config"
)

// tested runs the self-test on the drawn machine while hand does what a technician does, and returns what it told.
func tested(t *testing.T, o Options, first bool, prepare func(*bench.Machine), hand func(s *stand)) (said string, well bool, s *stand) {
	t.Helper()
	m := bench.New(usual())
	t.Cleanup(func() { m.Close() })
	if prepare != nil {
		prepare(m)
	}
	s = &stand{t, m}
	if o.Data == "" {
		o.Data = t.TempDir()
	}
	o.Log = slog.New(slog.DiscardHandler)
	var out bytes.Buffer
	ended := make(chan error, 1)
	go func() {
		var err error
		well, err = selfTest(context.Background(), o, m, config.Default(), &out, first)
		ended <- err
	}()
	if hand != nil {
		hand(s)
	}
	if err := <-ended; err != nil {
		t.Errorf("self-test: got %v, want no error", err)
	}
	return out.String(), well, s
}

// everyButton presses every contact of the built-in settings.
func everyButton(s *stand) {
	s.slips(1) // the paper that asks for it
	for _, c := range contactsOf(config.Default()) {
		s.press(string(c.line))
	}
}

// want looks for words in what was told, once each.
func want(t *testing.T, said string, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Count(said, w) != 1 {
			t.Errorf("told: got\n%s\nwant «%s» once", said, w)
		}
	}
}

// dark are the lamps that are wired and not lit.
func dark(look bench.Snapshot) (lamps []string) {
	for _, b := range look.Buttons {
		if b.Lamp != "" && !b.Lit {
			lamps = append(lamps, b.Lamp)
		}
	}
	for _, h := range look.Handsets {
		if h.Lamp != "" && !h.Lit {
			lamps = append(lamps, h.Lamp)
		}
	}
	return lamps
}

// TestSelfTest: everything is found, every segment and lamp is lit, every button asked for and pressed, and the
// result is on paper (C10).
func TestSelfTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		said, _, s := tested(t, Options{}, false, nil, func(s *stand) {
			s.until("every segment and every lamp", func(look bench.Snapshot) bool {
				return strings.Count(display.Read(look.Display.Digits), "8") == 8 && len(dark(look)) == 0
			})
			if lit := time.Since(began); lit >= segmentsLit { // the presses light lamps of their own afterwards
				t.Errorf("lamps lit %v after the start, want them lit together with the segments", lit)
			}
			everyButton(s)
		})
		want(t, said, "Принтер: исправно", "Табло: показывает", "Кнопки: нажаты 12 из 12", "Место на карте: свободно")
		s.slips(2)
		if took := time.Since(began); took > firstPress {
			t.Errorf("self-test: got %v with every button pressed at once, want it to wait for nobody", took)
		}
	})
}

// TestSelfTestFaults: what is wrong is named with what to do.
func TestSelfTestFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said, well, s := tested(t, Options{}, false, func(m *bench.Machine) {
			m.Press(window1) // pinched from the start
		}, func(s *stand) {
			s.slips(1)
			for _, c := range contactsOf(config.Default())[2:] {
				if string(c.line) != window1 {
					s.press(string(c.line))
				}
			}
		})
		want(t, said, "ПРОВЕРЬТЕ  Пульт 1: замкнута всё время", "ПРОВЕРЬТЕ  Кнопка «Подать документы»: не нажата", "ПРОВЕРЬТЕ  Кнопка «Получить готовое»: не нажата", "Кнопки: нажаты 9 из 12", "Требует внимания: ")
		if well {
			t.Error("got all well, want faults")
		}
		s.slips(2)
	})
}

// TestFirstSelfTest: without a printer nobody is waited for and nothing is ticked off; with one it is done once.
func TestFirstSelfTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		if due, err := firstTestDue(data); !due || err != nil {
			t.Fatalf("a new card: got due %t, %v, want the test", due, err)
		}
		if err := os.Mkdir(filepath.Join(data, "queue"), 0o700); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		said, _, _ := tested(t, Options{Data: data}, true, func(m *bench.Machine) { m.SetPrinter(bench.PrinterFault{Unplugged: true}) }, nil)
		want(t, said, "ПРОВЕРЬТЕ  Принтер: не найден: проверьте кабель и питание")
		if took := time.Since(began); took > printerReady+time.Second {
			t.Errorf("start without a printer: got %v later, want it to wait for nobody", took)
		}
		if due, err := firstTestDue(data); !due || err != nil {
			t.Errorf("without a paper: got due %t, %v, want it done again", due, err)
		}
		put(t, filepath.Join(data, "queue", "MANIFEST"), []byte{1}) // it has served meanwhile
		if due, err := firstTestDue(data); !due || err != nil {
			t.Errorf("after a day without a printer: got due %t, %v, want it still to be done", due, err)
		}
		tested(t, Options{Data: data}, true, nil, everyButton)
		if due, err := firstTestDue(data); due || err != nil {
			t.Errorf("after the paper: got due %t, %v, want it ticked off", due, err)
		}
		old := t.TempDir()
		put(t, filepath.Join(old, "mark"), []byte{1})
		if err := os.Mkdir(filepath.Join(old, "queue"), 0o700); err != nil {
			t.Fatal(err)
		}
		if due, err := firstTestDue(old); due || err != nil {
			t.Errorf("a card that served before this program: got due %t, %v, want no waiting after an update", due, err)
		}
		well, err := SelfTest(context.Background(), Options{Data: data, Board: "none"}, new(bytes.Buffer), true)
		if !well || err != nil {
			t.Errorf("second start: got %v, %v, want nothing done", well, err)
		}
	})
}

// TestSelfTestThenService: the lines of the self-test are free for the service after it.
func TestSelfTestThenService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		var machine *bench.Machine
		_, _, s := tested(t, Options{Data: data}, true, func(m *bench.Machine) { machine = m; OpenHours(m, config.Default()) }, everyButton)
		s.slips(2)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() {
			ended <- live(ctx, Options{Data: data, Contact: 24 * time.Hour, Log: slog.New(slog.DiscardHandler)}, machine)
		}()
		s.digits("-------")
		s.press(docs)
		s.journal("Талон А001 записан")
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestContactsAreTheServices: the self-test asks for exactly what the service watches.
func TestContactsAreTheServices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := bench.New(usual())
		defer m.Close()
		ctx, cancel := context.WithCancel(context.Background())
		w := &wiring{board: m, settings: config.Default(), wired: config.DefaultDevice().Settings(), log: slog.New(slog.DiscardHandler), trial: &watch{touch: func() {}}}
		w.tasks = newTasks(ctx, w.log, func(string) {})
		w.buttons()
		var watched, asked []string
		for _, c := range w.trial.all {
			watched = append(watched, c.name)
		}
		for _, c := range contactsOf(config.Default()) {
			asked = append(asked, c.name)
		}
		if got, want := strings.Join(asked, " "), strings.Join(watched, " "); got != want {
			t.Errorf("contacts: got %s, want %s", got, want)
		}
		cancel()
		if err := w.tasks.wait(); err != nil {
			t.Error(err)
		}
	})
}
