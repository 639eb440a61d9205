package stand

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/sim"
)

// TestMain lets this program be the district's process of a run, as cmd/fleetsim is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == ServeWord {
		if ServeArgs(context.Background(), os.Args[2:]) != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// small is a run that takes seconds.
func small(dir string) *Run {
	return &Run{Plan: sim.Plan{Seed: 5, Kiosks: 8, Events: 60, Boots: 2, Offline: 20 * 24 * time.Hour, Batch: 50, Faults: sim.Ordinary()},
		Workers: 8, Stand: Stand{Dir: dir}}
}

// TestARunHoldsTheDistrictToWhatHappened plays kiosks and real cards with every fault, kills the district and
// puts an older backup back; it ends with one line.
func TestARunHoldsTheDistrictToWhatHappened(t *testing.T) {
	r := small(t.TempDir())
	r.Cards, r.Events, r.Kill, r.Restore = 2, 600, 250*time.Millisecond, true
	var out bytes.Buffer
	if err := r.Play(t.Context(), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	line := out.String()
	for _, want := range []string{"seed=5 kiosks=8 ", " lost=0 repeated=0 wrong=0 ", " outside=0 ", " rollups_wrong=0 ", " unnoticed=0 false_alarms=0 "} {
		if !strings.Contains(line, want) {
			t.Errorf("got %q, want %q in it", line, want)
		}
	}
	if strings.Count(line, "\n") != 1 || strings.Contains(line, "made=0") || strings.Contains(line, "server_peak_mib=0") {
		t.Errorf("got %q, want one line of what was made and what it took", line)
	}
}

// TestAFaultIsFound spoils the tables of an honest run in every way that a district could.
func TestAFaultIsFound(t *testing.T) {
	r := small(t.TempDir())
	r.Plan.Faults = sim.Faults{}
	leave, err := r.place()
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	fleet, err := sim.New(r.Plan, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := r.Stand.Enrol(t.Context(), fleet.Keys(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.drive(t.Context(), fleet, key, nil); err != nil {
		t.Fatal(err)
	}
	if err := r.judge(t.Context(), fleet, Spent{}, io.Discard); err != nil { // it rolls up, too
		t.Fatalf("nothing is spoilt: got %v", err)
	}
	if err := r.judge(t.Context(), fleet, Spent{Peak: mostMemory}, io.Discard); err != nil {
		t.Errorf("all the memory it may have: got %v", err)
	}
	if err := r.judge(t.Context(), fleet, Spent{Peak: mostMemory + 1}, io.Discard); !errors.Is(err, errMemory) {
		t.Errorf("a byte more than it may have: got %v, want %v", err, errMemory)
	}
	for name, c := range map[string]struct{ sql, want string }{
		"an event is lost":           {"DELETE FROM event WHERE stream = 2 AND seq = 3", " lost=1 "},
		"an event is there twice":    {"INSERT INTO event SELECT stream, 9000, up, day, number, win, leg, n, kind, service, queue, code, state FROM event WHERE stream = 2 AND seq = 3", " repeated=1 "},
		"an event is altered":        {"UPDATE event SET number = number + 1 WHERE stream = 2 AND seq = 3", " wrong=1 "},
		"a clock is an hour off":     {"UPDATE anchor SET lo = lo + 3600000, hi = hi + 3600000", " dated="},
		"a day's figures are gone":   {"DELETE FROM unit_row WHERE kiosk = 2", " rollups_wrong="},
		"an office's hours are gone": {"DELETE FROM hour_row WHERE office = 1", " rollups_wrong="},
		"an alarm without a copy":    {"UPDATE kiosk SET cloned = 1 WHERE id = 2", " false_alarms=1 "},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := *r
			spoilt.Stand.Dir = copied(t, r.Stand.Dir)
			db, err := sql.Open("sqlite", spoilt.Stand.file())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), c.sql); err != nil {
				t.Fatal(err)
			}
			db.Close()
			var out bytes.Buffer
			if err := spoilt.judge(t.Context(), fleet, Spent{}, &out); !errors.Is(err, errFault) || !strings.Contains(out.String(), c.want) {
				t.Errorf("got %v and %q, want a fault and %q", err, out.String(), c.want)
			}
		})
	}
}

// copied returns a copy of a district's folder.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "district")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
