package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// screen is a browser on the kiosk's own screen, which lives as long as a session: on the card the end of a
// session's unit is that of the screen's, whose profile is in memory (image/units).
type screen struct {
	*screenRig
	profile string
	root    int // process
}

func newScreen(t *testing.T, more string) *screen {
	t.Helper()
	s := &screen{profile: t.TempDir()}
	s.screenRig = newScreenRig(t, webtest.Options{Width: 1080, Height: 1920, Touch: true, Profile: s.profile}, more)
	s.root = chromedp.FromContext(s.tab).Browser.Process().Pid
	return s
}

// family are a process and all its descendants.
func family(root int) []int {
	all := []int{root}
	for i := 0; i < len(all); i++ {
		lists, _ := filepath.Glob("/proc/" + strconv.Itoa(all[i]) + "/task/*/children")
		for _, l := range lists {
			text, _ := os.ReadFile(l) // a thread may have ended meanwhile
			for _, word := range strings.Fields(string(text)) {
				if pid, err := strconv.Atoi(word); err == nil && !slices.Contains(all, pid) {
					all = append(all, pid)
				}
			}
		}
	}
	return all
}

// holds counts pieces in the memory of all processes of the browser.
func (s *screen) holds(pieces [][]byte) (hits int) {
	s.t.Helper()
	for _, pid := range family(s.root) {
		found, _ := inMemory(s.t, pid, pieces)
		hits += found
	}
	return hits
}

// end is what the units do at the end of a session: the browser is killed, its profile is dropped.
func (s *screen) end() {
	s.t.Helper()
	pids := family(s.root)
	for _, pid := range pids {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	s.until("no process of the browser has memory", func() bool { return !slices.ContainsFunc(pids, runs) })
	if err := os.RemoveAll(s.profile); err != nil {
		s.t.Fatal(err)
	}
}

// runs reports whether a process has memory: one that has ended and was not asked after has none.
func runs(pid int) bool {
	maps, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/maps")
	return err == nil && len(maps) > 0
}

// shown scans a page, waits until the browser shows it, and returns pieces of the picture and the key.
func (s *screen) shown() (found secret) {
	s.t.Helper()
	s.machine.PutOnGlass(sheet.Application("MARK-4711"))
	s.putStick(true)
	s.shows("first")
	found.key = keyOf(s.t, s.workers()[0])
	s.press(scanButton)
	s.pages(1)
	picture := s.fetch(s.source(1))
	for part := 1; part < 8; part++ {
		at := len(picture) / 8 * part
		found.pieces = append(found.pieces, picture[at:at+24])
	}
	return found
}

// keep has the page keep the pieces.
func (s *screen) keep(found secret) {
	s.t.Helper()
	var n int
	text := base64.StdEncoding.EncodeToString(slices.Concat(found.pieces...))
	webtest.Run(s.t, s.tab, chromedp.Evaluate(fmt.Sprintf("(window.kept = atob(%q)).length", text), &n))
	if n == 0 {
		s.t.Fatal("the page keeps nothing")
	}
}

// TestNothingStaysInTheBrowser shows a page on the kiosk's screen in a real browser, ends the session in every
// way that a process or a person can, and the browser with it, and searches its profile, the processes that go
// on, files and logs. Before the end the same search finds the picture in the browser's memory (by itself a browser drops
// the file of a picture that it has drawn when it likes, so it is made to keep it), and its profile holds none of it.
func TestNothingStaysInTheBrowser(t *testing.T) {
	t.Parallel() // with TestNothingStays: both wait for a time-out
	for name, end := range endings() {
		t.Run(name, func(t *testing.T) {
			more := ""
			if name == "time-out" {
				more = "idle_seconds = 90\n" // long enough to find the picture meanwhile
			}
			s := newScreen(t, more)
			found := s.shown()
			itself := s.holds(found.pieces)
			s.keep(found)
			if s.holds(found.pieces) == 0 {
				t.Error("no piece of the picture is found in a browser that has it: the search finds nothing")
			}
			if hits, files := s.inFiles(s.profile, found.pieces); hits != 0 || files == 0 {
				t.Errorf("got %d pieces of the picture in %d files of the profile, want none in some", hits, files)
			}
			end(s.scanRig)
			t.Logf("hits in the browser while it showed the page: %d", itself)
			s.end()
			s.nothing(found)
		})
	}
}
