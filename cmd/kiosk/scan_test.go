package main

import (
	"bytes"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/display"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/scanner/sheet/sheettest"
	"sps-kiosk/kiosk/config"
)

// Lines of the panel's buttons in the built-in settings.
const (
	scanButton = "GPIO14"
	doneButton = "GPIO18"
)

// scanRig is a rig with the porter's process, a scanner and a stick.
type scanRig struct {
	*rig
	folder string
	porter *exec.Cmd
	said   *output // by the porter and the worker
	config string  // settings file, "" = the built-in settings
	dpi    int
}

func newScanRig(t *testing.T) *scanRig {
	t.Helper()
	return newScanRigOf(t, appliance.Layout(config.Default()), 150) // coarse pages, which are drawn quickly
}

// newScanRigOf is newScanRig with a machine of its own kind and pages of so many dots per inch.
func newScanRigOf(t *testing.T, layout bench.Layout, dpi int) *scanRig {
	t.Helper()
	r := &scanRig{rig: newRig(t, layout), said: &output{}, dpi: dpi}
	var err error
	if r.folder, err = os.MkdirTemp("", "scan-"); err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(r.folder, "stick")
	if err := os.Mkdir(files, 0o700); err != nil {
		t.Fatal(err)
	}
	r.machine.OwnStick(files, r.socketFolder())
	r.settings("")
	t.Cleanup(func() {
		r.killPorter()
		r.kill()
		os.RemoveAll(r.folder)
		if t.Failed() {
			t.Logf("porter and worker said:\n%s", r.said.tail(60))
			for _, e := range r.machine.Snapshot().Journal {
				t.Logf("%s %s", e.At.Format("15:04:05.000"), e.Text)
			}
		}
	})
	return r
}

