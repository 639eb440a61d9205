package stick

import (
	"errors"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestLostNews looks at every socket after news of the kernel were lost: what is in use stays in use, what is
// gone or another one is noticed.
func TestLostNews(t *testing.T) { synctest.Test(t, lostNews) }

func lostNews(t *testing.T) {
	const port = "1-1.3"
	dev := newSocket(t, Ports{port: Citizen}, port, device(0, bulk))
	s := &Socket{Gate: dev.g, Log: slog.New(slog.DiscardHandler), decided: map[string]string{}}
	ready := time.NewTimer(time.Hour)
	gone := 0
	look := func() {
		s.hear(Event{Action: "lost"}, ready, func(port string) {
			gone++
			delete(s.decided, port)
		})
	}
	look()
	probed := func() string { return dev.read("../drivers_probe") }
	if probed() == "" || dev.read(port+"/authorized") != "1" {
		t.Fatal("a stick is not let in")
	}
	dev.write("../drivers_probe", "")
	asked := 0
	dev.says = func(bool) []byte { asked++; return dev.kept }
	look()
	if asked != 0 || probed() != "" || gone != 0 || dev.read(port+"/authorized") != "1" {
		t.Errorf("a stick in use was asked %d times, looked for a driver at %q, gone %d times", asked, probed(), gone)
	}
	lost := time.Now()
	if <-ready.C; time.Since(lost) != settle {
		t.Error("nobody looks at the disks of the stick, whose news were lost")
	}
	dev.write(port+"/devnum", "9")
	look()
	if gone != 1 || asked == 0 || probed() == "" {
		t.Errorf("another stick: gone %d times, asked %d times, a driver looked for at %q", gone, asked, probed())
	}
	if err := os.RemoveAll(dev.g.at(port)); err != nil {
		t.Fatal(err)
	}
	look()
	if gone != 2 || len(s.decided) != 0 {
		t.Errorf("a stick that went: gone %d times, still known %v", gone, s.decided)
	}
}

// TestNotSettled is a device of which the kernel has told before it is done with it: nothing is decided and nothing
// authorised until it says "bind".
func TestNotSettled(t *testing.T) {
	for role, port := range map[Role]string{Citizen: "1-1.3", Printer: "1-1.2"} {
		raw := device(0, bulk)
		if role == Printer {
			raw = device(0, [3]uint8{7, 1, 2})
		}
		dev := newSocket(t, Ports{port: role}, port, raw)
		s := &Socket{Gate: dev.g, Log: slog.New(slog.DiscardHandler), decided: map[string]string{}, expelled: map[string]bool{}}
		if err := errors.Join(s.Gate.Lock(), s.Gate.Refuse(port), os.RemoveAll(dev.g.at(port, "driver"))); err != nil {
			t.Fatal(err)
		}
		hear := func(action, name string) {
			e := Event{Action: action, Path: "/devices/pci0000:00/usb1/1-1/" + name, Subsystem: "usb"}
			s.hear(e, time.NewTimer(time.Hour), func(string) { t.Errorf("%s: it is gone", role) })
		}
		hear("add", port)
		if dev.read(port+"/authorized") != "0" || len(s.decided) != 0 {
			t.Errorf("%s: got authorized=%s, decided %v before the kernel is done with it", role, dev.read(port+"/authorized"), s.decided)
		}
		dev.write(port+"/driver/module", "")
		hear("bind", port+"/"+port+":1.0") // of an interface: no word about the device
		if len(s.decided) != 0 {
			t.Errorf("%s: decided %v at the word about an interface", role, s.decided)
		}
		hear("bind", port)
		if dev.read(port+"/authorized") != "1" || dev.read(port+"/"+port+":1.0/authorized") != "1" {
			t.Errorf("%s: got authorized=%s and %s for its interface when the kernel is done with it", role, dev.read(port+"/authorized"), dev.read(port+"/"+port+":1.0/authorized"))
		}
	}
}

// TestForgotten is a device that the kernel is told to forget: it stays refused, and what is plugged in next is
// decided about and noticed when it goes.
func TestForgotten(t *testing.T) {
	const port = "1-1.3"
	torn := device(0, bulk, bulk, bulk)
	torn[18+9+2*16+2] = 0 // interface 0, again
	dev := newSocket(t, Ports{port: Citizen}, port, torn)
	s := &Socket{Gate: dev.g, Log: slog.New(slog.DiscardHandler), decided: map[string]string{}, expelled: map[string]bool{}}
	ready := time.NewTimer(time.Hour)
	gone := 0
	s.admit(port, ready)
	asked := 0
	dev.says = func(bool) []byte { asked++; return torn }
	for _, late := range []string{"bind", "lost"} { // words about it while it is on its way out
		s.hear(Event{Action: late, Path: "/devices/pci0000:00/usb1/1-1/" + port, Subsystem: "usb"}, ready, func(string) { gone++ })
	}
	if asked != 0 || !s.expelled[port] {
		t.Errorf("it was asked %d times again, known as forgotten: %v", asked, s.expelled[port])
	}
	if s.removed(port, func(string) { gone++ }); gone != 0 || s.refused == nil || dev.read(port+"/remove") != "1" {
		t.Errorf("got it gone %d times, refused with %v, forgotten by the kernel: %q", gone, s.refused, dev.read(port+"/remove"))
	}
	sound := device(0, bulk)
	dev.kept, dev.says = sound, func(bool) []byte { return sound }
	dev.write(port+"/descriptors", string(sound))
	dev.write(port+"/devnum", "3")
	s.admit(port, ready)
	if s.refused != nil || dev.read(port+"/authorized") != "1" {
		t.Errorf("the next one: refused with %v, authorized=%s", s.refused, dev.read(port+"/authorized"))
	}
	if s.removed(port, func(string) { gone++ }); gone != 1 {
		t.Errorf("the next one went %d times, want once", gone)
	}
}
