package stick

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// socket is a tree as sysfs has it, with one device whose own words may differ from the kernel's. What
// a real kernel does with it is in the guest.
type socket struct {
	t    *testing.T
	g    Gate
	port string
	says func(authorized bool) []byte // the device's own descriptors
	kept []byte                       // the kernel's
}

func newSocket(t *testing.T, ports Ports, port string, raw []byte) *socket {
	s := &socket{t: t, port: port, kept: raw, says: func(bool) []byte { return raw }}
	s.g = Gate{Sys: t.TempDir(), Dev: t.TempDir(), Ports: ports, Ask: s.ask}
	s.write("usb1/authorized_default", "1")
	s.write("usb1/interface_authorized_default", "1")
	s.write(port+"/descriptors", string(raw))
	s.write(port+"/busnum", "1")
	s.write(port+"/devnum", "2")
	s.write(port+"/authorized", "1")
	s.write(port+"/remove", "")
	s.write(port+"/driver/module", "") // the kernel's own, which every device has once it is settled
	for n := range int(raw[18+4]) {
		dir := fmt.Sprintf("%s/%s:1.%d", port, port, n)
		s.write(dir+"/bInterfaceNumber", fmt.Sprintf("%02x", n))
		s.write(dir+"/authorized", "0")
	}
	s.write("../drivers_probe", "")
	return s
}

func (s *socket) write(path, text string) {
	s.t.Helper()
	path = s.g.at(path)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *socket) read(path string) string {
	s.t.Helper()
	b, err := os.ReadFile(s.g.at(path))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// ask answers as the device.
func (s *socket) ask(_ string, r Request) ([]byte, error) {
	raw := s.says(s.read(s.port+"/authorized") == "1")
	switch {
	case r.Type == 0x81 && r.Value == 0x2200:
		return touchReport, nil
	case r.Value == 0x0100:
		return raw[:18], nil
	case r.Value == 0x0200:
		return raw[18:][:min(int(r.Length), len(raw)-18)], nil
	}
	return nil, errors.New("stall")
}

// TestGate admits and refuses, and looks at what the kernel was told.
func TestGate(t *testing.T) {
	ports := Ports{"1-1.3": Citizen, "1-1.2": Printer, "1-2": Touch}
	sound := device(0, bulk)
	torn := device(0, bulk, bulk, bulk)
	torn[18+9+2*16+2] = 0 // interface 0, again
	for _, c := range []struct {
		name, port string
		raw        []byte
		says       func(bool) []byte
		want       error  // nil: admitted
		open       string // interfaces that drivers may have
	}{
		{"stick", "1-1.3", sound, nil, nil, "1"},
		{"stick with a keyboard", "1-1.3", device(0, bulk, keyboard), nil, NotStorage, "00"},
		{"other words at once", "1-1.3", sound, func(bool) []byte { return device(0, bulk, bulk) }, Changed, "0"},
		{"other words once it is in", "1-1.3", sound, func(in bool) []byte {
			if in {
				return device(0, keyboard)
			}
			return sound
		}, Changed, "0"},
		{"one byte once it is in", "1-1.3", sound, func(in bool) []byte {
			b := bytes.Clone(sound)
			if in {
				b[12]++
			}
			return b
		}, Changed, "0"},
		{"printer with a disk", "1-1.2", device(0, [3]uint8{7, 1, 2}, bulk), nil, nil, "10"},
		{"nobody's port", "1-4", sound, nil, errClosed, "0"},
		{"one setting twice", "1-1.3", torn, nil, NotStorage, "000"},
		{"one setting twice, other words", "1-1.3", torn, func(bool) []byte { return sound }, Changed, "000"},
		{"touch", "1-2", device(0, [3]uint8{3, 0, 0}), nil, nil, "1"},
	} {
		s := newSocket(t, ports, c.port, c.raw)
		if c.says != nil {
			s.says = c.says
		}
		if err := s.g.Lock(); err != nil {
			t.Fatal(err)
		}
		_, err := s.g.Admit(c.port)
		if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if got := s.read(c.port + "/authorized"); (got == "1") != (c.want == nil) {
			t.Errorf("%s: got authorized=%s", c.name, got)
		}
		if got := s.read(c.port+"/remove") == "1"; got != strings.HasPrefix(c.name, "one setting twice") {
			t.Errorf("%s: got it forgotten: %v", c.name, got)
		}
		open := ""
		for n := range int(c.raw[18+4]) {
			open += s.read(fmt.Sprintf("%s/%s:1.%d/authorized", c.port, c.port, n))
		}
		if open != c.open {
			t.Errorf("%s: got interfaces %s, want %s", c.name, open, c.open)
		}
		if probed := s.read("../drivers_probe"); (probed != "") != (c.want == nil) {
			t.Errorf("%s: a driver was looked for: %q", c.name, probed)
		}
		if s.read("usb1/authorized_default") != "0" || s.read("usb1/interface_authorized_default") != "0" {
			t.Errorf("%s: the host is open", c.name)
		}
	}
}

// TestAnotherInItsPlace is a device that was exchanged between the two readings: the kernel's copy has
// changed with it, so only the first reading tells.
func TestAnotherInItsPlace(t *testing.T) {
	s := newSocket(t, Ports{"1-1.3": Citizen}, "1-1.3", device(0, bulk))
	other := device(0, bulk, bulk)
	asked := 0
	s.says = func(bool) []byte {
		switch asked++; {
		case asked < 3: // device, head of the configuration
			return device(0, bulk)
		case asked == 3: // the whole of it: the last question of the first reading
			s.write("1-1.3/descriptors", string(other))
			return device(0, bulk)
		}
		return other
	}
	if _, err := s.g.Admit("1-1.3"); err == nil || s.read("1-1.3/authorized") != "0" {
		t.Errorf("got %v, authorized=%s", err, s.read("1-1.3/authorized"))
	}
}

// TestNobody refuses what is gone already, and finds devices with hubs first.
func TestNobody(t *testing.T) {
	s := newSocket(t, Ports{"1-1.3": Citizen}, "1-1.3", device(0, bulk))
	s.write("1-1/authorized", "1")
	if got, err := s.g.Devices(); err != nil || fmt.Sprint(got) != "[1-1 1-1.3]" {
		t.Errorf("got %v, %v", got, err)
	}
	if err := s.g.Refuse("1-1.4"); err != nil {
		t.Error(err)
	}
	if _, err := s.g.Admit("1-1.4"); err == nil {
		t.Error("nothing was admitted")
	}
}
