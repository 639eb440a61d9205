//go:build vm

package vm

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/virtusb/fault"
)

// rig is the device that the contract of hal/usb asks for.
type rig struct {
	t     *testing.T
	g     *Guest
	dev   *virtusb.Device
	lies  []fault.Lie
	lying bool // one of lies is plugged in
}

// device is printer-shaped and gives back what it gets.
func (r *rig) device(protocol, in uint8) *virtusb.Device {
	var back virtusb.InPipe
	d := virtusb.NewDevice(virtusb.High, 0x0416, 0x5011, 512, "Bench", "Echo", "E1",
		virtusb.Interface{Class: 7, SubClass: 1, Protocol: protocol, In: in, Out: 2})
	d.Reset = func(string) { back.Clear() }
	d.Control = func(t *virtusb.Transfer) bool {
		return t.Setup.Type == 0xa1 && t.Setup.Request == 1 && t.Reply([]byte{0x18})
	}
	d.Bulk = func(t *virtusb.Transfer) {
		if t.In() {
			back.Take(t)
		} else if t.Reply(nil) {
			back.Send(t.Data)
		}
	}
	return d
}

func (r *rig) hook(what string) error {
	var n int
	if _, err := fmt.Sscanf(what, "lie%d", &n); err == nil {
		r.t.Logf("plugging: %s", r.lies[n].Name)
		r.lying = true
		return r.g.USB[0].Plug(r.lies[n].Device)
	}
	if _, err := fmt.Sscanf(what, "scanner%d", &n); err == nil {
		return r.scanner(n)
	}
	switch what {
	case "plug":
		r.dev = r.device(2, 1)
		return r.g.USB[0].Plug(r.dev)
	case "simplex":
		r.dev = r.device(1, 0)
		return r.g.USB[0].Plug(r.dev)
	case "unplug":
		if r.lying {
			return r.withdraw()
		}
		if r.g.USB[0].Device() != nil {
			return r.g.USB[0].Unplug()
		}
	case "stall":
		r.dev.Halt(2)
	case "hang":
		r.dev.SetFault(func(t *virtusb.Transfer) bool { return t.EP == 2 })
	case "flow":
		r.dev.SetFault(nil)
	default:
		return fmt.Errorf("unknown hook %q", what)
	}
	return nil
}

// withdraw takes a liar out when the kernel is done with it: the sound device that follows is not to be taken for it.
func (r *rig) withdraw() error {
	r.lying = false
	ctx, cancel := context.WithTimeout(r.t.Context(), stage.Patience)
	defer cancel()
	if err := r.g.Settle(ctx, 1); err != nil {
		return err
	}
	return r.g.Withdraw(ctx, 0, 1)
}

// guestTest compiles a package's tests for the guest.
func guestTest(t *testing.T, arch, name string) File {
	t.Helper()
	to := filepath.Join(t.TempDir(), name)
	err := run(t.Context(), "", GoEnv(arch, true), "go", "test", "-c", "-tags", "vmguest", "-o", to,
		"sps-kiosk/hal/bench/vm/guest/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return File{Path: "/bin/" + name, From: to}
}

// play runs tests of usbcontract in the guest and does what they ask for. It returns what they wrote.
func (r *rig) play(tests string, env ...string) string {
	r.t.Helper()
	r.g = boot(r.t, Config{
		Files:   []File{guestTest(r.t, Arch(), "usbcontract")},
		Modules: []string{"usblp"},
	})
	ctx := within(r.t, 8*time.Minute)
	p, err := r.g.Start(ctx, "usbcontract", env, "/bin/usbcontract", "-test.v", "-test.timeout=7m", "-test.run="+tests)
	if err != nil {
		r.t.Fatal(err)
	}
	return follow(r.t, ctx, p, r.hook)
}

// follow does what a test in the guest asks for, until it ends. It returns what the test wrote.
func follow(t *testing.T, ctx context.Context, p *Process, hook func(what string) error) string {
	t.Helper()
	for {
		_, m, err := p.Expect(ctx, `^HOOK (\d+) (.+)$`)
		if err != nil {
			break // the end, or the limit: Wait tells which
		}
		if err := hook(m[2]); err != nil {
			t.Errorf("%s: %v", m[0], err)
		}
		if err := p.g.WriteFile(ctx, "/tmp/hook."+m[1], nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	end, err := p.Wait(ctx)
	if err != nil || end.Code != 0 {
		t.Errorf("got %+v, %v, want the tests passed:\n%s", end, err, p.Output())
	}
	return p.Output()
}

// TestLibusb runs the contract of hal/usb on the real libusb in the guest: every hook crosses
// usb-redir, xHCI and usbfs. The printer class driver usblp is loaded, as on any system.
func TestLibusb(t *testing.T) {
	t.Parallel()
	r := &rig{t: t}
	if n := strings.Count(r.play("TestContract"), "--- PASS: TestContract/"); n < 11 {
		t.Errorf("got %d parts of the contract passed, want at least 11", n)
	}
}

// TestLies plugs devices with false descriptors into a real kernel.
func TestLies(t *testing.T) {
	t.Parallel()
	r := &rig{t: t}
	r.lies = fault.Lies(func() *virtusb.Device { return r.device(2, 1) })
	if out := r.play("TestLies", fmt.Sprintf("LIES=%d", len(r.lies))); !strings.Contains(out, "--- PASS: TestLies") {
		t.Error("got no word of success")
	}
	if got := r.g.Console(); strings.Contains(got, "BUG:") || strings.Contains(got, "Oops") {
		t.Errorf("the kernel stumbled:\n%s", got)
	}
}
