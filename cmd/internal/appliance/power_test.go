package appliance

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/kiosk/panel/technician"
)

// TestPowerDipsAreCounted: a voltage that falls, stays low and falls again is two dips; a board without the
// sensor says so and costs no task.
func TestPowerDipsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := t.TempDir()
		d := &technicianDevice{proc: root}
		p := &powerWatch{find: d.voltage}
		if err := p.run(t.Context()); err != nil || !strings.Contains(p.fact().Value, "не измеряет") {
			t.Errorf("without a sensor: got %v, %q", err, p.fact().Value)
		}
		folder := filepath.Join(root, "sys/class/hwmon/hwmon1")
		alarm := filepath.Join(folder, "in0_lcrit_alarm")
		set := func(path, text string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		set(filepath.Join(folder, "name"), "rpi_volt\n")
		set(alarm, "0\n")
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.run(ctx) }()
		for i, step := range []struct{ alarm, says, state string }{
			{"0\n", "просадок с включения не было", ""}, {"1\n", "напряжение просело, просадок с включения: 1", technician.Soon},
			{"1\n", "напряжение просело, просадок с включения: 1", technician.Soon}, {"0\n", "просадок с включения: 1, последняя", technician.Soon},
			{"1\n", "просадок с включения: 2", technician.Soon}, {"?", "не измерить", ""},
		} {
			set(alarm, step.alarm)
			time.Sleep(powerEvery)
			synctest.Wait()
			if f := p.fact(); !strings.Contains(f.Value, step.says) || f.State != step.state {
				t.Errorf("look %d: got %q %q, want %q %q", i, f.Value, f.State, step.says, step.state)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
}
