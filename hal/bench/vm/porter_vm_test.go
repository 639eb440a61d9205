//go:build vm

package vm

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/vm/card"
	"sps-kiosk/hal/bench/vm/stick"
)

// porterHand does outside what the porter's tests in the guest ask for.
type porterHand struct {
	drawer
	image string // what was inserted last
	saved []saved
}

// saved is a stick that is to be looked at when the guest is off: by name, with its image.
type saved struct{ name, image string }

// playPorter runs tests of cmd/internal/porter in the guest: a real porter, real workers of another
// user, the kernel's own USB, SCSI, vfat and exfat.
func playPorter(t *testing.T, tests string, files ...File) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "porter")
	err := run(t.Context(), "", GoEnv(Arch(), false), "go", "test", "-c", "-tags", "vmguest", "-o", to, "sps-kiosk/cmd/internal/porter")
	if err != nil {
		t.Fatal(err)
	}
	g := boot(t, Config{
		Files:   append(files, program(t, Arch(), "stickprobe"), File{Path: "/bin/porter", From: to}),
		Modules: []string{"usb-storage", "usbhid", "hid-generic", "sd-mod", "vfat", "exfat", "ntfs3", "nls-cp437", "nls-ascii", "nls-utf8"},
	})
	h := &porterHand{drawer: drawer{t, within(t, 5*time.Minute), g}}
	if err := g.WriteFile(h.ctx, "/sys/module/usb_storage/parameters/delay_use", []byte("0"), 0); err != nil {
		t.Fatal(err)
	}
	p, err := g.Start(h.ctx, "porter", []string{"TMPDIR=/tmp", "PATH=/bin"}, "/bin/porter", "-test.v", "-test.timeout=280s", "-test.run="+tests)
	if err != nil {
		t.Fatal(err)
	}
	out := follow(t, h.ctx, p, h.do)
	if !strings.Contains(out, "--- PASS: ") {
		t.Errorf("no test was played:\n%s", out)
	}
	if said := g.Console(); strings.Contains(said, "BUG:") || strings.Contains(said, "Oops") {
		t.Errorf("the kernel stumbled:\n%s", said)
	}
	g.PowerOff() // what follows boots another one
	for _, s := range h.saved {
		if err := h.look(s); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
	}
	return out
}

// TestPorterDevices is about the door: what may be plugged in at all.
func TestPorterDevices(t *testing.T) { playPorter(t, "^TestGuestDevices$") }

// TestPorterSticks is about what is on a stick: refused, saved to, full, less than it says,
// losing its tables.
func TestPorterSticks(t *testing.T) {
	playPorter(t, "^TestGuest(Refused|Saves|Full|Fake|Tables)$")
}

// TestPorterFlood is a stick in use while the kernel says more than anybody can hear.
func TestPorterFlood(t *testing.T) { playPorter(t, "^TestGuestFlood$") }

// TestPorterPulled takes the stick out at every step.
func TestPorterPulled(t *testing.T) { playPorter(t, "^TestGuestPulled$") }

// TestPorterConfined is a porter with the rights that its unit leaves it, and no others.
func TestPorterConfined(t *testing.T) {
	playPorter(t, "^TestGuestConfined$", File{Path: "/etc/porter.confinement", Text: confinement(t, "../../../image/units/sps-kiosk-porter.service")})
}

// TestPorterEarly is a stick that the porter hears of before the kernel is done with it, and the device that libusb's
// binding stumbles over.
func TestPorterEarly(t *testing.T) { playPorter(t, "^TestGuest(Early|Forgotten)$") }

// TestPorterMounting lets each mount and unmounting of a porter's life fail once.
func TestPorterMounting(t *testing.T) {
	if out := playPorter(t, "^TestGuestMounting$"); strings.Count(out, "--- PASS: TestGuestMounting") != 8 {
		t.Error("want seven lives passed, and that which began them")
	}
}

// TestPorterSpeed is a save beside a copy.
func TestPorterSpeed(t *testing.T) {
	for _, line := range strings.Split(playPorter(t, "^TestGuestSpeed$"), "\n") {
		if strings.Contains(line, "RATIO") {
			t.Log(strings.TrimSpace(line))
		}
	}
}

