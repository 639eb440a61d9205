package stick

import (
	"encoding/binary"
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// device makes the descriptors of a device with interfaces of the classes given, in one configuration.
func device(class uint8, interfaces ...[3]uint8) []byte {
	d := []byte{18, 1, 0, 2, class, 0, 0, 64, 0x34, 0x12, 0x78, 0x56, 0, 1, 1, 2, 3, 1}
	c := []byte{9, 2, 0, 0, byte(len(interfaces)), 1, 0, 0x80, 50}
	for n, i := range interfaces {
		c = append(c, 9, 4, byte(n), 0, 1, i[0], i[1], i[2], 0)
		c = append(c, 7, 5, 0x81, 2, 0, 2, 0)
	}
	binary.LittleEndian.PutUint16(c[2:], uint16(len(c)))
	return append(d, c...)
}

var (
	bulk     = [3]uint8{8, 6, 0x50}
	keyboard = [3]uint8{3, 1, 1}
)

// TestPolicy puts devices into ports.
func TestPolicy(t *testing.T) {
	ports, err := ParsePorts("hub=1-1 network=1-1.1 printer=1-1.2 citizen=1-1.3 scanner=1-1.4 touch=1-2")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, port string
		raw        []byte
		interfaces int // 0: refused
	}{
		{"stick", "1-1.3", device(0, bulk), 1},
		{"stick, UAS", "1-1.3", device(0, [3]uint8{8, 6, 0x62}), 1},
		{"two disks", "1-1.3", device(0, bulk, bulk), 2},
		{"keyboard", "1-1.3", device(0, keyboard), 0},
		{"stick with a keyboard", "1-1.3", device(0, bulk, keyboard), 0},
		{"keyboard with a stick", "1-1.3", device(0, keyboard, bulk), 0},
		{"stick with a network", "1-1.3", device(0, bulk, [3]uint8{2, 6, 0}), 0},
		{"telephone", "1-1.3", device(0, [3]uint8{6, 1, 1}), 0},
		{"composite by the device's own word", "1-1.3", device(0xef, bulk), 0},
		{"hub in front", "1-1.3", device(9, [3]uint8{9, 0, 0}), 0},
		{"floppy", "1-1.3", device(0, [3]uint8{8, 4, 0}), 0},
		{"vendor's own", "1-1.3", device(0, [3]uint8{0xff, 0, 0}), 0},
		{"stick behind", "1-1.2", device(0, bulk), 0},
		{"stick in a closed port", "1-3", device(0, bulk), 0},
		{"stick behind a hub in front", "1-1.3.1", device(0, bulk), 0},
		{"hub", "1-1", device(9, [3]uint8{9, 0, 1}), 1},
		{"keyboard for a hub", "1-1", device(9, [3]uint8{9, 0, 1}, keyboard), 0},
		{"network chip", "1-1.1", device(0xff, [3]uint8{0xff, 0, 0xff}), 1},
		{"printer", "1-1.2", device(0, [3]uint8{7, 1, 2}), 1},
		{"printer with a disk of drivers", "1-1.2", device(0, [3]uint8{7, 1, 2}, bulk), 1},
		{"printer with a keyboard", "1-1.2", device(0, [3]uint8{7, 1, 2}, keyboard), 0},
		{"scanner", "1-1.4", device(0, [3]uint8{7, 1, 4}, [3]uint8{7, 1, 4}, [3]uint8{0xff, 0xff, 0xff}), 3},
		{"touch", "1-2", device(0, [3]uint8{3, 0, 0}), 1},
		{"nothing", "1-1.3", device(0), 0},
	} {
		d, err := ParseDescriptors(c.raw)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		v, err := ports.Decide(c.port, d)
		if got := len(v.Interfaces); (err == nil) != (c.interfaces > 0) || err == nil && got != c.interfaces {
			t.Errorf("%s: got %d interfaces, %v, want %d", c.name, got, err, c.interfaces)
		}
		if err != nil && c.port == "1-1.3" && ProblemOf(err) != NotStorage {
			t.Errorf("%s: got %v, want %q", c.name, err, NotStorage)
		}
	}
}

