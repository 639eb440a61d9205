//go:build vmguest

package porter_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/cmd/internal/launch"
	"sps-kiosk/hal/bench/vm/guest/hook"
	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/ipc"
)

// scanUser is nobody in particular: a number without rights.
const scanUser = 990

// guest is a porter on a real kernel: it runs in the guest, and what happens in the sockets is done by
// the bench outside (hal/bench/vm/porter_vm_test.go).
type guest struct{ *rig }

// outside counts the hooks of this whole program: a number is used once.
var outside hook.Hooks

// citizenPorts are the guest's: one for virtual devices, one for QEMU's own sticks at either speed.
const citizenPorts = "citizen=1-1 citizen=1-5 citizen=2-5 printer=1-2"

// inner goes on in a network namespace of its own, as the porter's unit does: the kernel's words about
// devices must come there, too.
func inner(t *testing.T) {
	t.Helper()
	if os.Getenv("PORTER_INNER") != "" {
		return
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), "PORTER_INNER=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if err := cmd.Run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func newGuest(t *testing.T) *guest {
	t.Helper()
	inner(t)
	g := &guest{newRig(t, "", real)}
	g.call()
	g.state(ipc.StickAbsent)
	return g
}

// real lets a rig have the machine's own sockets, and workers of another user.
func real(r *rig) {
	r.t.Helper()
	ports, err := stick.ParsePorts(citizenPorts)
	if err != nil {
		r.t.Fatal(err)
	}
	r.vault = guestVault
	r.o.Medium = &stick.Socket{Gate: stick.Gate{Sys: "/sys", Dev: "/dev", Ports: ports}, At: "/run/stick",
		Owner: stick.Owner{UID: scanUser, GID: scanUser}, Log: r.o.Log}
	if os.Getenv("PORTER_CONFINED") != "" {
		r.o.Launcher = launch.Unit{Socket: startSocket, Extra: guestWorker().Extra}
		return
	}
	if err := errors.Join(os.MkdirAll(r.vault, 0o700), os.Chown(r.vault, scanUser, scanUser)); err != nil {
		r.t.Fatal(err)
	}
	r.o.Launcher = launch.Fork{User: launch.Credential(scanUser, scanUser), Command: guestWorker()}
}

// do has something done outside, and says so.
func (g *guest) do(what string) {
	g.t.Helper()
	g.t.Log(what)
	if err := outside.Do(what); err != nil {
		g.t.Fatal(err)
	}
}

// read is a file of sysfs, "" if there is none.
func read(path ...string) string {
	b, _ := os.ReadFile(filepath.Join(path...))
	return strings.TrimSpace(string(b))
}

// TestGuestDevices plugs what is no stick into the citizen's port, and a stick where none belongs.
func TestGuestDevices(t *testing.T) {
	g := newGuest(t)
	for name, why := range map[string]ipc.StickFault{
		"keyboard": ipc.FaultNotStorage, "stick with a keyboard": ipc.FaultNotStorage, "network": ipc.FaultNotStorage,
		"hidden keyboard": ipc.FaultNotStorage, "other words once it is in": ipc.FaultChanged, "one byte once it is in": ipc.FaultChanged,
	} {
		g.do("plug " + name)
		if m := g.state(ipc.StickRefused); m.Why != why {
			t.Errorf("%s: got why %d, want %d", name, m.Why, why)
		}
		g.powerless(name, "1-1")
		g.do("unplug 0")
		g.state(ipc.StickAbsent)
	}
	g.do("plug a stick behind")
	for read("/sys/bus/usb/devices/1-2/authorized") == "" {
		time.Sleep(5 * time.Millisecond) // until the kernel has it
	}
	g.powerless("a stick behind", "1-2")
	g.do("unplug 1")
}

