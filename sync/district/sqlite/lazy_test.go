package sqlite

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sps-kiosk/sync/district/tables"
)

// TestOnlyRollUpsGoWithoutAFlush: a transaction flushes unless nobody in it needs that: 1 is NORMAL, 2 FULL.
func TestOnlyRollUpsGoWithoutAFlush(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "district.db"))
	level := -1
	look := func(r tables.Runner) error {
		return r.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&level)
	}
	for i, step := range []struct {
		run  func() error
		want int
	}{
		{func() error { return s.writer.write(t.Context(), look) }, 2},
		{func() error { return s.writer.later(t.Context(), look) }, 1},
		{func() error { return s.writer.write(t.Context(), look) }, 2},
	} {
		if err := step.run(); err != nil || level != step.want {
			t.Errorf("step %d: got %d, %v, want %d", i, level, err, step.want)
		}
	}
	under, goOn := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { s.writer.later(t.Context(), func(tables.Runner) error { close(under); <-goOn; return nil }) })
	<-under
	all.Go(func() { s.writer.later(t.Context(), look) })
	all.Go(func() { s.writer.write(t.Context(), func(tables.Runner) error { return nil }) })
	for len(s.writer.jobs) < 2 { // both wait behind the first
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	all.Wait()
	if level != 2 {
		t.Errorf("a roll-up beside a delivery: got %d, want 2", level)
	}
}