// TestHiddenInterface: another configuration or alternate setting counts like the first.
func TestHiddenInterface(t *testing.T) {
	ports := Ports{"1-1.3": Citizen}
	alternate := device(0, bulk, keyboard)
	alternate[18+4] = 1      // one interface
	alternate[18+9+16+2] = 0 // the second is an alternate setting of it
	alternate[18+9+16+3] = 1
	second := append(device(0, bulk), device(0, keyboard)[18:]...)
	second[17] = 2
	for name, raw := range map[string][]byte{"alternate setting": alternate, "second configuration": second} {
		d, err := ParseDescriptors(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if v, err := ports.Decide("1-1.3", d); err == nil {
			t.Errorf("%s: got %+v, want a refusal", name, v)
		}
	}
}

// TestOnlyStorageEnters: whatever classes a device has, in the citizen's port all of them are mass
// storage or it is refused.
func TestOnlyStorageEnters(t *testing.T) {
	ports := Ports{"1-1.3": Citizen}
	rapid.Check(t, func(t *rapid.T) {
		triple := rapid.Custom(func(t *rapid.T) [3]uint8 {
			return [3]uint8{rapid.SampledFrom([]uint8{3, 8, 8, 8, 9, 0xff, 0}).Draw(t, "class"),
				rapid.SampledFrom([]uint8{6, 6, 6, 1}).Draw(t, "sub"), rapid.SampledFrom([]uint8{0x50, 0x50, 0x62, 0}).Draw(t, "protocol")}
		})
		all := rapid.SliceOfN(triple, 1, 4).Draw(t, "interfaces")
		d, err := ParseDescriptors(device(0, all...))
		if err != nil {
			t.Fatal(err)
		}
		pure := true
		for _, i := range all {
			pure = pure && i[0] == 8 && i[1] == 6 && (i[2] == 0x50 || i[2] == 0x62)
		}
		if _, err := ports.Decide("1-1.3", d); (err == nil) != pure {
			t.Fatalf("%v: got %v", all, err)
		}
	})
}

// TestPortsText refuses what cannot be meant.
func TestPortsText(t *testing.T) {
	for _, text := range []string{"stick=1-1", "citizen", "citizen=*", "citizen=front", "hub=1-1 printer=1-1", "citizen=../1-1"} {
		if p, err := ParsePorts(text); err == nil {
			t.Errorf("%q: got %v", text, p)
		}
	}
	p, err := ParsePorts("citizen=1-1.3 printer=*")
	if err != nil || p.Role("1-1.3") != Citizen || p.Role("2-1") != Printer {
		t.Errorf("got %v, %v", p, err)
	}
}

// touchReport is a minimal touch screen (HID 1.11, appendix E style): a finger with tip switch and place.
var touchReport = []byte("\x05\x0d\x09\x04\xa1\x01\x09\x22\xa1\x02\x09\x42\x15\x00\x25\x01\x75\x01\x95\x01\x81\x02" +
	"\x05\x01\x09\x30\x75\x10\x81\x02\xc0\xc0")

// TestTouchOnly lets a touch screen in, and none with keys.
func TestTouchOnly(t *testing.T) {
	inside := func(items string) []byte { // of the screen's collection
		return []byte(string(touchReport[:len(touchReport)-1]) + items + "\xc0")
	}
	beside := func(items string) []byte { return []byte(string(touchReport) + items) }
	for name, report := range map[string][]byte{
		"touch screen":                       touchReport,
		"a pen's place in a collection":      inside("\x05\x01\x09\x01\xa1\x00\x09\x30\x09\x31\x81\x02\xc0"),
		"the vendor's own beside it":         beside("\x06\x00\xff\x09\x06\xa1\x01\x09\xc5\xb1\x02\xc0"),
		"the vendor's, by a whole usage":     beside("\x0b\x01\x00\x00\xff\xa1\x01\xc0"),
		"a page put aside and taken again":   inside("\x05\x0d\xa4\x05\x01\x09\x31\x81\x02\xb4\x09\x42\x81\x02"),
		"a feature and then a place":         inside("\x06\x00\xff\x09\xc5\xb1\x02\x05\x01\x09\x31\x81\x02"),
		"an output and then a place":         inside("\x06\x00\xff\x09\xc5\x91\x02\x05\x01\x09\x31\x81\x02"),
		"what would be a key on another one": inside("\x05\x0d\x09\x81\x81\x02\x05\x01\x09\x31\x81\x02"),
	} {
		if err := TouchOnly(report); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, report := range map[string][]byte{
		"keyboard":                     []byte("\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x81\x02\xc0"),
		"keyboard beside it":           beside("\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x81\x02\xc0"),
		"keys inside":                  inside("\x05\x07\x19\x04\x81\x00"),
		"keys in one item":             inside("\x0b\x04\x00\x07\x00\x81\x00"),
		"keys as a feature":            inside("\x05\x07\x09\x04\xb1\x00"),
		"keys as an output":            inside("\x05\x07\x09\x04\x91\x00"),
		"mouse":                        []byte("\x05\x01\x09\x02\xa1\x01\x09\x01\xa1\x00\xc0\xc0"),
		"mouse beside it":              beside("\x05\x01\x09\x02\xa1\x01\x09\x01\xa1\x00\xc0\xc0"),
		"power key":                    inside("\x05\x01\x09\x81\x81\x02"),
		"keys for power up to a limit": inside("\x05\x01\x19\x30\x29\x83\x81\x02"),
		"a keyboard's collection":      inside("\x05\x01\x09\x06\xa1\x01\xc0"),
		"a keypad's collection":        inside("\x05\x01\x09\x07\xa1\x01\xc0"),
		"media keys":                   []byte("\x05\x0c\x09\x01\xa1\x01\xc0"),
		"media keys inside":            inside("\x05\x0c\x09\xe9\x81\x02"),
		"a key before its page":        inside("\x05\x0d\x09\x81\x05\x01\x81\x02"),
		"a key and then another page":  inside("\x05\x01\x09\x81\x05\x0d\x09\x42\x81\x02"),
		"a key on a page taken again":  inside("\x05\x01\xa4\x05\x0d\xb4\x09\x81\x81\x02"),
		"a mouse before its page":      beside("\x05\x0d\x09\x02\x05\x01\xa1\x01\xc0"),
		"a mouse and then a page":      beside("\x05\x01\x09\x02\x05\x0d\xa1\x01\xc0"),
		"a page that nobody put aside": beside("\xb4"),
		"a collection of nothing":      beside("\x05\x0d\xa1\x01\xc0"),
		"the vendor's own alone":       []byte("\x06\x00\xff\x09\x01\xa1\x01\xc0"),
		"nothing":                      nil,
		"cut":                          touchReport[:len(touchReport)-1],
		"an end too many":              beside("\xc0"),
		"cut in an item":               touchReport[:3],
		"cut in the last item":         beside("\x06\x00"),
		"a long item":                  beside("\xfe\x00\x00"),
	} {
		if err := TouchOnly(report); err == nil {
			t.Errorf("%s is let in", name)
		}
	}
}

// FuzzDescriptors: no bytes end in anything but an error or interfaces that are really there, and two
// readings of the same bytes are the same.
func FuzzDescriptors(f *testing.F) {
	f.Add(device(0, bulk))
	f.Add(device(0, bulk, keyboard))
	f.Add(device(9, [3]uint8{9, 0, 0})[:30])
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := ParseDescriptors(raw)
		if err != nil {
			return
		}
		if again, _ := ParseDescriptors(d.raw); !again.Same(d) {
			t.Error("the same bytes differ")
		}
		if max := len(raw) / 9; len(d.Interfaces) > max {
			t.Errorf("got %d interfaces in %d bytes", len(d.Interfaces), len(raw))
		}
	})
}