// TestGuestEarly has the porter hear of a stick before the kernel is done with it, as a crowded machine does: told, but
// without the kernel's own driver, which is what sets the configuration. It is used as any other.
func TestGuestEarly(t *testing.T) {
	g := newGuest(t)
	tell := func(file, text string) {
		if err := os.WriteFile("/sys/bus/usb/"+file, []byte(text), 0); err != nil {
			t.Fatal(err)
		}
	}
	tell("drivers_autoprobe", "0")
	defer tell("drivers_autoprobe", "1")
	known := func(ports ...string) string {
		for late := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			for _, p := range ports {
				if read("/sys/bus/usb/devices", p, "devnum") != "" {
					return p
				}
			}
			if time.Now().After(late) {
				t.Fatalf("the kernel sees nothing at %v", ports)
			}
		}
	}
	g.do("insert vfat")
	port := known("1-5", "2-5")
	g.do("plug network") // what the porter says of it comes after whatever it has done with the stick
	tell("drivers_probe", known("1-1"))
	g.state(ipc.StickRefused)
	g.do("unplug 0")
	g.state(ipc.StickAbsent)
	if _, err := os.Lstat("/sys/bus/usb/devices/" + port + "/driver"); err == nil {
		t.Fatal("the kernel is done with the stick already: nothing is shown")
	}
	tell("drivers_probe", port)
	g.state(ipc.StickReady)
	g.do("pull")
	g.state(ipc.StickPulled)
}

// TestGuestForgotten plugs in a device beside which nobody could list devices, authorised or not (hal/usb): it is
// refused, the kernel forgets it, and the socket works on.
func TestGuestForgotten(t *testing.T) {
	g := newGuest(t)
	g.do("plug one setting twice")
	g.state(ipc.StickRefused)
	for late := time.Now().Add(patience); read("/sys/bus/usb/devices/1-1/devnum") != ""; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("one setting twice: the kernel still has it, and beside it nobody could list devices")
		}
	}
	g.do("unplug 0")
	g.do("plug network") // the socket works on
	g.state(ipc.StickRefused)
	g.do("unplug 0")
	g.state(ipc.StickAbsent)
}

// powerless looks for a driver on a device that was refused.
func (g *guest) powerless(name, port string) {
	g.t.Helper()
	if got := read("/sys/bus/usb/devices", port, "authorized"); got != "0" {
		g.t.Errorf("%s: got authorized=%q", name, got)
	}
	drivers, _ := filepath.Glob("/sys/bus/usb/devices/" + port + "/" + port + ":*/driver")
	if len(drivers) > 0 {
		g.t.Errorf("%s: got drivers %v", name, drivers)
	}
	if disks, _ := filepath.Glob("/sys/block/sd*"); len(disks) > 0 {
		g.t.Errorf("%s: got disks %v", name, disks)
	}
}

// TestGuestRefused puts in sticks that cannot be used, each with its reason.
func TestGuestRefused(t *testing.T) {
	g := newGuest(t)
	for _, c := range []struct {
		name string
		why  ipc.StickFault
	}{
		{"ntfs", ipc.FaultNTFS}, {"ext4", ipc.FaultLinux}, {"bitlocker", ipc.FaultBitLocker}, {"apple", ipc.FaultApple}, {"iso", ipc.FaultISO}, {"blank", ipc.FaultFormat}, {"switch on", ipc.FaultProtected},
		{"chain to itself", ipc.FaultFormat}, {"over each other", ipc.FaultFormat}, {"behind the end", ipc.FaultFormat}, {"millions", ipc.FaultFormat},
	} {
		g.do("insert " + c.name)
		if m := g.state(ipc.StickRefused); m.Why != c.why {
			t.Errorf("%s: got why %d, want %d", c.name, m.Why, c.why)
		}
		if strings.Contains(read("/proc/self/mounts"), "/run/stick") {
			t.Errorf("%s: it is mounted", c.name)
		}
		g.do("pull")
		g.state(ipc.StickAbsent)
	}
}

// begun starts a session with the stick that is in.
func (g *guest) begun() {
	g.t.Helper()
	g.begin(one, 10*time.Minute)
	answer[*ipc.Scanner](g.rig, nil)
}

