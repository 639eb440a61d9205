package torture

import (
	"errors"
	"strings"
	"time"

	"sps-kiosk/cmd/internal/torture/hall"
)

// Times of a hand that wants something: it presses again when nothing came of it.
const (
	again    = 1500 * time.Millisecond
	patience = 40 * time.Second
)

var errNoAnswer = errors.New("nothing came of pressing")

// pressUntil presses a button until something is seen.
func pressUntil(h *hall.Hall, line string, is func() bool) error {
	for limit := time.Now().Add(patience); time.Now().Before(limit); {
		if err := h.Machine.Press(line); err != nil {
			return err
		}
		time.Sleep(2 * time.Millisecond)
		if err := h.Machine.Release(line); err != nil {
			return err
		}
		for next := time.Now().Add(again); time.Now().Before(next); time.Sleep(2 * time.Millisecond) {
			if is() {
				return nil
			}
			if !h.Alive() {
				return hall.ErrEnded
			}
		}
	}
	return errNoAnswer
}

// answers reports whether the journal tells that the first window did something: it opened, called, or
// went on with whom it had.
func answers(h *hall.Hall) bool {
	title := h.Settings.Windows[0].Title
	for _, e := range h.Machine.Snapshot().Journal {
		if strings.Contains(e.Text, title) && !strings.HasPrefix(e.Text, "Нажата") {
			return true
		}
	}
	return false
}