// FuzzTouch: a report is bounded by its bytes.
func FuzzTouch(f *testing.F) {
	f.Add(touchReport)
	f.Fuzz(func(t *testing.T, report []byte) { TouchOnly(report) })
}

// TestMove gives a role other ports than the board's, and takes none from another role.
func TestMove(t *testing.T) {
	board := Ports{"1-1": Hub, "2-1": Citizen, "*": Printer, "1-1.3": Scanner}
	for name, c := range map[string]struct {
		role  Role
		ports []string
		want  Ports // nil = refused
	}{
		"nothing said":      {Citizen, nil, board},
		"two sockets":       {Citizen, []string{"1-1.4", "2-4"}, Ports{"1-1": Hub, "1-1.4": Citizen, "2-4": Citizen, "*": Printer, "1-1.3": Scanner}},
		"one printer":       {Printer, []string{"1-1.2"}, Ports{"1-1": Hub, "2-1": Citizen, "1-1.2": Printer, "1-1.3": Scanner}},
		"where it was":      {Scanner, []string{"1-1.3"}, board},
		"the hub's":         {Citizen, []string{"1-1"}, nil},
		"the scanner's own": {Citizen, []string{"2-1", "1-1.3"}, nil},
	} {
		got, err := board.Move(c.role, c.ports...)
		if (err == nil) != (c.want != nil) || !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, c.want)
		}
	}
	if board["2-1"] != Citizen || len(board) != 4 {
		t.Errorf("the board's own: got %v, want them as they were", board)
	}
}
