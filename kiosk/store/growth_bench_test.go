package store

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"sps-kiosk/kiosk/queue"
)

const growthVar = "STORE_GROWTH" // in the environment of the child: tickets of the day

// BenchmarkGrowth tells how the cost of a day grows from 10 to 10,000 tickets, each given, called and
// finished: a commit (median of the last tenth), opening the store afterwards, memory and bytes on the card.
// Each day is a process of its own. It fails where a commit at the end of the largest day costs twice what
// it costs in the smallest.
func BenchmarkGrowth(b *testing.B) {
	if n, err := strconv.Atoi(os.Getenv(growthVar)); err == nil {
		growDay(b, os.Getenv(growthVar+"_DIR"), n)
		return
	}
	dir := b.TempDir()
	realFileSystem(b, dir)
	b.ReportMetric(0, "ns/op")
	var first, last float64
	for _, tickets := range []int{10, 30, 100, 300, 1000, 3000, 10_000} {
		cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkGrowth$", "-test.benchtime=1x")
		cmd.Env = append(os.Environ(), benchGC, benchLimit, fmt.Sprintf("%s=%d", growthVar, tickets), fmt.Sprintf("%s_DIR=%s/%d", growthVar, dir, tickets))
		out, err := cmd.Output()
		if err != nil {
			b.Fatalf("%d tickets: %v\n%s", tickets, err, out)
		}
		var commit, opening float64
		if _, err := fmt.Sscanf(string(out), "\ncommit %f opening %f", &commit, &opening); err != nil {
			b.Fatalf("%d tickets: %v\n%s", tickets, err, out)
		}
		kB := statusFields(string(out))
		fmt.Printf("\ngrowth, tickets a day, %d, commit µs, %.0f, opening ms, %.1f, resident MiB, %.1f, on the card MiB, %.2f", tickets, commit, opening, mib(kB["VmRSS"]), mib(kB["Disk"]))
		if last = commit; first == 0 {
			first = commit
		}
	}
	fmt.Println()
	if last > 2*first {
		b.Errorf("got %.0f µs a commit at the end of the largest day, want at most twice the %.0f of the smallest", last, first)
	}
}

// growDay is one day of the child.
func growDay(b *testing.B, dir string, tickets int) {
	s, err := Open(dir, "bench", silent())
	if err != nil {
		b.Fatal(err)
	}
	h := newHand(queue.State{}, s.Boot())
	commit(b, s, h.begin())
	var took []time.Duration
	for range tickets {
		t, c := h.issue("docs")
		for _, c := range []queue.Change{c, h.call(t, 1), h.finish(t, 1)} {
			began := time.Now()
			if err := s.Commit(c); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	n, err := s.Bytes()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if s, err = Open(dir, "bench", silent()); err != nil {
		b.Fatal(err)
	}
	opening := time.Since(began)
	last := took[len(took)*9/10:]
	slices.Sort(last)
	fmt.Printf("\ncommit %.0f opening %.2f\n%sDisk: %d kB\n", micros(quantile(last, 50)), micros(opening)/1000, status, n>>10)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
