package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/kiosk/config"
)

// What a long session is held to (C6).
const (
	largePage = 5_000_000 // bytes at least
	ownLimit  = 48 << 10  // KiB of RssAnon of kiosk and worker together, above idle
	memoryMax = 192 << 20 // bytes: MemoryMax of the worker's unit, here for kiosk, porter and worker together
	allPages  = 2 * onePile
	onePile   = 50 // the feeder of the drawn scanner takes no more
)

// TestAHundredLargePages scans a hundred pages of 5 MB with the real kiosk, porter and worker in one group of
// 192 MiB without swap, saves them and takes the stick. Own memory of kiosk and worker together stays below
// 48 MiB above that of a kiosk without a session.
func TestAHundredLargePages(t *testing.T) {
	group := limited(t) // before what will be in it, so that it is removed after
	layout := appliance.Layout(config.Default())
	layout.Scanner.Quality = 95
	r := newScanRigOf(t, layout, 300)
	r.startPorter()
	group.take(t, r.porter.Process.Pid)
	r.startKiosk()
	group.take(t, r.process.Process.Pid)
	r.until("porter and scanner are met", func() bool {
		return r.told("Разъём для флешки: исправно") && r.told("Сканер: исправно")
	})
	kiosk := r.process.Process.Pid
	idle := ownMemory(kiosk)
	r.putStick(true)
	r.until("the session waits", func() bool { return r.digits() == "Р-00" })
	worker := r.workers()[0]
	began := ownMemory(worker)
	most := watchMemory(kiosk, worker)
	start := time.Now()
	heavy := *sheet.Certificate("MARK-4711")
	heavy.Grain = 64
	for pile := range allPages / onePile {
		if n := r.machine.LoadFeeder(slices.Repeat([]*sheet.Sheet{&heavy}, onePile)...); n != onePile {
			t.Fatalf("%d sheets went into the feeder", n)
		}
		r.press(scanButton)
		r.until("the pile is scanned", func() bool {
			return r.digits() == fmt.Sprintf("Р-%02d", (pile+1)*onePile) && !r.machine.Snapshot().Scanner.Scanning
		})
		r.machine.TakeSheets()
	}
	scanned := time.Since(start)
	start = time.Now()
	r.press(doneButton)
	r.until("the stick may be taken", func() bool { return r.digits() == "donЕ" })
	saved := time.Since(start)
	both := most()
	t.Logf("own memory: kiosk %d MiB idle, worker %d MiB at its beginning; together %d MiB above the kiosk's idle at most; scanned in %v, saved and read back in %v",
		idle>>10, began>>10, (both-idle)>>10, scanned.Round(time.Second), saved.Round(time.Second))
	if idle == 0 || began == 0 || both-idle > ownLimit {
		t.Errorf("own memory grew by %d KiB, want at most %d", both-idle, ownLimit)
	}
	group.held(t)
	for _, s := range r.machine.Scanner().Sent() {
		if s.Size < largePage {
			t.Errorf("a page of %d bytes, want 5 MB", s.Size)
		}
	}
	r.putStick(false)
	r.until("all is wiped", func() bool { return r.told(fmt.Sprintf("удалено страниц: %d", allPages)) })
}

var ownLine = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// ownMemory is a process's RssAnon, KiB; 0 if it has ended.
func ownMemory(pid int) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	found := ownLine.FindSubmatch(status)
	if found == nil {
		return 0
	}
	n, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return n
}

// watchMemory looks at processes until the returned function is called, which tells the most of all at once, KiB.
func watchMemory(pids ...int) (most func() int64) {
	var peak atomic.Int64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			sum := int64(0)
			for _, pid := range pids {
				sum += ownMemory(pid)
			}
			peak.Store(max(peak.Load(), sum))
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-done
		return peak.Load()
	}
}

// memoryGroup is a control group of the kernel with a limit of memory; version 1 or 2, as the machine has it.
type memoryGroup struct{ dir, limit, kills, peak string }

// limited makes one for the length of the test. That takes root, and a machine or container that lets root make one.
func limited(t *testing.T) memoryGroup {
	t.Helper()
	root, g := "/sys/fs/cgroup", memoryGroup{limit: "memory.max", kills: "memory.events", peak: "memory.peak"}
	if _, err := os.Stat(filepath.Join(root, "memory", "memory.limit_in_bytes")); err == nil {
		root = filepath.Join(root, "memory")
		g = memoryGroup{limit: "memory.limit_in_bytes", kills: "memory.oom_control", peak: "memory.max_usage_in_bytes"}
	} else {
		os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+memory"), 0) // refused where it is so already
	}
	dir := filepath.Join(root, "kiosk-test-"+strconv.Itoa(os.Getpid()))
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		t.Cleanup(func() { os.Remove(dir) })
		err = os.WriteFile(filepath.Join(dir, g.limit), []byte(strconv.Itoa(memoryMax)), 0)
	}
	if err != nil {
		t.Fatalf("no memory control group: %v; run the tests as root, in a container with /sys/fs/cgroup writable", err)
	}
	g.dir = dir
	return g
}

// take moves a process in; what it starts from now on is in it, too.
func (g memoryGroup) take(t *testing.T, pid int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(g.dir, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0); err != nil {
		t.Fatal(err)
	}
}

// held looks whether the limit is there and nobody was killed by it.
func (g memoryGroup) held(t *testing.T) {
	t.Helper()
	limit, _ := os.ReadFile(filepath.Join(g.dir, g.limit))
	kills, _ := os.ReadFile(filepath.Join(g.dir, g.kills))
	if strings.TrimSpace(string(limit)) != strconv.Itoa(memoryMax) || !regexp.MustCompile(`(?m)^oom_kill 0$`).Match(kills) {
		t.Errorf("limit %q, %q", limit, kills)
	}
	peak, _ := os.ReadFile(filepath.Join(g.dir, g.peak))
	t.Logf("the group with its page cache had %s bytes at most, and nobody was killed", strings.TrimSpace(string(peak)))
}
