package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// small are options for tests: no test needs the room of a card.
var small = Options{Reserve: 1 << 20}

// fillAndIssue is a kiosk with a past: a compacted table, one that came after it, a log that is in
// use, and tickets in all of them.
// It prints "+ id" for every ticket once the past is written, until it is killed.
func fillAndIssue(dir string) error {
	s, err := small.Open(dir, "full", silent())
	if err != nil {
		return err
	}
	h := newHand(queue.State{}, s.Boot())
	if err := s.Commit(h.begin()); err != nil {
		return err
	}
	issue := func() error {
		t, c := h.issue("docs")
		if err := s.Commit(c); err != nil {
			return err
		}
		_, err := fmt.Println("+", t.ID)
		return err
	}
	for range 42 {
		if err := issue(); err != nil {
			return err
		}
		if err := s.Commit(bulk(h)); err != nil {
			return err
		}
		if err := settle(filepath.Join(dir, "queue")); err != nil {
			return err
		}
	}
	for {
		if err := issue(); err != nil {
			return err
		}
	}
}

// settle waits until a log that was just closed is a table, and tables are compacted.
func settle(dir string) error {
	for calm, last := 0, -1; calm < 10; time.Sleep(20 * time.Millisecond) {
		f, err := look(dir)
		if err != nil {
			return err
		}
		if calm++; f.logs > 1 || last >= 0 && len(f.tables) != last {
			calm = 0
		}
		if last < 0 && f.logs == 1 {
			return nil // no log was closed
		}
		last = len(f.tables)
	}
	return nil
}

// bulk is a change that takes almost as much of the log as one change can.
func bulk(h *hand) (c queue.Change) {
	for range 200 {
		e := h.event(event.Help, event.TicketID{})
		e.Code = strings.Repeat("x", 3500)
		c.Events = append(c.Events, e)
	}
	return c
}

// serveOnce is a start after the damage: it opens, tells what it found, issues three tickets and
// leaves in order.
func serveOnce(dir, boot string) error {
	s, err := small.Open(dir, boot, silent())
	if err != nil {
		return err
	}
	l, err := s.Load()
	if err != nil {
		return err
	}
	fmt.Printf("lost %d %q %d\n", l.Loss.Events, l.Loss.Quarantined, len(l.State.Tickets))
	h := newHand(l.State, s.Boot())
	if h.day == 0 {
		if err := s.Commit(h.begin()); err != nil {
			return err
		}
	}
	for range 3 {
		t, c := h.issue("docs")
		if err := s.Commit(c); err != nil {
			return err
		}
		fmt.Println("+", t.ID)
	}
	if err := s.Close(); err != nil {
		return err
	}
	os.Exit(0)
	return nil
}

// crashed is what a killed process left, made once for all tests that damage copies of it.
type crashed struct {
	dir     string
	printed map[string]bool
}

// makeCrashed returns the directory of a kiosk that was killed while it issued tickets.
var makeCrashed = sync.OnceValues(func() (crashed, error) {
	c := crashed{dir: crashedDir(), printed: make(map[string]bool)}
	cmd := child("fill", c.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return c, err
	}
	if err := cmd.Start(); err != nil {
		return c, err
	}
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			break
		}
		c.printed[strings.TrimPrefix(strings.TrimSpace(line), "+ ")] = true
		if len(c.printed) == 150 {
			_ = cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		return c, fmt.Errorf("child ended by itself: %w", err)
	}
	return c, nil
})

// crashedDir is where makeCrashed works; TestMain removes it.
func crashedDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprint("store-crashed-", os.Getpid()))
}

// copyCrashed returns a fresh copy of the crashed directory and the tickets people have.
func copyCrashed(t *testing.T) (dir string, printed map[string]bool) {
	t.Helper()
	c, err := makeCrashed()
	if err != nil {
		t.Fatal(err)
	}
	dir, printed = t.TempDir(), make(map[string]bool)
	if err := os.MkdirAll(filepath.Join(dir, "queue"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range files(t, c.dir) {
		if name != reserveName {
			copySparse(t, filepath.Join(c.dir, name), filepath.Join(dir, name))
		}
	}
	for id := range c.printed {
		printed[id] = true
	}
	return dir, printed
}

// files returns the names of all files under dir, relative to it.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// copySparse copies a file and leaves its zeros out.
func copySparse(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	b, zeros := make([]byte, 1<<16), make([]byte, 1<<16)
	var at int64
	for {
		n, err := in.Read(b)
		if n > 0 && !bytes.Equal(b[:n], zeros[:n]) {
			if _, err := out.WriteAt(b[:n], at); err != nil {
				t.Fatal(err)
			}
		}
		at += int64(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Truncate(at); err != nil {
		t.Fatal(err)
	}
}
