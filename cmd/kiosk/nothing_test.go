package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// secret is what must not be found after a session: pieces of the scanned page, and the key.
type secret struct {
	pieces [][]byte
	key    []byte
}

// needles are all of them.
func (s secret) needles() [][]byte { return append(append([][]byte{}, s.pieces...), s.key) }

// piecesOf takes pieces of 24 bytes out of the picture in a PDF: from its beginning, middle and end.
func piecesOf(t *testing.T, document []byte) (pieces [][]byte) {
	t.Helper()
	from := bytes.Index(document, []byte("stream\n\xff\xd8\xff"))
	to := bytes.Index(document[from+1:], []byte("endstream"))
	if from < 0 || to < 4000 {
		t.Fatal("no picture in the document")
	}
	picture := document[from : from+to]
	for at := 1200; at < len(picture)-100; at += len(picture) / 16 {
		pieces = append(pieces, picture[at:at+24])
	}
	return pieces
}

// workers are the scan workers that the porter has.
func (r *scanRig) workers() (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, after, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(after)
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if r.porter != nil && len(fields) > 1 && fields[1] == strconv.Itoa(r.porter.Process.Pid) && bytes.Contains(line, []byte("scan-worker")) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}

var region = regexp.MustCompile(`(?m)^([0-9a-f]+)-([0-9a-f]+) (rw..) `)

// keyOf finds the session's key in the worker: at the beginning of the one page that is locked, not dumped
// and wiped on fork.
func keyOf(t *testing.T, pid int) []byte {
	t.Helper()
	smaps, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		t.Fatalf("look into the worker, which needs root: %v", err)
	}
	for _, part := range regexp.MustCompile(`(?m)^[0-9a-f]+-[0-9a-f]+ [^\n]*\n(?:[A-Z][^\n]*\n)+`).FindAllString(string(smaps), -1) {
		_, flags, _ := strings.Cut(part, "VmFlags:")
		if !strings.Contains(flags, " lo") || !strings.Contains(flags, " dd") || !strings.Contains(flags, " wf") {
			continue
		}
		from, _ := strconv.ParseInt(part[:strings.IndexByte(part, '-')], 16, 64)
		mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
		if err != nil {
			t.Fatal(err)
		}
		defer mem.Close()
		key := make([]byte, 32)
		if _, err := mem.ReadAt(key, from); err != nil {
			t.Fatal(err)
		}
		return key
	}
	t.Fatal("the worker has no locked page")
	return nil
}

// inMemory counts needles in the writable memory of a process, and how many bytes were looked through: none if it
// has ended.
func inMemory(t *testing.T, pid int, needles [][]byte) (hits int, looked int64) {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if ended(err) {
		return 0, 0
	}
	if err != nil {
		t.Fatal(err)
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if ended(err) {
		return 0, 0
	}
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	buffer := make([]byte, 1<<20)
	for _, m := range region.FindAllStringSubmatch(string(maps), -1) {
		from, _ := strconv.ParseInt(m[1], 16, 64)
		to, _ := strconv.ParseInt(m[2], 16, 64)
		for at := from; at < to; at += int64(len(buffer)) - 64 { // overlapping: a needle may lie across
			n, err := mem.ReadAt(buffer[:min(int64(len(buffer)), to-at)], at)
			looked += int64(n)
			for _, needle := range needles {
				hits += bytes.Count(buffer[:n], needle)
			}
			if err != nil {
				break
			}
		}
	}
	return hits, looked
}

// ended reports whether an error says that a process is no more.
func ended(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) }

