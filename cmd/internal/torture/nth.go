package torture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"sps-kiosk/cmd/internal/torture/hall"
	"sps-kiosk/hal/usb"
)

// NthOptions describe operations that fail once.
type NthOptions struct {
	Kiosk string
	Most  int    // failures of one kind at most, spread over all its operations; 0 = each operation once
	Only  string // one kind alone, "" = all
	Jobs  int
	Log   io.Writer
}

// NthResult counts, by kind of operation, how many there were in a morning and how many failed once.
type NthResult struct {
	Operations, Failed map[string]int
	Died               map[string]int // the kiosk ended, was started again and served
	PutAside           map[string]int // after a failed fsync or truncate facts were missing, and that was told (README, "Known")
	Gone               int            // tickets that somebody had been told of, among those facts
	Faults             []string
}

// devices are the operations of the machine that fail, with what the kiosk is told.
func devices() map[string]error {
	return map[string]error{
		"gpio in": errors.New("input/output error"), "gpio out": errors.New("input/output error"), "gpio edge": errors.New("input/output error"),
		"spi open": errors.New("input/output error"), "spi connect": errors.New("input/output error"), "spi transfer": errors.New("input/output error"),
		"usb list": errors.New("input/output error"), "usb open": usb.ErrUnplugged, "usb write": usb.ErrStalled, "usb read": errors.New("input/output error"),
		"usb control": usb.ErrStalled, "usb clear": errors.New("input/output error"),
	}
}

// files are the calls on files that fail, with the error.
func files() map[string]syscall.Errno {
	return map[string]syscall.Errno{"write": syscall.EIO, "fsync": syscall.EIO, "truncate": syscall.EIO, "allocate": syscall.EIO, "map": syscall.ENOMEM,
		"open": syscall.EMFILE, "make folder": syscall.EIO, "remove": syscall.EIO, "rename": syscall.EIO}
}

// Nth lets every operation of a morning fail once, each in a morning of its own.
func Nth(ctx context.Context, o NthOptions) (r NthResult, err error) {
	r = NthResult{Operations: map[string]int{}, Failed: map[string]int{}, Died: map[string]int{}, PutAside: map[string]int{}}
	folder, err := os.MkdirTemp("", "torture-nth-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(folder)
	past, err := prepare(o, filepath.Join(folder, "past"))
	if err != nil {
		return r, err
	}
	quiet := &morning{o: o, past: past, data: filepath.Join(folder, "count")}
	quiet.run()
	if len(quiet.faults) > 0 {
		return r, fmt.Errorf("a morning without failures: %s", quiet.faults[0])
	}
	r.Operations = quiet.counts
	var all []*morning
	for _, kind := range slices.Sorted(maps.Keys(quiet.counts)) {
		if o.Only != "" && kind != o.Only {
			continue
		}
		total := quiet.counts[kind]
		stride := 1
		if o.Most > 0 {
			stride = max(1, (total+o.Most-1)/o.Most)
		}
		for n := 1; n <= total; n += stride {
			all = append(all, &morning{o: o, past: past, kind: kind, nth: n, data: filepath.Join(folder, fmt.Sprintf("%s-%d", strings.ReplaceAll(kind, " ", "-"), n))})
		}
	}
	play(ctx, o.Jobs, all, func(m *morning) {
		if m.happened {
			r.Failed[m.kind]++
		}
		if m.died {
			r.Died[m.kind]++
		}
		if m.putAside {
			r.PutAside[m.kind]++
			r.Gone += m.gone
		}
		for _, f := range m.faults {
			fmt.Fprintf(o.Log, "FAULT %s\n", f)
		}
		if len(m.faults) > 0 {
			fmt.Fprintf(o.Log, "%s\n", m.said)
		}
		r.Faults = append(r.Faults, m.faults...)
	})
	return r, ctx.Err()
}

// play runs mornings, several at once, and hands each over when it is done, one at a time.
func play(ctx context.Context, jobs int, all []*morning, done func(*morning)) {
	var mu sync.Mutex
	var workers sync.WaitGroup
	queue := make(chan *morning)
	for range max(1, jobs) {
		workers.Go(func() {
			for m := range queue {
				m.run()
				os.RemoveAll(m.data)
				mu.Lock()
				done(m)
				mu.Unlock()
			}
		})
	}
	for _, m := range all {
		if ctx.Err() == nil {
			queue <- m
		}
	}
	close(queue)
	workers.Wait()
}

// prepare lives a first life, which is killed, and returns its morning: data with people who wait.
func prepare(o NthOptions, data string) (*morning, error) {
	m := &morning{o: o, data: data, zone: hall.Morning(), counts: map[string]int{}, told: map[string]bool{}}
	if err := m.live(hall.Options{Kiosk: o.Kiosk, Data: data, Zone: m.zone, Settings: settings(0)}, (*hall.Hall).Kill); err != nil {
		return nil, fmt.Errorf("prepare a past: %w", err)
	}
	if m.check(); len(m.faults) > 0 {
		return nil, fmt.Errorf("prepare a past: %s", m.faults[0])
	}
	return m, os.Remove(filepath.Join(data, "reserve")) // large, and made again
}