// do is one thing asked for.
func (h *porterHand) do(what string) error {
	verb, name, _ := strings.Cut(what, " ")
	switch verb {
	case "plug":
		if name == "a stick behind" {
			return h.g.USB[1].Plug(hostile()[name])
		}
		d, ok := hostile()[name]
		if !ok {
			return fmt.Errorf("no device %q", name)
		}
		return h.g.USB[0].Plug(d)
	case "unplug":
		n, err := strconv.Atoi(name)
		if err != nil {
			return err
		}
		return h.g.USB[n].Unplug()
	case "insert":
		s, err := h.stick(name)
		if err != nil {
			return err
		}
		return h.g.Insert(h.ctx, s)
	case "pull":
		return h.g.Pull(h.ctx)
	case "look":
		h.saved = append(h.saved, saved{name, h.image})
		return nil
	}
	return fmt.Errorf("unknown hook %q", what)
}

var (
	diskPart     = virtusb.Interface{Class: 8, SubClass: 6, Protocol: 0x50, In: 1, Out: 2}
	keyboardPart = virtusb.Interface{Number: 1, Class: 3, SubClass: 1, Protocol: 1, In: 3}
)

// hostile are devices that nobody should let in, fresh ones.
func hostile() map[string]*virtusb.Device {
	make := func(parts ...virtusb.Interface) *virtusb.Device {
		return virtusb.NewDevice(virtusb.High, 0x0781, 0x5567, 512, "Bench", "Stick", "S1", parts...)
	}
	alone := keyboardPart
	alone.Number = 0
	hidden := keyboardPart
	hidden.Number, hidden.Alt = 0, 1
	return map[string]*virtusb.Device{
		"keyboard":              make(alone),
		"stick with a keyboard": make(diskPart, keyboardPart),
		"hidden keyboard":       make(diskPart, hidden),
		"network":               make(virtusb.Interface{Class: 2, SubClass: 6, In: 1, Out: 2}),
		"a stick behind":        make(diskPart),
		"one setting twice":     torn(make(diskPart, keyboardPart, diskPart)),
		"other words once it is in": turns(make(diskPart), func(d *virtusb.Device) {
			d.Config = make(alone).Config
		}),
		"one byte once it is in": turns(make(diskPart), func(d *virtusb.Device) {
			d.Config = bytes.Clone(d.Config)
			d.Config[8]++ // bMaxPower: no driver would notice
		}),
	}
}

// torn makes a device promise as many interfaces as it has descriptors of them, one of them twice.
func torn(d *virtusb.Device) *virtusb.Device {
	d.Config[4] = 3
	return d
}

// turns makes a device say something else about itself as soon as the host has configured it.
func turns(d *virtusb.Device, into func(*virtusb.Device)) *virtusb.Device {
	other := *virtusb.NewDevice(d.Speed, 0x0781, 0x5567, 512, "Bench", "Stick", "S1", diskPart)
	into(&other)
	d.SetFault(func(x *virtusb.Transfer) bool {
		if !x.IsControl() || x.Setup.Type != 0x80 || x.Setup.Request != 6 || x.Setup.Value != 0x0200 || d.Configured() == 0 {
			return false
		}
		x.Reply(other.Config[:min(len(other.Config), int(x.Setup.Length))])
		return true
	})
	return d
}

