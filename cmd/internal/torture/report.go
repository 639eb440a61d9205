package torture

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
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
	r.lines = append(r.lines, fmt.Sprintf("| %s | %d | %.1f | %s |", what, times, took.Minutes(), found))
}

// save writes the table, with the day and the machine.
func (r *report) save(path string) error {
	text := fmt.Sprintf("| torture | times | minutes | found |\n|---|---|---|---|\n%s\n\nMeasured %s on %s, ext4.\n",
		strings.Join(r.lines, "\n"), time.Now().Format(time.DateOnly), machine())
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