// over ends the session and says how it did.
func (g *guest) over() {
	g.t.Helper()
	if err := g.worker.Send(&ipc.Finish{}); err != nil {
		g.t.Error(err)
	}
	if m := g.ended(one); m.How != ipc.HowExited {
		g.t.Errorf("got %+v, want it ended by itself", m)
	}
}

// saves saves to the stick of a session that has begun, lets it go, ends the session, pulls the stick and has it looked at.
func (g *guest) saves(name string) {
	g.t.Helper()
	if m := answer[*ipc.Saved](g.rig, kib(3001)); m.Bytes != 3001<<10 {
		g.t.Errorf("%s: got %d bytes saved", name, m.Bytes)
	}
	g.send(&ipc.Eject{})
	g.state(ipc.StickOut)
	g.over()
	g.do("pull")
	g.state(ipc.StickAbsent)
	g.do("look " + name)
}

func kib(n uint64) *ipc.Save {
	return &ipc.Save{Format: ipc.PDF, Session: n, Pages: []ipc.Ref{{Page: 1}}}
}

// TestGuestSaves writes to good sticks; whether the files are there is looked at outside.
func TestGuestSaves(t *testing.T) {
	g := newGuest(t)
	for _, name := range []string{"vfat", "exfat", "vfat without a table", "exfat without a table", "two cards"} {
		g.do("insert " + name)
		if m := g.state(ipc.StickReady); m.Free < 4<<20 {
			t.Errorf("%s: got %d bytes free", name, m.Free)
		}
		mounts := read("/proc/self/mounts")
		i := strings.Index(mounts, " /run/stick ")
		for _, option := range []string{"nosuid", "nodev", "noexec", "nosymfollow", "uid=990"} {
			if i < 0 || !strings.Contains(strings.SplitN(mounts[i:], "\n", 2)[0], option) {
				t.Errorf("%s: no %s in %s", name, option, mounts)
			}
		}
		g.longest(name)
		g.begun()
		var of unix.Stat_t
		if err := unix.Stat("/tmp/vault/000001.vlog", &of); err != nil || of.Uid != scanUser {
			t.Errorf("%s: got a worker of user %d, %v, want %d", name, of.Uid, err, scanUser)
		}
		g.saves(name)
	}
}

// longest asks for the longest file: vfat's lengths have 32 bits.
func (g *guest) longest(name string) {
	g.t.Helper()
	root, err := os.Open("/run/stick")
	if err != nil {
		g.t.Fatal(err)
	}
	defer root.Close()
	if n := stick.Largest(root); (n == 1<<32-1) != !strings.HasPrefix(name, "exfat") {
		g.t.Errorf("%s: got files of %d bytes at most", name, n)
	}
}

// TestGuestFull is told before a byte, and in time for a smaller save.
func TestGuestFull(t *testing.T) {
	g := newGuest(t)
	g.do("insert small")
	g.state(ipc.StickReady)
	g.begun()
	if m := answer[*ipc.Unsaved](g.rig, kib(20000)); m.Why != ipc.SaveFull {
		t.Errorf("got %+v, want full", m)
	}
	answer[*ipc.Saved](g.rig, kib(100))
	g.over()
	g.do("pull")
	g.state(ipc.StickAbsent)
}

// TestGuestFake is a stick that has less than it says: what is gone is found before anybody relies on it.
func TestGuestFake(t *testing.T) {
	g := newGuest(t)
	g.do("insert liar")
	g.state(ipc.StickReady)
	g.begun()
	if m := answer[*ipc.Unsaved](g.rig, kib(20<<10)); m.Why != ipc.SaveDiffers {
		t.Errorf("got %+v, want what was read back differs", m)
	}
	g.send(&ipc.End{Session: one})
	g.ended(one)
	g.do("pull")
	g.state(ipc.StickAbsent)
}

