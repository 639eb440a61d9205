package appliance

import (
	"errors"
	"fmt"
	"testing"

	"sps-kiosk/drivers/ippusb"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// lack is what a model is not asked for, and why.
type lack struct {
	feeder, all bool
	why         string
}

// lacks are the exceptions: all others give whatever lies in their feeder and on their glass.
func lacks() map[string]lack {
	return map[string]lack{
		"hp-107a":       {all: true, why: "404 to every request: TestScanningUnsupported"},
		"epson-wf-2930": {feeder: true, why: "throws out what follows the first sheet: quirk NoFeeder"},
	}
}

// TestScanningModels scans on every device that the bench knows, two sheets from the feeder in grey,
// then the glass in colour, twice over: what a device does at the end of a job shows in the next.
func TestScanningModels(t *testing.T) {
	for _, model := range scanner.Models() {
		not := lacks()[model.Key]
		if not.why != "" {
			t.Logf("%s: %s", model.Key, not.why)
		}
		if not.all {
			continue
		}
		t.Run(model.Key, func(t *testing.T) {
			withScanner(t, model, func(s *scanStand) {
				glass, stack := sheet.Form("M-G"), sheet.Stack("M", 2)
				s.machine.PutOnGlass(glass)
				for range 2 {
					if model.Feeder != nil && !not.feeder {
						s.machine.LoadFeeder(stack...)
						s.want(pages.Settings{DPI: 75}, "[M-1 M-2]")
						s.machine.TakeSheets()
					}
					s.want(pages.Settings{DPI: 75, Color: true}, "[M-G]")
				}
				if st := s.machine.Scanner().State(); st.Jammed || st.Jobs != 0 {
					s.t.Errorf("got %+v, want no jam and no job", st)
				}
			})
		})
	}
}

// want scans, and compares what stands on the pages.
func (s *scanStand) want(set pages.Settings, want string) {
	s.t.Helper()
	scanned, err := s.scan(set)
	if got := fmt.Sprint(s.marks(scanned)); got != want || err != nil {
		s.t.Errorf("%+v: got %s, %v, want %s", set, got, err, want)
	}
}

// TestScanningUnsupported: a device known to answer nothing is left to the other driver.
func TestScanningUnsupported(t *testing.T) {
	model, _ := scanner.Find("hp-107a")
	layout := usual()
	layout.Scanner = &model
	m := bench.New(layout)
	defer m.Close()
	if _, err := ippusb.Open(t.Context(), m.USB(), ippusb.Match()); !errors.Is(err, ippusb.ErrUnsupported) {
		t.Errorf("got %v, want ErrUnsupported", err)
	}
}