// inFiles counts needles in all files below a folder but the stick, which is the citizen's.
func (r *scanRig) inFiles(dir string, needles [][]byte) (hits, files int) {
	r.t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case e.IsDir() && (path == r.socketFolder() || path == filepath.Join(r.folder, "stick")):
			return fs.SkipDir
		case !e.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		files++
		for _, needle := range needles {
			hits += bytes.Count(data, needle)
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return hits, files
}

// nothing searches what is left: the data directory, the folder for temporary files, logs, and the
// memory of the processes that go on.
func (r *scanRig) nothing(s secret) {
	r.t.Helper()
	for _, dir := range []string{r.data, r.folder} {
		hits, files := r.inFiles(dir, s.needles())
		if hits != 0 {
			r.t.Errorf("%d hits in the files of %s", hits, filepath.Base(dir))
		}
		if dir == r.data && files == 0 {
			r.t.Error("the search saw no file of the queue: it looks in the wrong place")
		}
	}
	for _, log := range []*output{r.log, r.said} {
		for _, needle := range s.needles() {
			if log.since(string(needle)) {
				r.t.Error("a log holds a piece of the page or the key")
			}
		}
	}
	for name, pid := range map[string]int{"kiosk": r.process.Process.Pid, "porter": r.porter.Process.Pid} {
		hits, looked := inMemory(r.t, pid, s.needles())
		if hits != 0 || looked == 0 {
			r.t.Errorf("%d hits in %d bytes of the memory of %s", hits, looked, name)
		}
	}
	if pids := r.workers(); len(pids) != 0 {
		r.t.Errorf("workers %v still live", pids)
	}
	if left, err := os.ReadDir(r.vault()); err != nil || len(left) != 0 {
		r.t.Errorf("the vault has %d entries, %v", len(left), err)
	}
}

// TestNothingStays ends a session in every way that a process or a person can, and searches. Before each
// end the same search finds the key in the worker, and pieces of the page while it is being scanned.
func TestNothingStays(t *testing.T) {
	t.Parallel()
	pieces := [][]byte{}
	t.Run("learn", func(t *testing.T) { pieces = learn(t) })
	if len(pieces) == 0 {
		t.Fatal("the page is not known")
	}
	for name, end := range endings() {
		t.Run(name, func(t *testing.T) {
			r := newScanRig(t)
			if name == "time-out" { // a minute of real time; the others take seconds
				r.settings("idle_seconds = 60\n")
			}
			s := secret{pieces: pieces}
			s.key = r.scanned(s)
			end(r)
			r.nothing(s)
		})
	}
}

// endings are the ways in which a process or a person can end a session of one page.
func endings() map[string]func(r *scanRig) {
	return map[string]func(r *scanRig){
		"done": func(r *scanRig) {
			r.press(doneButton)
			r.until("the stick may be taken", func() bool { return r.digits() == "donЕ" })
			r.putStick(false)
			r.until("wiped", func() bool { return r.told("окончен, удалено страниц: 1") })
		},
		"cancel": func(r *scanRig) {
			r.hold(doneButton, 2500*time.Millisecond)
			r.until("wiped", func() bool { return r.told("окончен, удалено страниц: 1") })
		},
		"time-out": func(r *scanRig) {
			r.until("timed out and wiped", func() bool { return r.told("окончен, удалено страниц: 1") })
		},
		"worker killed": func(r *scanRig) {
			kill(r.t, r.workers()[0])
			r.until("wiped", func() bool { return r.told("окончен, удалено страниц: 1") })
		},
		"porter killed": func(r *scanRig) {
			worker := r.workers()[0]
			r.killPorter()
			r.putStick(false) // one that stays in begins a session of its own
			r.until("the worker is dead", func() bool { return !alive(worker) })
			os.Remove(filepath.Join(r.folder, "porter.sock"))
			r.startPorter()
			r.until("wiped", func() bool { return empty(r.vault()) })
		},
		"kiosk killed": func(r *scanRig) {
			worker := r.workers()[0]
			r.kill()
			r.until("the worker is dead", func() bool { return !alive(worker) })
			r.until("wiped", func() bool { return empty(r.vault()) })
			r.startKiosk()
		},
	}
}

// scanned scans one page onto a put-in stick and returns the session's key. On the way the search must
// find what it will not find later.
func (r *scanRig) scanned(s secret) (key []byte) {
	r.t.Helper()
	r.startAll()
	r.machine.PutOnGlass(sheet.Application("MARK-4711"))
	r.machine.Scanner().Set(scanner.Slow(60_000)) // so that there is time to look
	r.until("the porter is met", func() bool { return r.told("Разъём для флешки: исправно") })
	r.putStick(true)
	r.until("the session waits", func() bool { return r.digits() == "Р-00" })
	worker := r.workers()[0]
	key = keyOf(r.t, worker)
	r.press(scanButton)
	found := false
	r.until("a page is there", func() bool {
		if !found && len(s.pieces) > 0 {
			hits, _ := inMemory(r.t, worker, s.pieces)
			found = hits > 0
		}
		return r.digits() == "Р-01"
	})
	if !found && len(s.pieces) > 0 {
		r.t.Error("no piece of the page was found in the worker while it was scanned: the search finds nothing")
	}
	if hits, _ := inMemory(r.t, worker, [][]byte{key}); hits == 0 {
		r.t.Error("the key is not found in the worker: the search finds nothing")
	}
	if empty(r.vault()) {
		r.t.Error("the vault is empty during the session: the search would look in the wrong place")
	}
	if hits, _ := r.inFiles(r.data, append([][]byte{key}, s.pieces...)); hits != 0 {
		r.t.Errorf("%d hits in the files already during the session: the seal leaks", hits)
	}
	return key
}

// learn scans the sheet once and returns pieces of the page as it stands on the stick.
func learn(t *testing.T) [][]byte {
	r := newScanRig(t)
	r.scanned(secret{})
	r.press(doneButton)
	r.until("the stick may be taken", func() bool { return r.digits() == "donЕ" })
	r.putStick(false)
	f, err := r.machine.OpenStick(r.stickFiles()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var document bytes.Buffer
	if _, err := document.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	return piecesOf(t, document.Bytes())
}

func (r *scanRig) putStick(in bool) {
	r.t.Helper()
	if err := r.machine.PutStick(in); err != nil {
		r.t.Fatal(err)
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func alive(pid int) bool {
	_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	return err == nil
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}
