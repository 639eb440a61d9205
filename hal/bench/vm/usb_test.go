//go:build vm

package vm

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/virtusb"
)

// rig is the device that the contract of hal/usb asks for.
type rig struct {
	t    *testing.T
	g    *Guest
	dev  *virtusb.Device
	hung bool
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
	switch what {
	case "plug":
		r.dev = r.device(2, 1)
		return r.g.USB[0].Plug(r.dev)
	case "simplex":
		r.dev = r.device(1, 0)
		return r.g.USB[0].Plug(r.dev)
	case "unplug":
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

// guestTest compiles a package's tests for the guest.
func guestTest(t *testing.T, arch, name string) File {
	t.Helper()
	to := filepath.Join(t.TempDir(), name)
	err := run(t.Context(), "", crossEnv(arch), "go", "test", "-c", "-tags", "vmguest", "-o", to,
		"sps-kiosk/hal/bench/vm/guest/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return File{Path: "/bin/" + name, From: to}
}

// TestLibusb runs the contract of hal/usb on the real libusb in the guest: every hook crosses
// usb-redir, xHCI and usbfs. The printer class driver usblp is loaded, as on any system.
func TestLibusb(t *testing.T) {
	g := boot(t, Config{
		Files:   []File{guestTest(t, "amd64", "usbcontract")},
		Modules: []string{"usblp"},
	})
	ctx := within(t, 3*time.Minute)
	p, err := g.Start(ctx, "usbcontract", nil, "/bin/usbcontract", "-test.v", "-test.timeout=150s")
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, g: g}
	for {
		_, m, err := p.Expect(ctx, `^HOOK (\d+) (\w+)$`)
		if err != nil {
			break
		}
		if err := r.hook(m[2]); err != nil {
			t.Errorf("hook %s: %v", m[0], err)
		}
		if err := g.WriteFile(ctx, "/tmp/hook."+m[1], nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	end, err := p.Wait(ctx)
	if err != nil || end.Code != 0 {
		t.Errorf("got %+v, %v, want the contract passed:\n%s", end, err, p.Output())
	}
	if n := strings.Count(p.Output(), "--- PASS: TestContract/"); n < 11 {
		t.Errorf("got %d parts of the contract passed, want at least 11", n)
	}
}