// TestGuestTables is a stick that loses a block of its tables after the file was read back well: behind the
// kernel's back, by way of the whole disk, whose page cache is not the partition's.
func TestGuestTables(t *testing.T) {
	g := newGuest(t)
	for _, name := range []string{"vfat", "exfat"} {
		g.do("insert " + name)
		g.state(ipc.StickReady)
		g.begun()
		answer[*ipc.Saved](g.rig, kib(100))
		g.spoil()
		g.send(&ipc.Eject{})
		m := expect(g.rig, func(m *ipc.Stick) bool { return m.State == ipc.StickOut || m.State == ipc.StickRefused })
		if m.State != ipc.StickRefused || m.Why != ipc.FaultFake {
			t.Errorf("%s: got %+v, want it refused", name, m)
		}
		g.over()
		g.do("pull")
		g.state(ipc.StickAbsent)
	}
}

// spoil changes the first block in which the partition's beginning differs from zero behind its boot
// sectors: a table, on both file systems.
func (g *guest) spoil() {
	g.t.Helper()
	f, err := os.OpenFile("/dev/sda", os.O_RDWR|unix.O_SYNC, 0)
	if err != nil {
		g.t.Fatal(err)
	}
	defer f.Close()
	const first, boot = 1 << 20, 24 * 512
	b := make([]byte, 512)
	for at := int64(first + boot); at < first+(8<<20); at += 512 {
		if _, err := f.ReadAt(b, at); err != nil {
			g.t.Fatal(err)
		}
		if bytes.Count(b, []byte{0}) == len(b) {
			continue
		}
		b[0] ^= 0x55
		if _, err := f.WriteAt(b, at); err != nil {
			g.t.Fatal(err)
		}
		return
	}
	g.t.Fatal("no table was found")
}

// TestGuestPulled takes the stick out at every step: there is a clear state, and the next one works.
func TestGuestPulled(t *testing.T) {
	g := newGuest(t)
	// at says when: the stick is pulled inside the hook, so the guest is where it says.
	for n, c := range []struct {
		name string
		to   func()
		save bool // a save was under way
		want ipc.StickState
	}{
		{"nobody uses it", func() {}, false, ipc.StickPulled},
		{"a worker has it", func() { g.begun() }, false, ipc.StickPulled},
		{"first bytes", func() { g.begun(); g.worker.Send(kib(30 << 10)); g.progress(1, false) }, true, ipc.StickPulled},
		{"in the middle", func() { g.begun(); g.worker.Send(kib(30 << 10)); g.progress(12<<20, false) }, true, ipc.StickPulled},
		{"last bytes", func() { g.begun(); g.worker.Send(kib(30 << 10)); g.progress(30<<20, false) }, true, ipc.StickPulled},
		{"reading back", func() { g.begun(); g.worker.Send(kib(30 << 10)); g.progress(4<<20, true) }, true, ipc.StickPulled},
		{"saved", func() { g.begun(); answer[*ipc.Saved](g.rig, kib(3000)) }, false, ipc.StickPulled},
		{"unmounted", func() {
			g.begun()
			answer[*ipc.Saved](g.rig, kib(3000))
			g.send(&ipc.Eject{})
			g.state(ipc.StickOut)
		}, false, ipc.StickAbsent},
	} {
		g.do([]string{"insert vfat", "insert exfat"}[n%2])
		g.state(ipc.StickReady)
		c.to()
		g.do("pull")
		if c.save {
			g.lost(c.name)
		}
		g.state(c.want)
		g.unmounted(c.name)
		if c.name != "nobody uses it" {
			g.over()
		}
		t.Logf("%s: well", c.name)
	}
}

// unmounted waits until the dead mount is gone: that is done beside telling of it.
func (g *guest) unmounted(name string) {
	g.t.Helper()
	for late := time.Now().Add(patience); strings.Contains(read("/proc/self/mounts"), "/run/stick"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			g.t.Fatalf("%s: still mounted", name)
		}
	}
}

// progress waits until so many bytes are on the stick, or have been read back.
func (g *guest) progress(n int64, check bool) {
	g.t.Helper()
	for {
		m := answer[*ipc.Progress](g.rig, nil)
		if m.Check == check && m.Done >= n {
			return
		}
	}
}

