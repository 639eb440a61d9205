package store

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"sps-kiosk/kiosk/queue"
)

// What the kiosk's unit sets for the whole process; the store alone must leave room under it.
const (
	benchGC    = "GOGC=50"
	benchLimit = "GOMEMLIMIT=64MiB"
	rssTarget  = 64 << 10 // KiB, after rssEvents
	rssEvents  = 30_000
)

// fillAndMeasure commits rssEvents events, one each, as tickets that come and go, and prints what
// the kernel says this process holds.
func fillAndMeasure(dir string) error {
	s, err := Open(dir, "bench", silent())
	if err != nil {
		return err
	}
	h := newHand(queue.State{}, s.Boot())
	if err := s.Commit(h.begin()); err != nil {
		return err
	}
	for h.seq < rssEvents {
		t, c := h.issue("docs")
		for _, c := range []queue.Change{c, h.call(t, 1), h.finish(t, 1)} {
			if err := s.Commit(c); err != nil {
				return err
			}
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	n, err := s.Bytes()
	if err != nil {
		return err
	}
	fmt.Printf("%sDisk: %d kB\n", status, n>>10)
	if err := s.Close(); err != nil {
		return err
	}
	os.Exit(0)
	return nil
}

// BenchmarkMemory measures a process with nothing but the store after 30,000 events, and fails
// over the target of 64 MiB.
func BenchmarkMemory(b *testing.B) {
	cmd := child("memory", b.TempDir())
	cmd.Env = append(cmd.Env, benchGC, benchLimit)
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	kB := statusFields(string(out))
	fmt.Printf("\nafter %d events (%s %s): VmRSS %.1f MiB = anonymous %.1f + mapped files %.1f; peak %.1f; on the card %.1f MiB; target %d MiB\n",
		rssEvents, benchGC, benchLimit, mib(kB["VmRSS"]), mib(kB["RssAnon"]), mib(kB["RssFile"]), mib(kB["VmHWM"]), mib(kB["Disk"]), rssTarget>>10)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(mib(kB["VmRSS"]), "MiB")
	if kB["VmRSS"] == 0 || kB["VmRSS"] > rssTarget {
		b.Errorf("got %d kB resident, want at most %d", kB["VmRSS"], rssTarget)
	}
}

func mib(kB int) float64 { return float64(kB) / 1024 }

// statusFields reads the lines of /proc/self/status that are sizes, in kB.
func statusFields(s string) map[string]int {
	out := make(map[string]int)
	for in := bufio.NewScanner(strings.NewReader(s)); in.Scan(); {
		name, rest, _ := strings.Cut(in.Text(), ":")
		if v, ok := strings.CutSuffix(strings.TrimSpace(rest), " kB"); ok {
			out[name], _ = strconv.Atoi(v)
		}
	}
	return out
}
