package main

import (
	"io"
	"strings"
	"testing"
)

// TestEventsAreNotDeletedTooEarly: -keep below what kiosks may still send says so before anything is made.
func TestEventsAreNotDeletedTooEarly(t *testing.T) {
	for days, refused := range map[int]bool{-1: true, 30: true, 99: true, 100: false, 0: false} {
		s := &settings{data: t.TempDir(), keep: days, out: io.Discard, log: io.Discard}
		_, store, err := s.server(t.Context())
		if store != nil {
			store.Close()
		}
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "не меньше 100 дней") {
			t.Errorf("-keep %d: got %v, want refused %t", days, err, refused)
		}
	}
}
