//go:build vm

package scenario

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/vm"
	"sps-kiosk/hal/bench/vm/stick"
)

// What a long session is held to.
const (
	hundred     = 100
	largePage   = 5_000_000 // bytes at least
	ownLimit    = 48 << 10  // KiB of RssAnon above idle
	memoryMax   = 192 << 20 // bytes: MemoryMax of the worker's unit, here for all three processes together
	cgroups     = "/sys/fs/cgroup"
	sessions    = cgroups + "/session"
	longStick   = 1 << 30
	longSession = "[scan]\nbutton = 23\ndone = 24\ndpi = 300\n\n[help]"
)

// TestHundredPages scans a hundred pages of 5 MB in two piles, saves them and reads them back, with the kiosk, the
// porter and the worker in one cgroup of 192 MiB without swap (C6). Own memory of kiosk and worker together
// grows by 48 MiB at most above the kiosk's idle; all of the worker's counts.
func TestHundredPages(t *testing.T) {
	t.Parallel()
	m := scanner.Sound()
	m.Quality = 95
	p := newScanPlaceOf(t, scanDesk{settings: longSession, model: m, vault: bigDisk(t)})
	results.begin(t, p.k)
	p.confine()
	idle := p.own(p.k.Process().PID)
	p.waiting(p.bigStick())
	var worker int
	if _, err := fmt.Sscanf(p.worker(), "WORKER %d", &worker); err != nil {
		t.Fatal(err)
	}
	began := p.own(worker)
	most := p.watch(p.k.Process().PID, worker)
	start := time.Now()
	p.pile(hundred / 2)
	p.pile(hundred)
	scanned := time.Since(start)
	p.sent()
	start = time.Now()
	p.done()
	p.shows("donЕ")
	saved := time.Since(start)
	kiosk, workers, both := most()
	results.figure(t, "%d pages of at least %.1f MB: RssAnon of the kiosk %d MiB idle and %d at most, of the worker %d and %d, of both at once %d MiB above the kiosk's idle at most; scanned in %v, saved and read back in %v",
		hundred, largePage/1e6, idle>>10, kiosk>>10, began>>10, workers>>10, (both-idle)>>10, scanned.Round(time.Second), saved.Round(time.Second))
	if idle == 0 || began == 0 || both-idle > ownLimit {
		t.Errorf("own memory grew by %d KiB, want at most %d", both-idle, ownLimit)
	}
	p.survived()
	p.pull()
	p.over()
	p.whole()
}

// bigDisk makes an image with ext4 for a vault of a hundred large pages: the card of the guest is in memory.
func bigDisk(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vault.img")
	cmd := exec.CommandContext(t.Context(), "mke2fs", "-q", "-F", "-t", "ext4", path, "1G")
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mke2fs: %v: %s", err, out)
	}
	return path
}

// confine starts porter and kiosk anew inside a cgroup: whatever they touch counts from the beginning
// (kernel documentation, "Control Group v2").
func (p *scanPlace) confine() {
	p.t.Helper()
	write := func(path, text string) {
		p.t.Helper()
		p.must(p.k.Guest().WriteFile(p.ctx(), path, []byte(text), 0))
	}
	p.must(p.k.Guest().Mount(p.ctx(), "cgroup2", cgroups, "cgroup2", ""))
	write(cgroups+"/cgroup.subtree_control", "+memory")
	p.must(p.k.Guest().Own(p.ctx(), sessions, 0)) // made by that
	write(sessions+"/memory.max", strconv.Itoa(memoryMax))
	write(sessions+"/cgroup.procs", "1")
	p.must(p.porter.Signal(p.ctx(), syscall.SIGKILL))
	_, err := p.porter.Wait(p.ctx())
	p.must(err)
	p.s.Kill() // and starts it again
	p.startPorter()
	write(cgroups+"/cgroup.procs", "1")
	for _, pid := range []int{p.k.Process().PID, p.porter.PID} {
		if got := p.read(fmt.Sprintf("/proc/%d/cgroup", pid)); !strings.HasSuffix(got, "/session") {
			p.t.Fatalf("process %d is in %q", pid, got)
		}
	}
}

