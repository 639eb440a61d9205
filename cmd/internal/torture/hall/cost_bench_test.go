package hall

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	settled   = 20 * time.Second // after the start
	watched   = time.Minute
	mostKiosk = 40 << 10 // KiB resident, the queue's process
	tick      = 10 * time.Millisecond
	visitors  = 30 // in the busiest minute: tickets, and as many calls
)

// BenchmarkCost tells what the delivered processes cost, whole: the kiosk with every button, digits and
// printer of the drawn machine, the porter, and the worker while somebody scans. First nobody comes for a
// minute, then 30 people in one, of whom one scans. Memory over 40 MiB in the kiosk's process fails; the
// processor's share is printed (target when idle: 0.5 % of a core).
func BenchmarkCost(b *testing.B) {
	folder := b.TempDir()
	program, err := Build(b.Context(), folder)
	if err != nil {
		b.Fatal(err)
	}
	h, err := Open(Options{Kiosk: program, Data: filepath.Join(folder, "data"), Zone: Morning(), Scan: true, Slow: true,
		Settings: map[string]string{"reserve_mb": "16"}})
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	if err := h.Start(); err != nil {
		b.Fatal(err)
	}
	time.Sleep(settled)
	b.ReportMetric(0, "ns/op")
	idle := costOf(b, h, func() { time.Sleep(watched) })
	fmt.Printf("\nidle for %v: %s\n", watched, idle)
	busy := costOf(b, h, func() { busiest(b, h) })
	fmt.Printf("busiest minute (%d tickets and slips, %d presses of handsets, a page scanned and saved): %s\n", visitors, visitors, busy)
	for _, c := range []cost{idle, busy} {
		if c.kiosk == 0 || c.kiosk > mostKiosk {
			b.Errorf("got %d KiB resident in the kiosk's process, want at most %d", c.kiosk, mostKiosk)
		}
	}
}

// busiest is the minute in which everybody comes.
func busiest(b *testing.B, h *Hall) {
	crowd := NewCrowd(h, rand.New(rand.NewPCG(1, 1)))
	done, over := make(chan struct{}), make(chan string, 1)
	go func() {
		step, err := crowd.ScanSession(done)
		if err != nil {
			step = err.Error()
		}
		over <- step
	}()
	end := time.Now().Add(watched)
	for i := range visitors {
		for n, lines := range [][]string{h.Buttons(), h.Handsets()} {
			h.Machine.Press(lines[i%len(lines)])
			time.Sleep(60 * time.Millisecond)
			h.Machine.Release(lines[i%len(lines)])
			h.Machine.Tear()
			time.Sleep(time.Until(end) / time.Duration(2*(visitors-i)-n))
		}
	}
	close(done)
	if step := <-over; step != "done" {
		b.Errorf("the page was not saved: %s", step)
	}
}

// cost of a time.
type cost struct {
	share      float64 // of one core, all processes
	kiosk, all int     // KiB at most: VmRSS of the kiosk, Pss of all
	processes  int
}

func (c cost) String() string {
	return fmt.Sprintf("%.2f %% of a core; kiosk %.1f MiB resident, all %d processes %.1f MiB (Pss)", 100*c.share, float64(c.kiosk)/1024, c.processes, float64(c.all)/1024)
}

// costOf looks at the processes every now and then while something happens.
func costOf(b *testing.B, h *Hall, during func()) (c cost) {
	b.Helper()
	done := make(chan struct{})
	began := time.Now()
	go func() {
		during()
		close(done)
	}()
	first, last := map[int]time.Duration{}, map[int]time.Duration{}
	for pid, used := range usage(h) {
		first[pid] = used
	}
	for over := false; !over; {
		select {
		case <-done:
			over = true
		case <-time.After(200 * time.Millisecond):
		}
		all := 0
		for pid, used := range usage(h) { // one that has ended keeps its last value
			last[pid] = used
			all += memory(pid, "smaps_rollup", "Pss")
		}
		c.all, c.processes = max(c.all, all), max(c.processes, len(last))
		c.kiosk = max(c.kiosk, memory(h.PID(), "status", "VmRSS"))
	}
	var sum time.Duration
	for pid, used := range last {
		sum += used - first[pid]
	}
	c.share = sum.Seconds() / time.Since(began).Seconds()
	return c
}

// usage is the processor's time of each process of a hall, with children.
func usage(h *Hall) map[int]time.Duration {
	used, roots := map[int]time.Duration{}, []int{h.PID(), h.porter.cmd.Process.Pid}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for range 3 { // the porter starts a launcher, and that workers
		for _, file := range files {
			text, _ := os.ReadFile(file)
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			_, rest, _ := strings.Cut(string(text), ") ")
			f := strings.Fields(rest) // from field 3 of proc_pid_stat(5), the state
			if len(f) < 13 {
				continue
			}
			parent, _ := strconv.Atoi(f[1])
			if slices.Contains(roots, parent) && !slices.Contains(roots, pid) {
				roots = append(roots, pid)
			}
			user, _ := strconv.Atoi(f[11])
			system, _ := strconv.Atoi(f[12])
			if slices.Contains(roots, pid) {
				used[pid] = time.Duration(user+system) * tick
			}
		}
	}
	return used
}

// memory is a line of a file of /proc, KiB.
func memory(pid int, file, name string) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	_, rest, _ := strings.Cut(string(text), "\n"+name+":")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return n
}
