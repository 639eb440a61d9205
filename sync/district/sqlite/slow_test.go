package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/tables"
)

// TestHangingDiskHoldsNobodyUp: a delivery behind a change that does not end is given up when its
// caller has waited long enough; the writer goes on when the disk does.
func TestHangingDiskHoldsNobodyUp(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "district.db"))
	goOn, hangs := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- s.writer.write(t.Context(), func(tables.Runner) error {
			close(hangs)
			<-goOn
			return nil
		})
	}()
	<-hangs
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Append(ctx, district.Delivery{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want deadline exceeded", err)
	}
	close(goOn)
	if err := <-ended; err != nil {
		t.Errorf("the change that hung: %v", err)
	}
	if _, err := s.Append(t.Context(), district.Delivery{}); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("afterwards: got %v, want no such kiosk", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), district.Delivery{}); !errors.Is(err, errClosed) {
		t.Errorf("after Close: got %v, want closed", err)
	}
}
