//go:build vm

package scenario

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/virtusb/fault"
	"sps-kiosk/hal/bench/vm"
	"sps-kiosk/hal/bench/vm/card"
)

const (
	citizens   = 1  // socket of the guest; the printer is in 0
	fence      = 2  // socket behind it, for vm.Guest.Settle
	mutants    = 24 // devices whose descriptors chance has spoilt
	everyPress = 8  // devices to a ticket
)

// TestHostileUSB plugs what means harm into a socket beside the printer of a kiosk without a porter: lying and
// spoilt descriptors, keyboards, network cards, disks whose tables nobody could have made by mistake, with the
// printer's cable pulled and put back beside some of them, so that the firmware looks at what is plugged in; then
// the printer itself answers rubbish. The queue serves all the time, and the kernel does not stumble (A11).
// What a mounted FAT or exFAT can do is the porter's (TestPorterSticks), and so is the one device that would
// keep libusb's binding from listing anything (TestPorterForgotten).
func TestHostileUSB(t *testing.T) {
	t.Parallel()
	k := placeHostile(t)
	row := results.begin(t, k)
	s := stage.New(t, k)
	row.begun = time.Now()
	known(t, k.Machine().PrinterDevice())
	n := 0
	serves := func() {
		n++
		s.Press("А")
		slip(t, s, fmt.Sprintf("А%03d", n))
		s.Machine().Tear()
	}
	serves()
	all := harmful()
	for i, d := range all {
		visit(t, k, d.Name, d.Device, func() {
			if i%everyPress != 3 { // 3 is the first whose description libusb refuses
				return
			}
			s.Replug(func() {}) // the firmware must find its printer among what is plugged in
			known(t, k.Machine().PrinterDevice())
			serves()
		})
	}
	for name, image := range tables() {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, image, 0o600); err != nil {
			t.Fatal(err)
		}
		g := k.Guest()
		if err := g.Insert(t.Context(), vm.Stick{LUNs: []vm.LUN{{Image: path}}}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		serves()
		if err := g.Pull(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	printer := k.Machine().PrinterDevice()
	printer.SetFault(fault.Garbage(0x81, 1))
	s.Press("С")
	s.Call(1)
	s.Call(1) // opens and calls, whatever the printer says
	s.HandsetLamp(1, true)
	printer.SetFault(nil)
	if said := k.Guest().Console(); strings.Contains(said, "BUG:") || strings.Contains(said, "Oops") || strings.Contains(said, "Call Trace") {
		t.Errorf("the kernel stumbled:\n%s", said)
	}
	results.figure(t, "%d devices, %d tables of partitions, %d tickets between them", len(all), len(tables()), n)
}

// placeHostile is place with every driver that hostile devices may wake.
func placeHostile(t *testing.T) *vm.Kiosk {
	t.Helper()
	guests.take(t)
	kernel, err := vm.Build(t.Context(), vm.Options{Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	c, err := card.Format(t.Context(), 128<<20)
	if err != nil {
		t.Fatal(err)
	}
	k, err := vm.NewKiosk(vm.Config{
		Kernel: kernel, Log: t.Logf, Modules: []string{"usblp", "i2c-dev", "usb-storage", "sd-mod", "usbhid", "hid-generic", "cdc-ether"},
		Files: []vm.File{{Path: "/usr/share/zoneinfo/Europe/Samara", From: "/usr/share/zoneinfo/Europe/Samara"}},
	}, vm.Firmware{Binary: firmware(t), Settings: text(t, settings), Catalog: text(t, catalogBeside(settings)), Layout: layout()}, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if g := k.Guest(); g != nil && t.Failed() {
			t.Logf("console:\n%s", g.Console())
		}
		k.Close(false)
	})
	return k
}

// visit plugs a device in, lets the kernel look at it as long as it wants to, does something beside it, and takes
// it out. It is over when the kernel has forgotten the device.
func visit(t *testing.T, k *vm.Kiosk, name string, d *virtusb.Device, beside func()) {
	t.Helper()
	first := make(chan bool, 1)
	d.SetFault(func(x *virtusb.Transfer) bool {
		select {
		case first <- true:
		default:
		}
		return false
	})
	ctx, cancel := context.WithTimeout(t.Context(), stage.Patience)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	g := k.Guest()
	must(g.USB[citizens].Plug(d))
	select {
	case <-first:
	case <-ctx.Done():
		t.Fatalf("%s: the kernel asks it nothing", name)
	}
	must(g.Settle(ctx, fence))
	beside()
	must(g.Withdraw(ctx, citizens, fence))
}

// harmful are devices that nobody should plug in, fresh ones, the same in every run.
func harmful() []fault.Lie {
	disk := virtusb.Interface{Class: 8, SubClass: 6, Protocol: 0x50, In: 1, Out: 2}
	kinds := []struct {
		name string
		part virtusb.Interface
	}{{"disk", disk}, {"keyboard", virtusb.Interface{Class: 3, SubClass: 1, Protocol: 1, In: 1}},
		{"network card", virtusb.Interface{Class: 2, SubClass: 6, In: 1, Out: 2}}}
	of := func(part virtusb.Interface) *virtusb.Device {
		return virtusb.NewDevice(virtusb.High, 0x0781, 0x5567, 512, "Bench", "Stick", "S1", part)
	}
	all := fault.Lies(func() *virtusb.Device { return of(disk) })
	for _, x := range kinds {
		all = append(all, fault.Lie{Name: x.name, Device: of(x.part)})
	}
	random := rand.New(rand.NewPCG(12, 6))
	for i := range mutants {
		x := kinds[i%len(kinds)]
		d := of(x.part)
		for range 1 + random.IntN(6) {
			if random.IntN(3) == 0 {
				d.Desc[random.IntN(len(d.Desc))] = byte(random.Uint32())
			} else {
				d.Config[random.IntN(len(d.Config))] = byte(random.Uint32())
			}
		}
		if d.Config[9+5] == 7 || d.Desc[4] == 7 {
			continue // a second printer is no attack: the settings name the port
		}
		all = append(all, fault.Lie{Name: fmt.Sprintf("%s spoilt by chance, %d", x.name, i), Device: d})
	}
	return all
}

// tables are disks whose partitions mean harm: they overlap, go round in a circle, have no end.
func tables() map[string][]byte {
	const sector = 512
	entry := func(b []byte, n int, kind byte, first, count uint32) {
		e := b[446+16*n:]
		e[4] = kind
		binary.LittleEndian.PutUint32(e[8:], first)
		binary.LittleEndian.PutUint32(e[12:], count)
		b[510], b[511] = 0x55, 0xaa
	}
	blank := func() []byte { return make([]byte, 2<<20) }
	circle := blank()
	entry(circle, 0, 5, 1, 4000)
	entry(circle[sector:], 1, 5, 0, 4000) // the extended partition names itself
	endless := blank()
	for i := range 4 {
		entry(endless, i, 0x0c, uint32(i), 0xffffffff)
	}
	gpt := blank()
	entry(gpt, 0, 0xee, 1, 0xffffffff)
	copy(gpt[sector:], "EFI PART")
	binary.LittleEndian.PutUint32(gpt[sector+12:], 0xffff) // length of the header
	binary.LittleEndian.PutUint64(gpt[sector+72:], 1<<62)  // its entries
	binary.LittleEndian.PutUint32(gpt[sector+80:], 0xffffffff)
	noise := blank()
	random := rand.New(rand.NewPCG(6, 12))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	copy(noise[510:], []byte{0x55, 0xaa})
	return map[string][]byte{"circle": circle, "endless": endless, "gpt": gpt, "noise": noise, "empty of all": bytes.Repeat([]byte{0xff}, 2<<20)}
}
