package storetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"sps-kiosk/sync/district"
)

// heatAddress hands a database to the process that reads it.
const heatAddress = "DISTRICT_HEAT_ADDRESS"

// maxPeak is the memory that a server may have, in MiB.
const maxPeak = 128

// HeatChild is for TestMain: it reports whether this process is the one that Heat started, after it
// has read the heat maps and printed how long they took and its memory.
func HeatChild(open func(ctx context.Context, address string) (district.Store, error)) bool {
	address := os.Getenv(heatAddress)
	if address == "" {
		return false
	}
	ctx := context.Background()
	store, err := open(ctx, address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	took, err := HeatMap(ctx, store, 3*(yearOffices+1))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	mib, err := Peak()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(took[len(took)/2].Microseconds(), took[len(took)*99/100].Microseconds(), mib)
	store.Close()
	return true
}

// Heat reads heat maps over a year of 500 kiosks in a process of their own, and fails where that
// takes more memory than a server may have.
func Heat(b *testing.B, store district.Store, address string) {
	b.Helper()
	if err := LoadYear(b.Context(), store); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^$")
		c.Env, c.Stderr = append(os.Environ(), heatAddress+"="+address), os.Stderr
		out, err := c.Output()
		if err != nil {
			b.Fatalf("reader: %v", err)
		}
		var half, p99, mib int
		if _, err := fmt.Sscan(string(out), &half, &p99, &mib); err != nil {
			b.Fatalf("reader said %q: %v", out, err)
		}
		b.ReportMetric(float64(time.Duration(half)*time.Microsecond/time.Millisecond), "ms-median")
		b.ReportMetric(float64(p99)/1000, "ms-p99(target:200)")
		b.ReportMetric(float64(mib), "MiB-peak")
		if mib > maxPeak {
			b.Errorf("peak of %d MiB, want at most %d", mib, maxPeak)
		}
	}
}