// settings gives porter, worker and kiosk a file of settings with further lines of its section.
func (r *scanRig) settings(more string) {
	r.t.Helper()
	r.config = filepath.Join(r.folder, "kiosk.txt")
	text := "[scan]\nbutton = 14\ndone = 18\ndpi = " + strconv.Itoa(r.dpi) + "\n" + more
	if err := os.WriteFile(r.config, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *scanRig) socketFolder() string { return filepath.Join(r.folder, "socket") }
func (r *scanRig) vault() string        { return filepath.Join(r.data, "scan") }

// startAll starts porter and kiosk.
func (r *scanRig) startAll() {
	r.t.Helper()
	r.startPorter()
	r.startKiosk()
}

func (r *scanRig) startPorter() {
	r.t.Helper()
	r.porter = exec.Command(kiosk, "bench-porter", "-board", "bench:"+r.rig.socket, "-listen", filepath.Join(r.folder, "porter.sock"),
		"-stick", r.socketFolder(), "-vault", r.vault(), "-config", r.config)
	r.porter.Stdout, r.porter.Stderr = r.said, r.said
	if err := r.porter.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.until("the porter listens", func() bool {
		_, err := os.Stat(filepath.Join(r.folder, "porter.sock"))
		return err == nil
	})
}

func (r *scanRig) killPorter() {
	if r.porter != nil {
		r.porter.Process.Kill()
		r.porter.Wait()
		r.porter = nil
	}
}

func (r *scanRig) startKiosk() {
	r.t.Helper()
	r.extra = []string{"-config", r.config, "-porter", filepath.Join(r.folder, "porter.sock")}
	r.start()
}

// until waits for a mark. How long that takes is the machine's affair; what never comes is told shortly
// before the test's own end.
func (r *scanRig) until(what string, is func() bool) {
	r.t.Helper()
	limit, limited := r.t.Deadline()
	for !is() {
		if limited && time.Until(limit) < 20*time.Second {
			r.t.Fatalf("waited in vain until %s; the digits say %q", what, r.digits())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// press presses a button of the panel for a person's moment.
func (r *scanRig) press(line string) { r.hold(line, 60*time.Millisecond) }

func (r *scanRig) hold(line string, how time.Duration) {
	r.t.Helper()
	if err := r.machine.Press(line); err != nil {
		r.t.Fatal(err)
	}
	time.Sleep(how)
	if err := r.machine.Release(line); err != nil {
		r.t.Fatal(err)
	}
}

// journal reports whether the machine's journal has told something since the mark.
func (r *scanRig) told(text string) bool {
	return slices.ContainsFunc(r.machine.Snapshot().Journal, func(e bench.Entry) bool { return strings.Contains(e.Text, text) })
}

// digits reads the LED display; what looks like Е is the Cyrillic letter.
func (r *scanRig) digits() string { return display.Read(r.machine.Snapshot().Display.Digits) }

// stickFiles are the files on the stick.
func (r *scanRig) stickFiles() (all []string) {
	for _, f := range r.machine.StickView().Files {
		all = append(all, f.Path)
	}
	return all
}

// stickFile is the one PDF on the stick.
func (r *scanRig) stickFile() []byte {
	r.t.Helper()
	files := r.stickFiles()
	if len(files) != 1 || !strings.HasSuffix(files[0], ".pdf") {
		r.t.Fatalf("got files %v, want one PDF", files)
	}
	f, err := r.machine.OpenStick(files[0])
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	var document bytes.Buffer
	if _, err := document.ReadFrom(f); err != nil {
		r.t.Fatal(err)
	}
	return document.Bytes()
}

// TestASheetBecomesAFileAndNothingStays is the whole way by two buttons: the real kiosk, the real porter and
// the real worker, each a process, on a drawn machine.
func TestASheetBecomesAFileAndNothingStays(t *testing.T) {
	r := newScanRig(t)
	r.startAll()
	r.machine.PutOnGlass(sheet.Application("MARK-4711"))
	r.until("the porter is met", func() bool { return r.told("Разъём для флешки: исправно") })
	if err := r.machine.PutStick(true); err != nil {
		t.Fatal(err)
	}
	r.until("the session waits", func() bool { return r.digits() == "Р-00" })
	r.press(scanButton)
	r.until("a page is there", func() bool { return r.digits() == "Р-01" })
	r.until("the scanner is quiet", func() bool { return !r.machine.Snapshot().Scanner.Scanning })
	r.press(doneButton)
	r.until("the stick may be taken", func() bool { return r.digits() == "donЕ" })
	if err := r.machine.PutStick(false); err != nil {
		t.Fatal(err)
	}
	r.until("the session is wiped", func() bool {
		return r.told("Сеанс сканирования окончен, удалено страниц: 1")
	})
	if left, err := os.ReadDir(r.vault()); err != nil || len(left) != 0 {
		t.Errorf("the vault still has %d entries, %v", len(left), err)
	}
	if got := marksOf(t, r.stickFile()); !slices.Equal(got, []string{"MARK-4711"}) {
		t.Errorf("got marks %q in the document, want the sheet's", got)
	}
}

// TestAScannerOfSANE is the same way with an older scanner: Debian's scanimage and its backend for tests,
// whose pages are black, in a worker that has no PATH. The scanner in the socket is there to be seen.
func TestAScannerOfSANE(t *testing.T) {
	r := newScanRig(t)
	r.settings("scanner = \"sane\"\nsane_backend = \"test\"\nscanner_port = \"1-1.3\"\n")
	r.startAll()
	r.machine.PutOnGlass(sheet.Application("MARK-4711"))
	r.until("porter and scanner are met", func() bool {
		return r.told("Разъём для флешки: исправно") && r.told("Сканер: исправно")
	})
	if err := r.machine.PutStick(true); err != nil {
		t.Fatal(err)
	}
	r.until("the session waits", func() bool { return r.digits() == "Р-00" })
	r.press(scanButton)
	r.until("the feeder's ten pages are there", func() bool { return r.digits() == "Р-10" })
	r.until("they are saved", func() bool {
		r.press(doneButton)                // the first may still stop the scan, which looks for an eleventh sheet
		time.Sleep(500 * time.Millisecond) // the pause of a hand
		return r.told("Страниц на флешке посетителя: 10")
	})
	if err := r.machine.PutStick(false); err != nil {
		t.Fatal(err)
	}
	r.until("the session is wiped", func() bool { return r.told("удалено страниц: 10") })
	if got := marksOf(t, r.stickFile()); !slices.Equal(got, slices.Repeat([]string{"-"}, 10)) {
		t.Errorf("got marks %q in the document, want ten pages of the backend", got)
	}
}

// marksOf reads the marks on the pictures of a PDF, as somebody who knows only DCTDecode streams.
func marksOf(t *testing.T, document []byte) (marks []string) {
	t.Helper()
	for {
		at := bytes.Index(document, []byte("stream\n\xff\xd8\xff"))
		if at < 0 {
			return marks
		}
		document = document[at+len("stream\n"):]
		picture, err := jpeg.Decode(bytes.NewReader(document))
		if err != nil {
			t.Fatalf("decode a picture of the document: %v", err)
		}
		mark, _, err := sheettest.Read(picture)
		if err != nil {
			mark = "-"
		}
		marks = append(marks, mark)
	}
}