// bigStick is one with room for everything.
func (p *scanPlace) bigStick() vm.Stick {
	p.t.Helper()
	p.image = filepath.Join(p.t.TempDir(), "big.img")
	p.must(stick.Partitioned(p.ctx(), p.image, stick.VFAT, longStick))
	return vm.Stick{LUNs: []vm.LUN{{Image: p.image}}}
}

// waiting puts a stick in and waits for the session.
func (p *scanPlace) waiting(s vm.Stick) {
	p.t.Helper()
	p.must(p.k.Guest().Insert(p.ctx(), s))
	p.shows("Р-00")
}

// pile loads fifty sheets into the feeder and scans them, until there are so many pages.
func (p *scanPlace) pile(pages int) {
	p.t.Helper()
	heavy := paper()
	heavy.Grain = 64
	if n := p.dev.Load(slices.Repeat([]*sheet.Sheet{heavy}, hundred/2)...); n != hundred/2 {
		p.t.Fatalf("%d sheets went into the feeder", n)
	}
	p.s.Tap(scanLine, stage.ShortPress, stage.Apart)
	for until := pages - hundred/2; until < pages; { // each page has its own patience
		until++
		want := fmt.Sprintf("Р-%02d", until)
		p.until("the display says "+want+" or more", func() bool { return p.pages() >= until })
	}
	p.until("the scanner is quiet", func() bool { return !p.dev.State().Scanning })
}

// pages is how many the display says there are.
func (p *scanPlace) pages() (n int) {
	fmt.Sscanf(strings.TrimSpace(p.digits()), "Р-%d", &n)
	return n
}

// sent holds the pages that the scanner gave against the size that was meant.
func (p *scanPlace) sent() {
	p.t.Helper()
	all := p.dev.Sent()
	if len(all) != hundred {
		p.t.Errorf("the scanner gave %d pages, want %d", len(all), hundred)
	}
	for _, s := range all {
		if s.Size < largePage || !s.Whole {
			p.t.Errorf("a page of %d bytes, whole %v", s.Size, s.Whole)
		}
	}
}

// own is the RssAnon of a process, KiB; 0 if it has ended.
func (p *scanPlace) own(pid int) (kib int) {
	_, text, _ := strings.Cut(p.read(fmt.Sprintf("/proc/%d/status", pid)), "RssAnon:")
	fmt.Sscan(text, &kib)
	return kib
}

// watch looks at both processes until the returned function is called, which tells the most of each and
// of both at once, KiB.
func (p *scanPlace) watch(kiosk, worker int) (most func() (kiosk, worker, both int)) {
	ctx, stop := context.WithCancel(p.ctx())
	var k, w, both int
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			a, b := p.own(kiosk), p.own(worker)
			k, w, both = max(k, a), max(w, b), max(both, a+b)
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}()
	return func() (int, int, int) {
		stop()
		<-done
		return k, w, both
	}
}

// survived holds what the kernel says of the cgroup: nothing was killed, and the limit was there.
func (p *scanPlace) survived() {
	p.t.Helper()
	events := p.read(sessions + "/memory.events")
	if !strings.Contains(events, "oom_kill 0") || p.read(sessions+"/memory.max") != strconv.Itoa(memoryMax) {
		p.t.Errorf("the cgroup says %q", events)
	}
	results.figure(p.t, "the cgroup of 192 MiB, with the page cache: %s bytes at most; %s", p.read(sessions+"/memory.peak"), strings.ReplaceAll(events, "\n", ", "))
}

// whole counts the pictures of the document on the stick.
func (p *scanPlace) whole() {
	p.t.Helper()
	f, err := os.Open(p.image)
	p.must(err)
	defer f.Close()
	if got := p.count(f, [][]byte{[]byte("stream\n\xff\xd8\xff")})[0]; got != hundred {
		p.t.Errorf("got %d pictures on the stick, want %d", got, hundred)
	}
}
