//go:build vm

package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sps-kiosk/hal/bench/printer"
	"sps-kiosk/hal/bench/stage"
)

// automatic is the settings file with a printer that tells its make itself.
func automatic(t *testing.T) string {
	t.Helper()
	return changed(t, `profile = "generic80"`, `profile = "auto"`)
}

// changed is the settings file with one thing in it changed.
func changed(t *testing.T, from, into string) string {
	t.Helper()
	was := text(t, settings)
	changed := strings.Replace(was, from, into, 1)
	if changed == was {
		t.Fatalf("the settings have no %q to change", from)
	}
	to := filepath.Join(t.TempDir(), "kiosk.txt")
	for path, content := range map[string]string{to: changed, catalogBeside(to): text(t, catalogBeside(settings))} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestMakes plugs in one make of printer after the other while the firmware runs, through the
// kernel's usbfs: it is asked for its name, and prints a slip that can be read and is cut off or
// presented as that make does it.
func TestMakes(t *testing.T) {
	t.Parallel()
	k := placeOf(t, automatic(t), layout(), nil)
	results.begin(t, k)
	s := stage.New(t, k)
	s.Pull()
	for i, make := range []struct {
		name  string
		model printer.Model
	}{
		{"Xprinter XP-T80Q", printer.XprinterT80Q()},
		{"Epson TM-T20III", printer.EpsonT20()},
		{"Epson TM-T88V in vendor class", printer.EpsonVendorClass()},
		{"Custom VKP80II", printer.CustomVKP80II()},
		{"Custom VKP80III", printer.CustomVKP80III()},
		{"Citizen CT-S651", printer.CitizenCTS651()},
		{"Rongta RP326", printer.Rongta326()},
		{"Atol RP-326", printer.AtolRP326()},
		{"58 mm", printer.POS58()},
		{"no name", printer.Nameless(576)},
	} {
		t.Run(make.name, func(t *testing.T) {
			s := s.In(t)
			make.model.Speed = -1
			o := otherOf(t, make.model)
			s.Plug(o.Device())
			defer s.Unplug()
			known(t, o.Device())
			s.Ready("А") // the make before may take its time to confirm
			s.Press("А")
			number(t, stage.Slip{Picture: o.slip(t)}, fmt.Sprintf("А%03d", i+1))
		})
	}
}
