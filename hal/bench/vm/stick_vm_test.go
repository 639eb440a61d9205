//go:build vm

package vm

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/hal/bench/vm/card"
	"sps-kiosk/hal/bench/vm/stick"
)

// stickSize is large enough for every tool to make its file system.
const stickSize = 64 << 20

// drawer is where a test keeps its sticks, and the guest it puts them into.
type drawer struct {
	t   *testing.T
	ctx context.Context
	g   *Guest
}

// newDrawer makes one; a stick that a failed test left in the guest is taken out.
func newDrawer(t *testing.T, g *Guest) drawer {
	t.Cleanup(func() {
		if g.stick != nil {
			g.Pull(context.Background())
		}
	})
	return drawer{t, within(t, 3*time.Minute), g}
}

// image makes one.
func (d drawer) image(make func(context.Context, string, stick.Kind, int64) error, kind stick.Kind) string {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), "stick.img")
	if err := make(d.ctx, path, kind, stickSize); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// insert puts a stick in and returns what the kernel says about its disks.
func (d drawer) insert(s Stick) []string {
	d.t.Helper()
	if err := d.g.Insert(d.ctx, s); err != nil {
		d.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(d.probe("look", fmt.Sprint(len(s.LUNs)))), "\n")
}

func (d drawer) pull() {
	d.t.Helper()
	if err := d.g.Pull(d.ctx); err != nil {
		d.t.Fatal(err)
	}
	d.probe("gone")
}

// probe runs stickprobe; a failure of it ends the test.
func (d drawer) probe(args ...string) string {
	d.t.Helper()
	out, err := d.g.Run(d.ctx, append([]string{"/bin/stickprobe"}, args...)...)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// wants looks for each text in what stickprobe said.
func (d drawer) wants(out string, texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			d.t.Errorf("got %q, want %q in it", out, text)
		}
	}
}

// TestSticks puts one stick after the other into the guest, as its owner would.
func TestSticks(t *testing.T) {
	t.Parallel()
	g := boot(t, Config{
		Files:   []File{program(t, Arch(), "stickprobe")},
		Modules: []string{"usb-storage", "sd-mod", "vfat", "exfat", "ntfs3", "nls-cp437", "nls-ascii", "nls-utf8"},
	})
	ctx := within(t, 5*time.Minute)
	if err := g.WriteFile(ctx, "/sys/module/usb_storage/parameters/delay_use", []byte("0"), 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		make func(context.Context, string, stick.Kind, int64) error
		kind stick.Kind
		dev  string
	}{
		{"vfat", stick.Partitioned, stick.VFAT, "sda1"},
		{"exfat", stick.Partitioned, stick.ExFAT, "sda1"},
		{"ntfs", stick.Partitioned, stick.NTFS, "sda1"},
		{"no partitions", stick.Whole, stick.VFAT, "sda"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDrawer(t, g)
			d.carries(Stick{LUNs: []LUN{{Image: d.image(c.make, c.kind)}}}, c.dev, string(c.kind))
		})
	}
	for _, c := range []struct {
		name string
		test func(drawer)
	}{
		{"several disks", drawer.several},
		{"write-protected", drawer.protected},
		{"nothing on it", drawer.nothing},
		{"lies about its size", drawer.liar},
		{"pulled in the middle", drawer.pulled},
		{"pulled before unmounted", drawer.lazy},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newDrawer(t, g)) })
	}
	if t.Failed() {
		return
	}
	if got := g.Console(); strings.Contains(got, "BUG:") || strings.Contains(got, "Oops") {
		t.Errorf("the kernel stumbled:\n%s", got)
	}
}

// carries writes to a stick, takes it out, puts it in again and reads: nothing can come from memory.
func (d drawer) carries(s Stick, dev, kind string) {
	d.t.Helper()
	d.insert(s)
	d.wants(d.probe("write", dev, kind, "3"), "nosuid,nodev,noexec", "permission denied", "WROTE 3145728")
	d.pull()
	d.insert(s)
	d.wants(d.probe("read", dev, kind, "3"), "MOUNTED "+kind+" ro,nosuid,nodev,noexec", "SAME 3145728")
	d.pull()
}

// several is a card reader with two cards. The kernel looks at both at once, so either may be sda: they
// are told apart by the partition that only the first has.
func (d drawer) several() {
	first, second := d.image(stick.Partitioned, stick.VFAT), d.image(stick.Whole, stick.ExFAT)
	got := d.insert(Stick{LUNs: []LUN{{Image: first}, {Image: second}}})
	parted, whole := "sda", "sdb"
	if strings.HasSuffix(strings.TrimSpace(got[len(got)-1]), "sdb1") {
		parted, whole = whole, parted
	}
	slices.Sort(got)
	want := []string{"DISK " + parted + " 67108864 rw " + parted + "1", "DISK " + whole + " 67108864 rw"}
	slices.Sort(want)
	for i, line := range got {
		if len(got) != len(want) || strings.TrimSpace(line) != want[i] {
			d.t.Fatalf("got %q, want %q", got, want)
		}
	}
	d.wants(d.probe("write", whole, "exfat", "1"), "WROTE 1048576")
	d.wants(d.probe("write", parted+"1", "vfat", "1"), "WROTE 1048576")
	d.wants(d.probe("read", whole, "exfat", "1"), "SAME 1048576")
	d.pull()
}

