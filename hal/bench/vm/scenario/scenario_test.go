//go:build vm

package scenario

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/vm"
	"sps-kiosk/hal/bench/vm/card"
	"sps-kiosk/kiosk/slip/sliptest"
)

// layout is what testdata/kiosk.txt says.
var layout = bench.Layout{
	Site: "МФЦ, стенд",
	Buttons: []bench.Button{
		{Role: "service", Line: "GPIO17", Lamp: "GPIO12", Letter: "А", Title: "Подать документы"},
		{Role: "service", Line: "GPIO27", Lamp: "GPIO13", Letter: "П", Title: "Получить готовое"},
		{Role: "service", Line: "GPIO22", Lamp: "GPIO16", Letter: "С", Title: "Помощь с Госуслугами"},
	},
	Handsets: []bench.Handset{
		{Window: 1, Place: "окно 1", Line: "GPIO4", Lamp: "GPIO21"},
		{Window: 2, Place: "окно 2", Line: "GPIO5", Lamp: "GPIO25"},
	},
	Display: bench.Display{SPI: "SPI0.0", Digits: 8},
	Printer: bench.Printer{Dots: 576, Proto: 2},
}

// build compiles a program of this module; cgo makes it the one that ships.
func build(t *testing.T, name, cgo string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(name))
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", to, "sps-kiosk/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v: %s", name, err, out)
	}
	return to
}

// place makes a kiosk with an empty card.
func place(t *testing.T) *vm.Kiosk {
	t.Helper()
	return placeWith(t, func(vm.Record) {})
}

// placeWith is place with an ear on the guest's board.
func placeWith(t *testing.T, record func(vm.Record), files ...vm.File) *vm.Kiosk {
	t.Helper()
	kernel, err := vm.Build(t.Context(), vm.Options{Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	settings, err := os.ReadFile("testdata/kiosk.txt")
	if err != nil {
		t.Fatal(err)
	}
	c, err := card.Format(t.Context(), 256<<20)
	if err != nil {
		t.Fatal(err)
	}
	k, err := vm.NewKiosk(vm.Config{
		Kernel: kernel, Log: t.Logf, Modules: []string{"usblp"}, Record: record,
		Files: append(files, vm.File{Path: "/usr/share/zoneinfo/Europe/Samara", From: "/usr/share/zoneinfo/Europe/Samara"}),
	}, vm.Firmware{Binary: build(t, "cmd/kiosk", "1"), Settings: string(settings), Layout: layout}, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if g := k.Guest(); g != nil && t.Failed() {
			t.Logf("console:\n%s", g.Console())
		}
		if folder := k.Close(t.Failed()); folder != "" {
			t.Logf("guest kept in %s", folder)
		}
	})
	return k
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

// TestTicket is the main job: a ticket on paper, a call on the LED, nothing lost with the power.
func TestTicket(t *testing.T) {
	s := stage.New(t, place(t))
	s.Press("А")
	number(t, s.Slip(), "А001")
	s.Press("С")
	number(t, s.Slip(), "С801")
	s.Call(2) // opens the window
	s.Call(2) // the next one
	s.Flashing("А001-02")

	s.PowerCut()
	s.Digits("А001-02")
	s.Call(2) // has come
	s.Call(2) // done
	s.Call(2) // the next one
	s.Digits("С801-02")
	s.Press("А")
	number(t, s.Slip(), "А002")
}
