package stick

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// TestCraftedDescriptors: what contradicts itself is refused, not understood half.
func TestCraftedDescriptors(t *testing.T) {
	sound := device(0, bulk)
	changed := func(at int, to byte) []byte {
		b := append([]byte{}, sound...)
		b[at] = to
		return b
	}
	for name, raw := range map[string][]byte{
		"another length of the device's":     changed(0, 17),
		"another kind of the device's":       changed(1, 2),
		"bytes behind the last":              append(append([]byte{}, sound...), 9, 4, 0, 0, 0, 3, 1, 1, 0),
		"one byte behind the last":           append(append([]byte{}, sound...), 0),
		"more interfaces than promised":      changed(18+4, 0),
		"fewer interfaces than promised":     changed(18+4, 2),
		"a second configuration is missing":  changed(17, 2),
		"a total that is too large":          changed(18+2, 200),
		"a descriptor without length":        changed(18+9, 0),
		"a descriptor beyond the end":        changed(len(sound)-7, 8),
		"more than any device has":           append(append([]byte{}, sound...), make([]byte, descriptorsLimit)...),
		"the last interface's is cut to six": cut(sound),
	} {
		if d, err := ParseDescriptors(raw); err == nil {
			t.Errorf("%s: got %+v", name, d)
		}
	}
	if _, err := ParseDescriptors(sound); err != nil {
		t.Errorf("the sound one: %v", err)
	}
}

// cut is a device whose interface descriptor says that it is shorter than the standard has it; what follows is
// aligned to that.
func cut(sound []byte) []byte {
	b := append([]byte{}, sound[:18+9]...)
	b = append(b, 8, 4, 0, 0, 0, 8, 6, 0x50)
	binary.LittleEndian.PutUint16(b[18+2:], uint16(len(b)-18))
	return b
}

// TestSameIsEveryByte.
func TestSameIsEveryByte(t *testing.T) {
	a, err := ParseDescriptors(device(0, bulk))
	if err != nil {
		t.Fatal(err)
	}
	other := device(0, bulk)
	other[12]++ // the release, which nobody asks for
	b, err := ParseDescriptors(other)
	if err != nil {
		t.Fatal(err)
	}
	if a.Same(b) || !a.Same(a) {
		t.Errorf("got same %v as another, %v as itself", a.Same(b), a.Same(a))
	}
}

// TestADeviceThatTalksWithoutEnd is cut off: by the number of its configurations, and by their length.
func TestADeviceThatTalksWithoutEnd(t *testing.T) {
	for name, c := range map[string]struct {
		configs byte
		total   uint16
		most    int // questions
	}{
		"nine configurations": {9, 9, 1},
		"eight large ones":    {8, 0xffff, 7},
	} {
		s := newSocket(t, Ports{"1-1.3": Citizen}, "1-1.3", device(0, bulk))
		asked := 0
		s.g.Ask = func(_ string, r Request) ([]byte, error) {
			asked++
			if r.Value == 0x0100 {
				d := device(0, bulk)[:18]
				d[17] = c.configs
				return d, nil
			}
			b := make([]byte, r.Length)
			b[0], b[1] = 9, 2
			binary.LittleEndian.PutUint16(b[2:], c.total)
			return b, nil
		}
		if _, err := s.g.live("1-1.3"); err == nil || asked > c.most {
			t.Errorf("%s: got %v after %d questions, want it cut off after %d", name, err, asked, c.most)
		}
	}
}

// TestAPortOfAnother: a port is its whole name.
func TestAPortOfAnother(t *testing.T) {
	for _, text := range []string{"citizen=1-1 printer=1-1", "citizen=1-1 citizen=1-1"} {
		if p, err := ParsePorts(text); err == nil {
			t.Errorf("%q: got %v", text, p)
		}
	}
	p, err := ParsePorts("citizen=1-1.3 printer=1-1.2 hub=1-1")
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := p.Move(Citizen, "1-1.2"); err == nil || !strings.Contains(err.Error(), "printer") {
		t.Errorf("the printer's port for sticks: got %v, %v", moved, err)
	}
	if _, err := p.Decide("1-1.3", Descriptors{}); !errors.Is(err, NotStorage) {
		t.Errorf("a device without interfaces: got %v, want NotStorage", err)
	}
	for name, raw := range map[string][]byte{"a hub by its interface only": device(0, [3]uint8{9, 0, 0}), "a hub with a keyboard": device(9, keyboard)} {
		d, err := ParseDescriptors(raw)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := p.Decide("1-1", d); err == nil {
			t.Errorf("%s: got %+v", name, v)
		}
	}
}

// TestWhether: too long for the file system is another sentence than too much for the stick.
func TestWhether(t *testing.T) {
	for _, c := range []struct {
		need, room int64
		want       error
	}{{10, 10, nil}, {11, 10, Full}, {fatLimit, fatLimit, nil}, {fatLimit + 1, fatLimit, TooLarge}} {
		if err := whether(c.need, c.room); !errors.Is(err, c.want) {
			t.Errorf("%d where %d fit: got %v, want %v", c.need, c.room, err, c.want)
		}
	}
}

// TestClosedBeforeItIsAsked: in the citizen's port a device that the kernel has let in has no power while it is
// looked at; a printer that is in use stays so.
func TestClosedBeforeItIsAsked(t *testing.T) {
	for role, open := range map[Role]bool{Citizen: false, Printer: true} {
		raw := device(0, bulk)
		if role == Printer {
			raw = device(0, [3]uint8{7, 1, 2})
		}
		s := newSocket(t, Ports{"1-1.3": role}, "1-1.3", raw)
		var first []bool
		s.says = func(authorized bool) []byte { first = append(first, authorized); return raw }
		if _, err := s.g.Admit("1-1.3"); err != nil {
			t.Fatal(err)
		}
		if len(first) == 0 || first[0] != open {
			t.Errorf("%s: got it asked while authorised: %v, want %v at first", role, first, open)
		}
	}
}

// TestAKeyboardInATouchScreen gets no driver, whatever its descriptors say.
func TestAKeyboardInATouchScreen(t *testing.T) {
	s := newSocket(t, Ports{"1-2": Touch}, "1-2", device(0, [3]uint8{3, 0, 0}))
	screen := s.g.Ask
	s.g.Ask = func(dev string, r Request) ([]byte, error) {
		if r.Value == 0x2200 {
			return []byte("\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x81\x02\xc0"), nil
		}
		return screen(dev, r)
	}
	if v, err := s.g.Admit("1-2"); err == nil {
		t.Errorf("got %+v, want it refused", v)
	}
	if s.read("1-2/authorized") != "0" || s.read("../drivers_probe") != "" {
		t.Errorf("got authorized=%s, a driver looked for at %q", s.read("1-2/authorized"), s.read("../drivers_probe"))
	}
}
