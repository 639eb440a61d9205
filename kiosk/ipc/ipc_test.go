package ipc

import (
	"bytes"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// samples has every message once, with the direction it goes.
func samples() map[Message]Direction {
	return map[Message]Direction{
		&Begin{Session: Session{1}, Within: time.Minute}:    KioskToPorter,
		&Alive{Session: Session{2}, Within: time.Second}:    KioskToPorter,
		&End{Session: Session{3}}:                           KioskToPorter,
		&Eject{}:                                            KioskToPorter,
		&Swept{Files: 3}:                                    PorterToKiosk,
		&Stick{State: StickReady, Free: 4 << 30}:            PorterToKiosk,
		&Begun{Session: Session{4}}:                         PorterToKiosk,
		&Ended{How: HowKilled, Files: 2, Took: time.Second}: PorterToKiosk,
		&Scan{DPI: 300, Color: true}:                        KioskToWorker,
		&Stop{}:                                             KioskToWorker,
		&Drop{Page: 7}:                                      KioskToWorker,
		&Save{Format: PDF, Session: 3, Day: 20_779, Created: 1, Pages: []Ref{{Page: 2, Turn: 90}, {Page: 1}}}: KioskToWorker,
		&Finish{}: KioskToWorker,
		&Ready{Preview: "127.0.0.1:8081", Token: strings.Repeat("a0", 16)}:   WorkerToKiosk,
		&Scanner{State: ScannerReady, MaxDPI: 600}:                           WorkerToKiosk,
		&Page{Page: 1, Width: 2480, Height: 3508, Bytes: 5 << 20, Left: 100}: WorkerToKiosk,
		&Scanned{Pages: 1, Fault: ScanJam}:                                   WorkerToKiosk,
		&Progress{Done: 1, Total: 2}:                                         WorkerToKiosk,
		&Saved{Files: 1, Bytes: 5}:                                           WorkerToKiosk,
		&Unsaved{Why: SavePulled}:                                            WorkerToKiosk,
		&Wiped{Pages: 4, Files: 9}:                                           WorkerToKiosk,
		&Volume{Free: 1, MaxFile: 2}:                                         PorterToWorker,
		&Leave{}:                                                             PorterToWorker,
		&Left{}:                                                              WorkerToPorter,
	}
}

func TestEveryMessageArrivesOnlyWhereItBelongs(t *testing.T) {
	seen := map[kind]bool{}
	for m, way := range samples() {
		seen[m.kind()] = true
		frame, err := encode(m)
		if err != nil {
			t.Fatalf("%T: %v", m, err)
		}
		for d := KioskToPorter; d <= WorkerToPorter; d++ {
			got, err := decode(frame, d)
			switch {
			case d == way && (err != nil || !reflect.DeepEqual(got, m)):
				t.Errorf("%T: got %+v, %v, want %+v", m, got, err, m)
			case d != way && !errors.Is(err, ErrDirection):
				t.Errorf("%T the way %d: got %v, want ErrDirection", m, d, err)
			}
		}
	}
	for k := kindBegin; empty(k) != nil; k++ {
		if !seen[k] {
			t.Errorf("message %T has no sample", empty(k))
		}
	}
}

// TestNoMessageCanHoldAPage walks the types: the only texts are the address of previews, whose
// shape is held by check; the only bytes are the name of a session on its connection.
func TestNoMessageCanHoldAPage(t *testing.T) {
	texts := map[string]bool{"Ready.Preview": true, "Ready.Token": true}
	for m := range samples() {
		typ := reflect.TypeOf(m).Elem()
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := typ.Name() + "." + f.Name
			switch k := f.Type.Kind(); {
			case k == reflect.String && !texts[name]:
				t.Errorf("%s could hold a text", name)
			case k == reflect.Slice && name != "Save.Pages", k == reflect.Map, k == reflect.Interface:
				t.Errorf("%s could hold anything", name)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	eject := []byte{Version, byte(kindEject), 0, 1, 0xa0}
	if _, err := decode(eject, KioskToPorter); err != nil {
		t.Fatalf("a sound frame: %v", err)
	}
	for name, c := range map[string]struct {
		frame []byte
		want  error
	}{
		"another version": {[]byte{Version + 1, byte(kindEject), 0, 1, 0xa0}, ErrVersion},
		"no such kind":    {[]byte{Version, 200, 0, 1, 0xa0}, ErrFrame},
		"kind zero":       {[]byte{Version, 0, 0, 1, 0xa0}, ErrFrame},
		"wrong length":    {[]byte{Version, byte(kindEject), 0, 2, 0xa0}, ErrFrame},
		"more bytes":      {append(bytes.Clone(eject), 0), ErrFrame},
		"empty":           {nil, ErrFrame},
		"too long":        {make([]byte, MaxFrame+1), ErrFrame},
		"unknown field":   {[]byte{Version, byte(kindEject), 0, 3, 0xa1, 9, 1}, ErrFrame},
		"longer number":   {[]byte{Version, byte(kindSwept), 0, 4, 0xa1, 1, 0x18, 3}, ErrFrame},
		"field twice":     {[]byte{Version, byte(kindDrop), 0, 5, 0xa2, 1, 3, 1, 3}, ErrFrame},
		"out of range":    {[]byte{Version, byte(kindDrop), 0, 3, 0xa1, 1, 0}, ErrRange},
		"not a map":       {[]byte{Version, byte(kindDrop), 0, 1, 0x01}, ErrFrame},
	} {
		way := KioskToPorter
		switch name {
		case "longer number":
			way = PorterToKiosk
		case "field twice", "out of range", "not a map":
			way = KioskToWorker
		}
		if _, err := decode(c.frame, way); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestTheLargestSaveFits(t *testing.T) {
	m := &Save{Format: JPEG, Session: 1 << 39, Day: 1 << 20, Created: 1 << 39}
	for i := range MaxPages {
		m.Pages = append(m.Pages, Ref{Page: uint32(1<<20 - i), Turn: 270})
	}
	if _, err := encode(m); err != nil {
		t.Errorf("got %v, want a frame", err)
	}
	m.Pages = append(m.Pages, Ref{Page: 1})
	if _, err := encode(m); !errors.Is(err, ErrRange) {
		t.Errorf("one page more: got %v, want ErrRange", err)
	}
}

// pair returns both ends of a connection, and a function that sends raw packets the first way.
func pair(t *testing.T, take Direction) (sender, receiver *Conn) {
	t.Helper()
	a, b, err := Pair()
	if err != nil {
		t.Fatal(err)
	}
	if sender, err = FromFile(a, take); err != nil {
		t.Fatal(err)
	}
	if receiver, err = FromFile(b, take); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sender.Close(); receiver.Close() })
	return sender, receiver
}

func TestDescriptorsTravelWithTheirMessage(t *testing.T) {
	sender, receiver := pair(t, PorterToWorker)
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if err := sender.Send(&Volume{Free: 1, MaxFile: 2}, dir); err != nil {
		t.Fatal(err)
	}
	_, files, err := receiver.Receive()
	if err != nil || len(files) != 1 {
		t.Fatalf("got %d descriptors, %v, want 1", len(files), err)
	}
	defer files[0].Close()
	mine, _ := dir.Stat()
	theirs, err := files[0].Stat()
	if err != nil || !os.SameFile(mine, theirs) {
		t.Errorf("the descriptor is of another file: %v", err)
	}
	flags, err := unix.FcntlInt(files[0].Fd(), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("got flags %#x, %v: a child of the worker would have the stick", flags, err)
	}
	if err := sender.Send(&Volume{Free: 1, MaxFile: 2}); !errors.Is(err, ErrFiles) {
		t.Errorf("without its descriptor: got %v, want ErrFiles", err)
	}
}

func TestUnaskedDescriptorsAreClosed(t *testing.T) {
	sender, receiver := pair(t, PorterToWorker)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	frame, err := encode(&Leave{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := sender.c.WriteMsgUnix(frame, unix.UnixRights(int(write.Fd())), nil); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if _, _, err := receiver.Receive(); !errors.Is(err, ErrFiles) {
		t.Errorf("got %v, want ErrFiles", err)
	}
	read.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := read.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read the pipe: got %v, want EOF: somebody still holds its end", err)
	}
}

func TestTheEndOfThePeerIsEOF(t *testing.T) {
	sender, receiver := pair(t, PorterToWorker)
	if err := sender.Send(&Leave{}); err != nil {
		t.Fatal(err)
	}
	sender.Close()
	if m, _, err := receiver.Receive(); err != nil {
		t.Errorf("what was sent before: got %v, %v", m, err)
	}
	if _, _, err := receiver.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want EOF", err)
	}
}

func FuzzDecode(f *testing.F) {
	for m, way := range samples() {
		frame, err := encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame, byte(way))
	}
	f.Fuzz(func(t *testing.T, frame []byte, way byte) {
		m, err := decode(frame, Direction(way))
		if err != nil {
			return
		}
		if err := m.check(); err != nil {
			t.Errorf("a message out of range came through: %v", err)
		}
		again, err := encode(m)
		if err != nil || !bytes.Equal(again, frame) {
			t.Errorf("got %x, %v, want the same frame %x", again, err, frame)
		}
	})
}
