//go:build vm

package scenario

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	leds "sps-kiosk/hal/bench/display"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/vm"
	"sps-kiosk/hal/bench/vm/card"
	"sps-kiosk/hal/bench/vm/stick"
)

// Names in the guest of a scan place, and the user who scans: a number without rights.
const (
	scanLine, doneLine = "GPIO23", "GPIO24"
	scanSettings       = "[scan]\nbutton = 23\ndone = 24\ndpi = 150\nidle_seconds = 60\n\n[help]"
	porterSocket       = "/run/porter.sock"
	vaultPath          = "/data/scan"
	stickPath          = "/run/stick"
	scanUser           = 990
	stickBytes         = 64 << 20
)

// scanPlace is a guest with the three processes of a scan session as they ship, a scanner in the second
// socket, and sticks.
type scanPlace struct {
	t      *testing.T
	k      *vm.Kiosk
	s      *stage.Stage
	dev    *scanner.Scanner
	porter *vm.Process
	said   []*vm.Process // every process that was started
	image  string        // of the stick that was put in last
}

// newScanPlace boots it. The kernel's arguments are those of the card (image/build).
func newScanPlace(t *testing.T) *scanPlace {
	t.Helper()
	guests.take(t)
	kernel, err := vm.Build(t.Context(), vm.Options{Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	c, err := card.Format(t.Context(), 192<<20)
	if err != nil {
		t.Fatal(err)
	}
	l := layout()
	l.Buttons = append(l.Buttons, bench.Button{Role: "scan", Line: scanLine}, bench.Button{Role: "done", Line: doneLine})
	file := changed(t, "[help]", scanSettings)
	k, err := vm.NewKiosk(vm.Config{
		Kernel: kernel, Log: t.Logf, Append: "init_on_free=1",
		Modules: []string{"usblp", "usb-storage", "sd-mod", "vfat", "nls-cp437", "nls-ascii", "nls-utf8"},
		Files: []vm.File{{Path: "/usr/share/zoneinfo/Europe/Samara", From: "/usr/share/zoneinfo/Europe/Samara"},
			{Path: "/bin/keyplace", From: build(t, "hal/bench/vm/guest/keyplace", vm.GoEnv(vm.Arch(), false)...)}},
	}, vm.Firmware{Binary: firmware(t), Settings: text(t, file), Catalog: text(t, catalogBeside(file)), Layout: l,
		Args: []string{"-porter", porterSocket}}, c)
	if err != nil {
		t.Fatal(err)
	}
	k.Fate = card.Keep // nothing that was ever written goes by a power cut
	p := &scanPlace{t: t, k: k, dev: scanner.New(scanner.Sound(), scanner.Hooks{})}
	p.dev.PutOnGlass(paper())
	t.Cleanup(func() {
		if folder := k.Close(t.Failed()); folder != "" {
			t.Logf("guest kept in %s", folder)
		}
	})
	p.s = stage.New(t, k)
	p.furnish()
	return p
}

// paper is grainy, so that a page of it has bytes that nothing else has.
func paper() *sheet.Sheet {
	s := *sheet.Certificate("MARK-4711")
	s.Grain = 20
	return &s
}

// in is the same place in a subtest.
func (p *scanPlace) in(t *testing.T) *scanPlace {
	in := *p
	in.t, in.s = t, p.s.In(t)
	return &in
}

// furnish makes of a guest that has just booted the machine of the card: users, owners, the scanner, the
// porter.
func (p *scanPlace) furnish() {
	p.t.Helper()
	p.must(p.k.Guest().WriteFile(p.ctx(), "/sys/module/usb_storage/parameters/delay_use", []byte("0"), 0))
	p.must(p.k.Guest().WriteFile(p.ctx(), "/etc/passwd", []byte("root:x:0:0:root:/root:/bin/sh\nkiosk-scan:x:990:990::/:/bin/false\n"), 0o644))
	p.must(p.k.Guest().Own(p.ctx(), vaultPath, scanUser))
	p.must(p.k.Guest().USB[1].Plug(p.dev.Device()))
	const device = "/sys/bus/usb/devices/1-2/"
	p.until("the kernel has the scanner", func() bool { return p.read(device+"devnum") != "" })
	var bus, number int
	fmt.Sscan(p.read(device+"busnum")+" "+p.read(device+"devnum"), &bus, &number)
	p.must(p.k.Guest().Own(p.ctx(), fmt.Sprintf("/dev/bus/usb/%03d/%03d", bus, number), scanUser)) // udev's rule on the card
	p.startPorter()
}

// startPorter starts the porter as its unit does, and is over when it has met the kiosk.
func (p *scanPlace) startPorter() {
	p.t.Helper()
	var err error
	p.porter, err = p.k.Guest().Start(p.ctx(), "porter", nil, "/bin/kiosk", "porter", "-usb", "printer=1-1 scanner=1-2 citizen=1-5 citizen=2-5",
		"-kiosk", "root", "-worker", "kiosk-scan", "-listen", porterSocket, "-mount", stickPath, "-vault", vaultPath, "-config", "/etc/kiosk.txt")
	p.must(err)
	p.said = append(p.said, p.porter, p.k.Process())
}

func (p *scanPlace) ctx() context.Context { return p.t.Context() }

func (p *scanPlace) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// read is a file of the guest, "" if there is none.
func (p *scanPlace) read(path string) string {
	b, err := p.k.Guest().ReadFile(p.ctx(), path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// until waits for a mark in the guest.
func (p *scanPlace) until(what string, is func() bool) {
	p.t.Helper()
	for late := time.Now().Add(stage.Patience); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(late) {
			p.t.Fatalf("waited in vain until %s; the display says %q", what, p.digits())
		}
	}
}

// digits is what the display says; what looks like Е is the Cyrillic letter.
func (p *scanPlace) digits() string { return leds.Read(p.k.Machine().Snapshot().Display.Digits) }

// shows waits until the display says something.
func (p *scanPlace) shows(want string) {
	p.t.Helper()
	p.until("the display says "+want, func() bool { return strings.HasPrefix(p.digits(), want) })
}

// stick makes a stick in FAT32 with nothing on it; delay is how long it takes for each write.
func (p *scanPlace) stick(delay time.Duration) vm.Stick {
	p.t.Helper()
	p.image = filepath.Join(p.t.TempDir(), "stick.img")
	p.must(stick.Partitioned(p.ctx(), p.image, stick.VFAT, stickBytes))
	if delay == 0 {
		return vm.Stick{LUNs: []vm.LUN{{Image: p.image}}}
	}
	c, err := card.New(stickBytes, p.image)
	p.must(err)
	c.SetFault(card.Fault{Write: delay})
	return vm.Stick{LUNs: []vm.LUN{{Disk: c}}}
}

// begun puts a stick in, waits for the session and returns its key. The key is read from outside.
func (p *scanPlace) begun(s vm.Stick) (key []byte) {
	p.t.Helper()
	p.must(p.k.Guest().Insert(p.ctx(), s))
	return p.key()
}

// key waits for a session and reads its key.
func (p *scanPlace) key() (key []byte) {
	p.t.Helper()
	p.shows("Р-00")
	var pid int
	var at uint64
	p.until("a worker has a key", func() bool {
		_, err := fmt.Sscanf(p.worker(), "WORKER %d %d", &pid, &at)
		return err == nil
	})
	key, err := p.k.Guest().MemoryAt(p.ctx(), at, 32)
	p.must(err)
	if bytes.Count(key, key[:1]) == len(key) {
		p.t.Fatalf("the key at %x is %x", at, key)
	}
	return key
}

// worker is what keyplace says.
func (p *scanPlace) worker(args ...string) string {
	out, err := p.k.Guest().Run(p.ctx(), append([]string{"/bin/keyplace"}, args...)...)
	if err != nil && !strings.HasPrefix(out, "ERROR") {
		p.t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

// scan presses SCAN and waits for the page.
func (p *scanPlace) scan() {
	p.t.Helper()
	p.s.Tap(scanLine, stage.ShortPress, stage.Apart)
	p.shows("Р-01")
	p.until("the scanner is quiet", func() bool { return !p.dev.State().Scanning })
}

// done presses DONE.
func (p *scanPlace) done() { p.t.Helper(); p.s.Tap(doneLine, stage.ShortPress, stage.Apart) }

// pull takes the stick out.
func (p *scanPlace) pull() { p.t.Helper(); p.must(p.k.Guest().Pull(p.ctx())) }

// over waits until nothing of a session runs, lies in the vault or is mounted.
func (p *scanPlace) over() {
	p.t.Helper()
	p.until("no worker runs", func() bool { return p.worker() == "NONE" })
	p.until("the vault is empty", p.swept)
	p.until("no stick is mounted", func() bool { return !strings.Contains(p.read("/proc/self/mounts"), stickPath) })
}

// swept reports whether the vault is empty.
func (p *scanPlace) swept() bool {
	names, err := p.k.Guest().List(p.ctx(), vaultPath)
	return err == nil && len(names) == 0
}

// memory counts needles in the guest's whole memory.
func (p *scanPlace) memory(needles [][]byte) []int {
	p.t.Helper()
	f, err := p.k.Guest().Memory(p.ctx())
	p.must(err)
	defer f.Close()
	return p.count(f, needles)
}

// disk counts them on the whole card.
func (p *scanPlace) disk(needles [][]byte) []int {
	return p.count(io.NewSectionReader(p.k.Card(), 0, 192<<20), needles)
}

// count counts every needle in what r gives. None is longer than overlap.
func (p *scanPlace) count(r io.Reader, needles [][]byte) []int {
	p.t.Helper()
	const piece, overlap = 4 << 20, 64
	found, b, have := make([]int, len(needles)), make([]byte, overlap+piece), 0
	for {
		n, err := io.ReadFull(r, b[have:])
		for i, needle := range needles {
			from := max(0, have-len(needle)+1) // what lies before has been counted
			found[i] += bytes.Count(b[from:have+n], needle)
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return found
		}
		p.must(err)
		have = copy(b, b[have+n-overlap:have+n])
	}
}

// pieces takes pieces of 24 bytes out of the picture in the one PDF on the stick, which lies there in
// one piece since the stick was empty.
func (p *scanPlace) pieces() (all [][]byte) {
	p.t.Helper()
	b, err := os.ReadFile(p.image)
	p.must(err)
	from := bytes.Index(b, []byte("stream\n\xff\xd8\xff"))
	size := bytes.Index(b[max(from, 0):], []byte("endstream"))
	if from < 0 || size < 100_000 {
		p.t.Fatalf("no picture on the stick: at %d, %d bytes", from, size)
	}
	for at := 4000; at < size-100; at += size / 6 {
		all = append(all, bytes.Clone(b[from+at:from+at+24]))
	}
	p.t.Logf("the page has %d bytes", size)
	return all
}
