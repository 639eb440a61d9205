//go:build vm

package scenario

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/vm"
)

// tracing is where the kernel tells what it did.
const tracing = "/sys/kernel/tracing"

// syncs are the calls by which a program makes the card keep something.
func syncs() []string { return []string{"msync", "fsync", "fdatasync"} }

// trace has the kernel note every sync of any program, in the clock of the board's records. The
// program under test does not know and is not changed.
func trace(t *testing.T, ctx context.Context, g *vm.Guest) {
	t.Helper()
	if err := g.Mount(ctx, "tracefs", tracing, "tracefs", ""); err != nil {
		t.Fatal(err)
	}
	set := func(name, value string) {
		if err := g.WriteFile(ctx, tracing+"/"+name, []byte(value), 0); err != nil {
			t.Fatal(err)
		}
	}
	set("trace_clock", "mono")
	for _, name := range syncs() {
		set("events/syscalls/sys_enter_"+name+"/enable", "1")
		set("events/syscalls/sys_exit_"+name+"/enable", "1")
	}
}

// span is one call, in nanoseconds of the guest's clock.
type span struct{ from, to int64 }

// traced reads what the kernel noted: every sync since trace, from entry to exit.
func traced(t *testing.T, ctx context.Context, g *vm.Guest) (all []span) {
	t.Helper()
	text, err := g.ReadFile(ctx, tracing+"/trace")
	if err != nil {
		t.Fatal(err)
	}
	// "   kiosk-101   [000] .....  12.345678: sys_msync(start: …" and "…: sys_msync -> 0x0"
	form := regexp.MustCompile(`-(\d+) +\[\d+\] \S+ +([\d.]+): sys_(\w+)(\(| ->)`)
	open := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		m := form.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		at, err := time.ParseDuration(m[2] + "s")
		if err != nil {
			t.Fatalf("trace line %q: %v", line, err)
		}
		if m[4] == "(" {
			open[m[1]] = at.Nanoseconds()
			continue
		}
		if from, ok := open[m[1]]; ok {
			all = append(all, span{from, at.Nanoseconds()})
			delete(open, m[1])
		}
	}
	if len(all) == 0 {
		t.Fatalf("the kernel noted no sync:\n%.2000s", text)
	}
	return all
}

// within is how much of a time was spent in syncs.
func within(all []span, from, to int64) (d time.Duration) {
	for _, s := range all {
		if s.from >= from && s.to <= to {
			d += time.Duration(s.to - s.from)
		}
	}
	return d
}