// stick makes what a name means.
func (h *porterHand) stick(name string) (Stick, error) {
	path := filepath.Join(h.t.TempDir(), "stick.img")
	one := func(err error) (Stick, error) {
		h.image = path
		return Stick{LUNs: []LUN{{Image: path, ReadOnly: name == "switch on"}}}, err
	}
	switch name {
	case "vfat", "switch on":
		return one(stick.Partitioned(h.ctx, path, stick.VFAT, stickSize))
	case "exfat":
		return one(stick.Partitioned(h.ctx, path, stick.ExFAT, stickSize))
	case "vfat without a table":
		return one(stick.Whole(h.ctx, path, stick.VFAT, stickSize))
	case "exfat without a table":
		return one(stick.Whole(h.ctx, path, stick.ExFAT, stickSize))
	case "small":
		return one(smallVFAT(h.ctx, path))
	case "ntfs":
		return one(stick.Partitioned(h.ctx, path, stick.NTFS, stickSize))
	case "blank":
		return one(stick.Whole(h.ctx, path, stick.Blank, stickSize))
	case "ext4":
		return one(tool(h.ctx, "mke2fs", "-q", "-t", "ext4", path, "16M"))
	case "two cards":
		first, err := h.stick("vfat")
		if err != nil {
			return first, err
		}
		return Stick{LUNs: []LUN{first.LUNs[0], {Image: h.drawer.image(stick.Whole, stick.Blank)}}}, nil
	case "liar":
		return h.liarStick(path)
	case "slow":
		return h.slowStick(path)
	}
	b, ok := craftedTables()[name]
	if !ok {
		return Stick{}, fmt.Errorf("no stick %q", name)
	}
	return one(os.WriteFile(path, b, 0o600))
}

// tool runs one of Debian's tools, which may not be in the PATH of ordinary users.
func tool(ctx context.Context, args ...string) error {
	path, err := exec.LookPath(args[0])
	if err != nil {
		path = filepath.Join("/usr/sbin", args[0])
	}
	if out, err := exec.CommandContext(ctx, path, args[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%q: %w: %s", args, err, out)
	}
	return nil
}

// smallVFAT has room for a few MiB.
func smallVFAT(ctx context.Context, path string) error {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	if err := os.Truncate(path, 8<<20); err != nil {
		return err
	}
	return tool(ctx, "mkfs.vfat", path)
}

// liarStick has 16 MiB and says that it has 8 GiB.
func (h *porterHand) liarStick(path string) (Stick, error) {
	const real, claimed = 16 << 20, 8 << 30
	if err := stick.Partitioned(h.ctx, path, stick.ExFAT, claimed); err != nil {
		return Stick{}, err
	}
	c, err := card.NewLiar(real, claimed, path)
	return Stick{LUNs: []LUN{{Disk: c}}}, err
}

// slowRate is a usual stick's, bytes per second.
const slowRate = 10e6

// slowStick is an honest one of 160 MiB at slowRate, both ways.
func (h *porterHand) slowStick(path string) (Stick, error) {
	if err := stick.Partitioned(h.ctx, path, stick.VFAT, 160<<20); err != nil {
		return Stick{}, err
	}
	c, err := card.New(160<<20, path)
	return Stick{LUNs: []LUN{{Disk: slow{c}}}}, err
}

// slow serves a disk through a narrow wire.
type slow struct{ Disk }

// Serve implements Disk.
func (s slow) Serve(conn net.Conn) error { return s.Disk.Serve(&wire{Conn: conn}) }

// wire takes its time for every byte; free is when it is free again.
type wire struct {
	net.Conn
	free time.Time
}

// Read implements net.Conn.
func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.pass(n)
	return n, err
}

// Write implements net.Conn.
func (w *wire) Write(b []byte) (int, error) {
	w.pass(len(b))
	return w.Conn.Write(b)
}

func (w *wire) pass(n int) {
	if now := time.Now(); w.free.Before(now) {
		w.free = now
	}
	w.free = w.free.Add(time.Duration(float64(n) / slowRate * float64(time.Second)))
	time.Sleep(time.Until(w.free))
}

