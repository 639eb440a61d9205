package scenario

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/kiosk/slip/sliptest"
)

// settings is the file that every story runs with.
const settings = "testdata/kiosk.txt"

// layout is what settings say.
func layout() bench.Layout {
	return bench.Layout{
		Site: "МФЦ, стенд",
		Buttons: []bench.Button{
			{Role: "service", Line: "GPIO17", Lamp: "GPIO12", Letter: "А", Title: "Подать документы"},
			{Role: "service", Line: "GPIO27", Lamp: "GPIO13", Letter: "П", Title: "Получить готовое"},
			{Role: "service", Line: "GPIO22", Lamp: "GPIO16", Letter: "С", Title: "Помощь с Госуслугами"},
			{Role: "help", Line: "GPIO2", Lamp: "GPIO14", Title: "Помощь"},
		},
		Handsets: []bench.Handset{
			{Window: 1, Place: "окно 1", Line: "GPIO4", Lamp: "GPIO21"},
			{Window: 2, Place: "окно 2", Line: "GPIO5", Lamp: "GPIO25"},
		},
		Display: bench.Display{SPI: "SPI0.0", Digits: 8},
		Printer: bench.Printer{Dots: 576, Proto: 2},
	}
}

// kiosk is the path of the program under test, results is the table that the run prints.
var (
	kiosk   string
	results table
	benches = make(slots, 4)
)

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "32") // stories mostly wait; slots bound them
	folder, err := os.MkdirTemp("", "scenario-")
	if err == nil {
		kiosk = filepath.Join(folder, "kiosk")
		err = compile(kiosk, "cmd/kiosk")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(folder)
	if err := results.print(os.Getenv("VM_TABLE")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// compile builds a program of this module for where it is to run; env as in GOARCH=arm64.
func compile(to, name string, env ...string) error {
	cmd := exec.Command("go", "build", "-o", to, "sps-kiosk/"+name)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=1"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", name, err, out)
	}
	return nil
}

// where is one place that a story is played at.
type where struct {
	name string
	make func(t *testing.T, l bench.Layout) stage.Depth
}

// slots bound how many stories are played at a time at one depth.
type slots chan bool

// take waits for a slot and keeps it until the test has ended.
func (s slots) take(t *testing.T) {
	s <- true
	t.Cleanup(func() { <-s })
}

// everywhere plays a story at every depth there is in this run. Stories are parallel: their time is
// that of hands, flashes and printers.
func everywhere(t *testing.T, l bench.Layout, story func(t *testing.T, s *stage.Stage)) {
	t.Helper()
	t.Parallel()
	for _, w := range places() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			d := w.make(t, l)
			row := results.begin(t, d)
			s := stage.New(t, d)
			row.begun = time.Now()
			story(t, s)
		})
	}
}

// onBench is the place without a kernel.
func onBench(t *testing.T, l bench.Layout) stage.Depth {
	t.Helper()
	benches.take(t)
	p, err := stage.NewProcess(kiosk, settings, t.TempDir(), l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the program said:\n%s", p.Said())
		}
	})
	return p
}

// number reads the large number of a slip with tesseract, which did not draw it.
func number(t *testing.T, s stage.Slip, want string) {
	t.Helper()
	if got := digits(sliptest.ReadNumber(t, s.Picture)); got != digits(want) {
		t.Errorf("got number %q on the slip, want %q", got, want)
	}
}

// digits are what tells numbers apart here: no two services share them. The letter alone is more
// than tesseract can read for certain; the display shows it.
func digits(number string) string {
	return strings.TrimLeftFunc(number, func(r rune) bool { return r < '0' || r > '9' })
}

// slip waits for the slip with a number. Others may come before it: what had not been begun when
// the printer went away is printed when it is back, and spoilt paper is cut off. It returns the
// numbers on those.
func slip(t *testing.T, s *stage.Stage, want string) (before []string) {
	t.Helper()
	const whole = 400 // dots; a spoilt piece is shorter
	for {
		p := s.Slip()
		if p.Picture.Bounds().Dy() < whole {
			continue
		}
		if _, found := sliptest.FindNumber(p.Picture); !found {
			continue
		}
		got := digits(sliptest.ReadNumber(t, p.Picture))
		if got == digits(want) {
			return before
		}
		before = append(before, got)
	}
}

// known waits until the firmware knows that a printer is well: it asks for the first status byte a
// second time, so what the first round said has been heard. Without that a press finds no printer,
// and the number is on the display for that reason. A printer without a way back is asked by the
// class's own request, one of Custom's for all at once.
func known(t *testing.T, d *virtusb.Device) {
	t.Helper()
	asked := make(chan bool, 100)
	d.SetFault(func(x *virtusb.Transfer) bool {
		if bytes.Equal(x.Data, []byte{0x10, 4, 1}) || bytes.Equal(x.Data, []byte{0x10, 4, 20}) || x.IsControl() && x.Setup.Type == 0xa1 && x.Setup.Request == 1 {
			select {
			case asked <- true:
			default:
			}
		}
		return false
	})
	for range 2 {
		select {
		case <-asked:
		case <-time.After(stage.Patience):
			t.Fatal("the firmware does not ask for the printer's status")
		}
	}
	d.SetFault(nil)
}