// protected is a stick with its switch on: the kernel knows, and a mount to write is refused.
func (d drawer) protected() {
	path := d.image(stick.Partitioned, stick.VFAT)
	d.carries(Stick{LUNs: []LUN{{Image: path}}}, "sda1", "vfat")
	got := d.insert(Stick{LUNs: []LUN{{Image: path, ReadOnly: true}}})
	d.wants(got[0], " ro sda1")
	out, err := d.g.Run(d.ctx, "/bin/stickprobe", "write", "sda1", "vfat", "1")
	if err == nil || strings.Contains(out, "WROTE") {
		d.t.Errorf("got %q, %v, want no write", out, err)
	}
	d.wants(d.probe("read", "sda1", "vfat", "3"), "SAME 3145728")
	d.pull()
}

// nothing is a wiped stick: a disk without partitions that is none of the file systems.
func (d drawer) nothing() {
	got := d.insert(Stick{LUNs: []LUN{{Image: d.image(stick.Whole, stick.Blank)}}})
	if want := "DISK sda 67108864 rw"; strings.TrimSpace(got[0]) != want {
		d.t.Errorf("got %q, want %q", got[0], want)
	}
	for _, kind := range []stick.Kind{stick.VFAT, stick.ExFAT, stick.NTFS} {
		out, err := d.g.Run(d.ctx, "/bin/stickprobe", "write", "sda", string(kind), "1")
		if err == nil {
			d.t.Errorf("mounted as %s: %s", kind, out)
		}
		d.wants(out, "invalid argument")
	}
	d.pull()
}

// liar is a stick of 16 MiB that says it has 8 GiB: writing and syncing never fail, and what was
// written is not there.
func (d drawer) liar() {
	const real, claimed = 16 << 20, 8 << 30
	path := filepath.Join(d.t.TempDir(), "liar.img")
	if err := stick.Partitioned(d.ctx, path, stick.ExFAT, claimed); err != nil {
		d.t.Fatal(err)
	}
	c, err := card.NewLiar(real, claimed, path)
	if err != nil {
		d.t.Fatal(err)
	}
	got := d.insert(Stick{LUNs: []LUN{{Disk: c}}})
	d.wants(got[0], fmt.Sprint(claimed))
	d.wants(d.probe("write", "sda1", "exfat", "20"), "WROTE 20971520")
	d.pull()
	d.insert(Stick{LUNs: []LUN{{Disk: c}}})
	out, err := d.g.Run(d.ctx, "/bin/stickprobe", "read", "sda1", "exfat", "20")
	if err == nil {
		d.t.Errorf("got %q: a stick of %d bytes has kept 20 MiB", out, real)
	}
	d.t.Logf("the kernel says: %s", out)
	d.pull()
}

// pulled takes the stick out while the guest writes to it.
func (d drawer) pulled() {
	path := d.image(stick.Partitioned, stick.VFAT)
	d.insert(Stick{LUNs: []LUN{{Image: path}}})
	p, err := d.g.Start(d.ctx, "stickprobe", nil, "/bin/stickprobe", "flood", "sda1", "vfat")
	if err != nil {
		d.t.Fatal(err)
	}
	if _, _, err := p.Expect(d.ctx, "^WRITING$"); err != nil {
		d.t.Fatal(err)
	}
	if err := d.g.Pull(d.ctx); err != nil {
		d.t.Fatal(err)
	}
	_, m, err := p.Expect(d.ctx, `^ENDED (\d+)`)
	if err != nil {
		d.t.Fatal(err)
	}
	if m[1] != fmt.Sprint(int(syscall.EIO)) && m[1] != fmt.Sprint(int(syscall.ENODEV)) {
		d.t.Errorf("got error %s, want EIO or ENODEV", m[1])
	}
	if _, _, err := p.Expect(d.ctx, "^UNMOUNTED <nil>$"); err != nil {
		d.t.Error(err)
	}
	d.probe("gone")
	d.carries(Stick{LUNs: []LUN{{Image: path}}}, "sda1", "vfat") // the next use repairs nothing, and works
}

// lazy takes the stick out while it is mounted and idle, and the next stick must do.
func (d drawer) lazy() {
	path := d.image(stick.Partitioned, stick.ExFAT)
	d.insert(Stick{LUNs: []LUN{{Image: path}}})
	if err := d.g.Mount(d.ctx, "/dev/sda1", "/tmp/lazy", "exfat", ""); err != nil {
		d.t.Fatal(err)
	}
	d.pull()
	if err := d.g.WriteFile(d.ctx, "/tmp/lazy/late", []byte("x"), 0o600); err == nil {
		if err := d.g.Sync(d.ctx); err == nil {
			d.t.Log("a write to the stick that is gone was taken: only fsync tells")
		}
	}
	if err := d.g.Unmount(d.ctx, "/tmp/lazy"); err != nil {
		d.t.Error(err)
	}
	d.carries(Stick{LUNs: []LUN{{Image: d.image(stick.Partitioned, stick.VFAT)}}}, "sda1", "vfat")
}