// craftedTables are disks of 4 MiB with a table that was made to harm; more of them are in hal/stick's
// own tests, but here the kernel reads them, too.
func craftedTables() map[string][]byte {
	disk := func(at int, entries ...[3]uint32) []byte {
		b := make([]byte, 4<<20)
		s := b[512*at:]
		for i, e := range entries {
			raw := s[446+16*i:]
			raw[4] = byte(e[0])
			binary.LittleEndian.PutUint32(raw[8:], e[1])
			binary.LittleEndian.PutUint32(raw[12:], e[2])
		}
		s[510], s[511] = 0x55, 0xaa
		return b
	}
	over := func(b, with []byte) []byte {
		for i, v := range with {
			b[i] |= v
		}
		return b
	}
	millions := disk(0, [3]uint32{0xee, 1, 8191})
	copy(millions[512:], "EFI PART\x00\x00\x01\x00\x5c\x00\x00\x00")
	binary.LittleEndian.PutUint64(millions[512+24:], 1)
	binary.LittleEndian.PutUint32(millions[512+80:], 1<<32-1)
	signed := func(at int, magic string) []byte {
		b := make([]byte, 4<<20)
		copy(b[510:], "\x55\xaa")
		copy(b[at:], magic)
		return b
	}
	return map[string][]byte{
		"bitlocker":       signed(0, "\xeb\x58\x90-FVE-FS-"),
		"apple":           signed(1024, "H+\x00\x04"),
		"iso":             signed(32769, "CD001"),
		"behind the end":  disk(0, [3]uint32{0xc, 8000, 1 << 30}),
		"over each other": disk(0, [3]uint32{0xc, 100, 4000}, [3]uint32{7, 2000, 4000}),
		"chain to itself": over(disk(0, [3]uint32{5, 8, 8000}), disk(8, [3]uint32{0xc, 1, 1}, [3]uint32{5, 0, 50})),
		"millions":        millions,
	}
}

// look checks a stick that was saved to and pulled after «можно вынимать»: the file system is sound by
// the tools that people repair with, and the file is read by others than its writer.
func (h *porterHand) look(s saved) error {
	at, size := int64(0), int64(stickSize)
	if !strings.Contains(s.name, "without a table") {
		at, size = 1<<20, stickSize-1<<20
	}
	volume := s.image + ".volume"
	if err := cut(s.image, volume, at, size); err != nil {
		return err
	}
	want := bytes.Repeat([]byte{'S'}, 3001<<10)
	if strings.HasPrefix(s.name, "exfat") {
		if err := tool(h.ctx, "fsck.exfat", "-n", volume); err != nil {
			return err
		}
		return h.mounted(s.image, want)
	}
	if err := tool(h.ctx, "fsck.vfat", "-n", volume); err != nil {
		return err
	}
	got, err := exec.CommandContext(h.ctx, "mtype", "-i", volume, "::/SCAN_N3001/SCAN_N3001_1.pdf").Output()
	if err != nil || !bytes.Equal(got, want) {
		return fmt.Errorf("mtools read %d bytes, %v, want %d", len(got), err, len(want))
	}
	all, err := exec.CommandContext(h.ctx, "mdir", "-b", "-/", "-i", volume, "::").Output()
	if lines := strings.Fields(string(all)); err != nil || len(lines) != 2 {
		return fmt.Errorf("mtools lists %q, %v, want our folder and our file alone", lines, err)
	}
	return nil
}

// cut copies a partition out of an image.
func cut(from, to string, at, size int64) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b[at:at+size], 0o600)
}

// mounted reads an exFAT stick in another guest that never saw it.
func (h *porterHand) mounted(image string, want []byte) error {
	g := boot(h.t, Config{Modules: []string{"usb-storage", "sd-mod", "exfat", "nls-utf8"}, Files: []File{program(h.t, Arch(), "stickprobe")}})
	defer g.PowerOff()
	d := drawer{h.t, h.ctx, g}
	d.insert(Stick{LUNs: []LUN{{Image: image, ReadOnly: true}}})
	device := "/dev/sda1"
	if names, err := g.List(h.ctx, "/dev"); err == nil && !strings.Contains(strings.Join(names, " ")+" ", "sda1 ") {
		device = "/dev/sda"
	}
	if err := g.Mount(h.ctx, device, "/tmp/other", "exfat", "ro"); err != nil {
		return err
	}
	got, err := g.ReadFile(h.ctx, "/tmp/other/SCAN_N3001/SCAN_N3001_1.pdf")
	if err != nil || !bytes.Equal(got, want) {
		return fmt.Errorf("another guest reads %d bytes, %v, want %d", len(got), err, len(want))
	}
	return nil
}