// lost waits for the end of a save. It may have come to its end before the stick was out.
func (g *guest) lost(name string) {
	g.t.Helper()
	for {
		m, _, err := g.worker.Receive()
		if err != nil {
			g.t.Fatal(err)
		}
		switch m := m.(type) {
		case *ipc.Unsaved:
			g.t.Logf("%s: why %d", name, m.Why)
			return
		case *ipc.Saved:
			g.t.Errorf("%s: got it saved", name)
			return
		}
	}
}

// TestGuestFlood has the kernel say more about devices than anybody can listen to, while a stick is in use:
// the stick is left alone, and its end is heard although that word may be among those lost.
func TestGuestFlood(t *testing.T) {
	g := newGuest(t)
	g.do("insert vfat")
	g.state(ipc.StickReady)
	g.begun()
	flood(t)
	if m := answer[*ipc.Saved](g.rig, kib(3001)); m.Bytes != 3001<<10 {
		t.Errorf("got %d bytes saved", m.Bytes)
	}
	flood(t)
	g.send(&ipc.Eject{})
	g.state(ipc.StickOut)
	g.over()
	go flood(t)
	g.do("pull")
	g.state(ipc.StickAbsent)
	g.do("insert vfat")
	g.state(ipc.StickReady)
	g.do("pull")
	g.state(ipc.StickPulled)
}

// flood has the kernel repeat its word about a device that nobody cares for, more often than a socket's
// queue is long (some hundred).
func flood(t *testing.T) {
	t.Helper()
	f, err := os.OpenFile("/sys/class/mem/null/uevent", os.O_WRONLY, 0)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	for range 5000 {
		if _, err := f.WriteString("change"); err != nil {
			t.Error(err)
			return
		}
	}
}

// TestGuestSpeed saves beside a plain copy with fsync, in turn, on a stick of 10 MB/s. It fails when even the
// upper bound of the figure is too little (of the median of nine pairs, 96 %): then it is not the
// host's other work.
func TestGuestSpeed(t *testing.T) {
	g := newGuest(t)
	g.do("insert slow")
	g.state(ipc.StickReady)
	root, err := os.Open("/run/stick")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var ratios []float64
	for n := range 9 {
		ratios = append(ratios, pair(t, root, n))
	}
	slices.Sort(ratios)
	t.Logf("RATIO %.2f (%.2f to %.2f) of a plain copy's speed", ratios[4], ratios[1], ratios[7])
	if ratios[7] < 0.9 {
		t.Errorf("got at most %.2f of a plain copy's speed, want 0.9", ratios[7])
	}
	unix.Sync()
	root.Close()
	g.do("pull")
	g.state(ipc.StickPulled)
}

// pair copies and saves the same number of bytes, and returns how much faster the save was.
func pair(t *testing.T, root *os.File, n int) float64 {
	t.Helper()
	const size = 6 << 20
	begun := time.Now()
	plain, err := os.Create(fmt.Sprintf("/run/stick/plain%d", n))
	if err != nil {
		t.Fatal(err)
	}
	for range size >> 20 {
		if _, err := plain.Write(bytes.Repeat([]byte{'P'}, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := plain.Sync(); err != nil {
		t.Fatal(err)
	}
	plain.Close()
	copied := time.Since(begun)
	begun = time.Now()
	s, err := stick.Save(t.Context(), root, stick.Job{Label: stick.Label{Session: uint64(n)}, Extension: "pdf", Need: size,
		Write: func(to io.Writer) error {
			_, err := io.Copy(to, io.LimitReader(pattern{}, size))
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	saved := time.Since(begun)
	begun = time.Now()
	if err := stick.Verify(t.Context(), root, s, nil); err != nil {
		t.Fatal(err)
	}
	t.Logf("copy with fsync %v, save %v; read back %v", copied, saved, time.Since(begun))
	return float64(copied) / float64(saved)
}
