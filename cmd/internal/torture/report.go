package torture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report prints what is found, and keeps the table.
type report struct {
	out    io.Writer
	lines  []string
	faults int
}

func (r *report) say(format string, args ...any) { fmt.Fprintf(r.out, format+"\n", args...) }

// row is one line of the table.
func (r *report) row(what string, times int, took time.Duration, found string, faults []string) {
	r.faults += len(faults)
	if len(faults) > 0 {
		found = fmt.Sprintf("%d FAULTS", len(faults))
	}
	rate := float64(times) / took.Minutes()
	r.say("%s: %d in %v (%.0f a minute): %s", what, times, took.Round(time.Second), rate, found)
	r.lines = append(r.lines, fmt.Sprintf("| %s | %d | %.1f | %s | %s |", what, times, took.Minutes(), found, time.Now().Format(time.DateOnly)))
}

// save writes the table, each row with its day. Rows of earlier runs that were not played again stay.
func (r *report) save(path string) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	lines := r.lines
	for line := range strings.Lines(string(old)) {
		what, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		again := slices.ContainsFunc(r.lines, func(l string) bool { return strings.HasPrefix(l, "| "+what+" |") })
		if strings.HasPrefix(line, "| ") && what != "torture" && !again {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	slices.Sort(lines)
	text := "| torture | times | minutes | found | on |\n|---|---|---|---|---|\n" + strings.Join(lines, "\n") + "\n\nMachine: " + machine() + ", ext4.\n"
	return os.WriteFile(path, []byte(text), 0o644)
}

// machine names the processor and the kernel.
func machine() string {
	name := runtime.GOARCH
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan(); {
			if _, model, ok := strings.Cut(s.Text(), "model name\t: "); ok {
				name = model
				break
			}
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf("%d cores of %s, Linux %s, %s", runtime.NumCPU(), name, strings.TrimSpace(string(kernel)), runtime.Version())
}
