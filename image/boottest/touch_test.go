package boottest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"
)

// TestTouch plays QEMU's side: the device is announced, its descriptors are read, a press comes as two reports when it is listened to.
func TestTouch(t *testing.T) {
	var s Touch
	if err := s.Press(0, 0, 0); err == nil {
		t.Error("a press without a computer: no error")
	}
	ours, theirs := net.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(theirs) }()
	t.Cleanup(func() { ours.Close(); <-ended })
	packet := func(head int) (kind uint32, body []byte) {
		t.Helper()
		b := make([]byte, head)
		if _, err := io.ReadFull(ours, b); err != nil {
			t.Fatal(err)
		}
		body = make([]byte, binary.LittleEndian.Uint32(b[4:]))
		if _, err := io.ReadFull(ours, body); err != nil {
			t.Fatal(err)
		}
		return binary.LittleEndian.Uint32(b), body
	}
	want := func(kind uint32, body ...byte) {
		t.Helper()
		if got, b := packet(16); got != kind || !bytes.Equal(b, body) {
			t.Errorf("got packet %d, % x, want %d, % x", got, b, kind, body)
		}
	}
	send := func(kind uint32, body ...byte) {
		t.Helper()
		b := binary.LittleEndian.AppendUint32(nil, kind)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
		if _, err := ours.Write(append(append(b, 7, 0, 0, 0, 0, 0, 0, 0), body...)); err != nil {
			t.Fatal(err)
		}
	}
	if kind, body := packet(12); kind != redirHello || len(body) != 68 {
		t.Fatalf("got packet %d of %d bytes, want a hello of 68", kind, len(body))
	}
	if _, err := ours.Write(append([]byte{0, 0, 0, 0, 68, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 68)...)); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []uint32{redirInterfaces, redirEndpoints, redirConnect} {
		if got, _ := packet(16); got != kind {
			t.Errorf("announced by packet %d, want %d", got, kind)
		}
	}
	send(redirControl, 0x81, 6, 0x81, 3, 0, 0x22, 0, 0, 255, 0) // the report descriptor
	want(redirControl, append([]byte{0x81, 6, 0x81, 0, 0, 0x22, 0, 0, byte(len(touchReport)), 0}, touchReport...)...)
	send(redirControl, 0x80, 6, 0x80, 0, 0, 3, 0, 0, 4, 0) // a string, of which it has none
	want(redirControl, 0x80, 6, 0x80, 4, 0, 3, 0, 0, 0, 0)
	send(redirListen, touchEndpoint)
	want(redirListening, 0, touchEndpoint)
	go s.Press(1, 0.5, time.Millisecond)
	want(redirInterrupt, touchEndpoint, 0, 8, 0, 1, 1, 0, 0xff, 0x7f, 0xff, 0x3f, 1)
	want(redirInterrupt, touchEndpoint, 0, 8, 0, 1, 0, 0, 0xff, 0x7f, 0xff, 0x3f, 0)
}
