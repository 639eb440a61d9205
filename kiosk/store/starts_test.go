package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// outcome is what the starts after a damage told.
type outcome struct {
	starts      int // until one served
	lost        int
	quarantined string
	live        int
}

// mostStarts is how often a service manager would start the process again.
const mostStarts = 3

// start starts the kiosk until it serves, and fails if a ticket comes out that people have.
func start(t *testing.T, dir, boot string, printed map[string]bool) (o outcome) {
	t.Helper()
	var said []byte
	for o.starts = 1; o.starts <= mostStarts; o.starts++ {
		cmd := child("serve", dir, boot)
		// Badger races with itself when it cleans up after a table it could not open.
		cmd.Env = append(cmd.Env, "GORACE=exitcode=0")
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		note(t, string(out), printed, &o)
		if err == nil {
			return o
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatal(err)
		}
		said = errs.Bytes()
		t.Logf("start %d: %v: %s", o.starts, err, said[:min(len(said), 800)])
	}
	t.Fatalf("not in service after %d starts: %s", mostStarts, said[:min(len(said), 2000)])
	return o
}

func note(t *testing.T, out string, printed map[string]bool, o *outcome) {
	t.Helper()
	for line := range strings.Lines(out) {
		id, isTicket := strings.CutPrefix(strings.TrimSpace(line), "+ ")
		if !isTicket {
			if _, err := fmt.Sscanf(line, "lost %d %q %d", &o.lost, &o.quarantined, &o.live); err != nil {
				t.Fatalf("child said %q: %v", line, err)
			}
			continue
		}
		if printed[id] {
			t.Errorf("ticket %s came a second time", id)
		}
		printed[id] = true
	}
}

// only returns the one file in the database that matches; the last one where there are several.
func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "queue", pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s in %s: %v", pattern, dir, err)
	}
	return names[len(names)-1]
}

// edit alters the bytes of a file; what it returns is written.
func edit(t *testing.T, name string, alter func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, alter(b), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// used is how much of a file is not zeros at its end.
func used(b []byte) int { return len(bytes.TrimRight(b, "\x00")) }
