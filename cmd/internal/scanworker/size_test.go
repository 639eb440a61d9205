package scanworker

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/vault"
)

// bulky writes an A4 page of 300 dpi and 5 MB. The bulk is in comments (ITU-T T.81, B.2.4.5), which cost no
// decoding: what is measured is the way of the bytes.
func bulky(t *testing.T) (path string, size int64) {
	t.Helper()
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 2480, 3508)), nil); err != nil {
		t.Fatal(err)
	}
	page := append([]byte{}, picture.Bytes()[:2]...)
	for comment := make([]byte, 0xfffd); len(page) < 5e6; page = append(page, comment...) {
		rand.Read(comment)
		page = append(page, 0xff, 0xfe, 0xff, 0xff)
	}
	page = append(page, picture.Bytes()[2:]...)
	path = filepath.Join(t.TempDir(), "page.jpg")
	if err := os.WriteFile(path, page, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, int64(len(page))
}

// plain is this test binary without the race detector, whose memory is not the product's; what is
// measured here is measured on that.
func plain(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "worker")
	if out, err := exec.Command("go", "test", "-c", "-race=false", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the worker: %v\n%s", err, out)
	}
	return path
}

var rssAnon = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// anon is how much memory of its own a process has, KiB; 0 if it is gone.
func anon(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	found := rssAnon.FindSubmatch(status)
	if found == nil {
		return 0
	}
	n, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return n
}

// TestAHundredLargePagesInLittleMemory scans 100 pages of 5 MB, looks at some, saves all and reads them back.
// Memory of the worker's own grows by 48 MiB at most; the kiosk, which sees no page, is measured in
// cmd/kiosk.
func TestAHundredLargePagesInLittleMemory(t *testing.T) {
	path, size := bulky(t)
	b := startProgram(t, plain(t), path)
	pid := b.cmd.Process.Pid
	idle := anon(pid)
	var peak atomic.Int64
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
				peak.Store(max(peak.Load(), anon(pid)))
			}
		}
	})
	b.lend()
	began := time.Now()
	pages := b.scan(100)
	scanned := time.Since(began)
	for _, p := range pages[:5] {
		answer, err := http.Get(fmt.Sprintf("http://%s/%s/%d", b.ready.Preview, b.ready.Token, p.Page))
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("preview: %v, %v", answer, err)
		}
		answer.Body.Close()
	}
	began = time.Now()
	b.say(&ipc.Save{Format: ipc.PDF, Session: 1, Pages: pages})
	saved := hear[*ipc.Saved](b)
	took := time.Since(began)
	close(done)
	watch.Wait()
	t.Logf("100 pages of %.1f MB: own memory %d MiB idle, %d MiB at most; scanned in %v, saved and read back in %v (%d MB)",
		float64(size)/1e6, idle>>10, peak.Load()>>10, scanned.Round(time.Millisecond), took.Round(time.Millisecond), saved.Bytes/1e6)
	if size < 5e6 {
		t.Errorf("the page has %d bytes, want 5 MB", size)
	}
	if idle == 0 || peak.Load()-idle > 48<<10 {
		t.Errorf("own memory grew from %d to %d KiB, want at most 48 MiB more", idle, peak.Load())
	}
	b.finish(100)
}

// TestHowLongAWipeTakes kills a worker that has 1, 10 and 100 pages of 5 MB, and drops its files as the porter
// does. Times are printed: they are the machine's.
func TestHowLongAWipeTakes(t *testing.T) {
	path, _ := bulky(t)
	program := plain(t)
	for _, n := range []int{1, 10, 100} {
		b := startProgram(t, program, path)
		b.scan(n)
		began := time.Now()
		b.cmd.Process.Kill()
		b.cmd.Wait()
		reaped := time.Since(began)
		dropped, err := vault.Wipe(b.vault)
		gone := time.Since(began)
		if err != nil || dropped == 0 || len(files(t, b.vault)) != 0 {
			t.Errorf("%d pages: dropped %d files, %v, left %v", n, dropped, err, files(t, b.vault))
		}
		t.Logf("%3d pages: reaped after %v, %d files gone after %v (the issue allows 100 ms and 1 s)", n,
			reaped.Round(100*time.Microsecond), dropped, gone.Round(100*time.Microsecond))
	}
}
