package appliance

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/slip"
)

// Times of the self-test. It waits for nobody longer than the service can be missed.
const (
	segmentsLit  = 4 * time.Second  // every segment and lamp, for somebody to look at
	firstPress   = time.Minute      // for somebody to walk to the buttons
	nextPress    = 30 * time.Second // from one button to the next
	serverWait   = 10 * time.Second
	printerReady = 3 * time.Second
)

// testedName is the file in the data folder that says how the first self-test stands: empty = to be done.
const testedName = "selftest"

// SelfTest looks at everything that is wired, has every button pressed, and tells on paper and to out what is wrong
// and how to mend it (C10). It reports whether all is well. first is for a start of the machine: it does nothing
// once the results came out on paper, nor while there is no printer to ask for presses. The service
// must not run meanwhile: it holds the same lines.
func SelfTest(ctx context.Context, o Options, out io.Writer, first bool) (well bool, err error) {
	if first {
		if due, err := firstTestDue(o.Data); err != nil || !due {
			return err == nil, err
		}
	}
	settings, err := selfTestSettings(o)
	if err != nil {
		return false, err
	}
	b, err := open(ctx, o.Board)
	if err != nil {
		return false, err
	}
	defer b.Close()
	return selfTest(ctx, o, b, settings, out, first)
}

// firstTestDue reports whether the first self-test is still to be done: the file is empty from the first start of a
// new card on, until the results are on paper. A card that has served without the file is no new one: an update
// must not begin with a minute of waiting for presses.
func firstTestDue(data string) (bool, error) {
	path := filepath.Join(data, testedName)
	done, err := os.ReadFile(path)
	if err == nil {
		return len(done) == 0, nil
	}
	if _, err := os.Stat(filepath.Join(data, "queue")); err == nil {
		return false, nil
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return false, err
	}
	return true, keepFile(path, nil)
}

// selfTestSettings returns what is wired, with the catalogue in force.
func selfTestSettings(o Options) (config.Settings, error) {
	s, err := readSource(o.Config)
	if err != nil {
		return config.Settings{}, err
	}
	return newCatalogue(s, o.Data, o.Log).settings(), nil
}

// selfTest is SelfTest on a board.
func selfTest(ctx context.Context, o Options, b board, settings config.Settings, out io.Writer, first bool) (well bool, err error) {
	renderer, err := slip.New()
	if err != nil {
		return false, fmt.Errorf("load fonts: %w", err)
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return false, err
	}
	w := &wiring{board: b, settings: settings, wired: settings, log: o.Log, inputs: make(chan kiosk.Input, inputQueue)}
	t := &tester{wiring: w, options: o, out: out, paper: w.printer(renderer, filepath.Join(o.Data, "printing"))}
	t.printing(ctx)
	if first && !t.prints {
		t.tell()
		return false, nil
	}
	t.lights()
	t.contacts(ctx)
	t.scanner()
	t.surroundings(ctx)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	t.tell()
	if t.print(ctx, t.result()) && first {
		if err := keepFile(filepath.Join(o.Data, testedName), []byte(release()+"\n")); err != nil {
			return false, err
		}
	}
	return len(t.faults()) == 0, nil
}

// tester is one self-test.
type tester struct {
	*wiring
	options  Options
	out      io.Writer
	paper    kiosk.Printer
	prints   bool // the printer is ready
	findings []finding
}

// finding is what was found of one thing.
type finding struct {
	name, text string
	bad        bool
}

// line returns a finding as a line: «Принтер: исправно».
func (f finding) line() string { return f.name + ": " + f.text }

func (t *tester) note(name, text string, bad bool) {
	t.findings = append(t.findings, finding{name, text, bad})
}

// fault notes what is wrong for the technician, and why for the log.
func (t *tester) fault(name, text string, err error) {
	t.log.Warn("self-test", "part", name, "err", err)
	t.note(name, text, true)
}

// faults returns what is not well.
func (t *tester) faults() (list []finding) {
	for _, f := range t.findings {
		if f.bad {
			list = append(list, f)
		}
	}
	return list
}

// printing looks at the printer. One that was just plugged in is given time to say that it is ready.
func (t *tester) printing(ctx context.Context) {
	state := t.paper.Status(ctx)
	for until := time.Now().Add(printerReady); !state.Works() && time.Now().Before(until) && ctx.Err() == nil; state = t.paper.Status(ctx) {
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	t.prints = state.Works() && state != health.Unknown
	t.note(deviceName(t.settings, "printer"), advice("printer", state), !t.prints)
}

// tell writes the findings to whoever called.
func (t *tester) tell() {
	for _, f := range t.findings {
		mark := "в порядке"
		if f.bad {
			mark = "ПРОВЕРЬТЕ"
		}
		fmt.Fprintf(t.out, "%-10s %s\n", mark, f.line())
	}
	fmt.Fprintln(t.out, t.verdict())
}

func (t *tester) verdict() string {
	if n := len(t.faults()); n > 0 {
		return fmt.Sprintf("Требует внимания: %d", n)
	}
	return "Всё в порядке"
}

// page returns a paper of the self-test.
func (t *tester) page(title string) slip.Memo {
	m := slip.Memo{Centre: t.settings.Site.Name, Kiosk: fmt.Sprint(t.settings.Site.Kiosk), Title: title}
	if up, wall, off := t.board.Now(); off >= 0 && up > 0 {
		m.At, m.Dated = wall.In(t.settings.Hours.Zone), true
	}
	return m
}

// result returns the paper with what was found.
func (t *tester) result() slip.Memo {
	m := t.page("Самопроверка киоска")
	m.Facts = []slip.Fact{{Heading: "Итог", Value: t.verdict()}}
	var bad, good slip.List
	bad.Title, good.Title = "Проверьте", "В порядке"
	for _, f := range t.findings {
		if f.bad {
			bad.Items = append(bad.Items, f.line())
		} else {
			good.Items = append(good.Items, f.line())
		}
	}
	for _, l := range []slip.List{bad, good} {
		if len(l.Items) > 0 {
			m.Lists = append(m.Lists, l)
		}
	}
	m.After = []string{"Сами посмотрите: на каждом табло горели все точки восьмёрок, и загорались все лампы. Если нет — проверьте провода по схеме.",
		"Повторить: выключите службу и дайте команду kiosk selftest"}
	m.Lines = []string{"Программа " + release()}
	return m
}

// print prints a paper, and reports whether it came out.
func (t *tester) print(ctx context.Context, m slip.Memo) bool {
	memos, can := t.paper.(kiosk.MemoPrinter)
	if !t.prints || !can {
		return false
	}
	outcome, err := memos.PrintMemo(ctx, m)
	if err != nil {
		t.log.Warn("print the self-test", "device", "printer", "err", err)
	}
	return outcome == kiosk.Confirmed
}
