package usbredir

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"

	"sps-kiosk/hal/bench/virtusb"
)

// qemu plays QEMU's side of one connection.
type qemu struct {
	t    *testing.T
	conn net.Conn
	done chan error
}

// connect serves a port and shakes hands as QEMU 7.2 does: it says that it can do everything.
func serve(t *testing.T, p *Port) *qemu {
	t.Helper()
	ours, theirs := net.Pipe()
	q := &qemu{t: t, conn: ours, done: make(chan error, 1)}
	go func() { q.done <- p.Serve(theirs) }()
	t.Cleanup(func() { ours.Close() })
	first, err := readPacket(ours, false)
	if err != nil || first.kind != 0 || len(first.body) != 68 {
		t.Fatalf("got %+v, %v, want a hello of 68 bytes", first, err)
	}
	if caps := binary.LittleEndian.Uint32(first.body[64:]); caps != 1<<1|1<<3|1<<4|1<<5|1<<6 {
		t.Errorf("got capabilities %#x", caps)
	}
	body := append(make([]byte, 64), 0xff, 0, 0, 0)
	q.write(packet{body: body}.encode(false))
	return q
}

func (q *qemu) write(b []byte) {
	q.t.Helper()
	if _, err := q.conn.Write(b); err != nil {
		q.t.Fatal(err)
	}
}

func (q *qemu) send(kind uint32, id uint64, body ...byte) {
	q.t.Helper()
	q.write(packet{kind, id, body}.encode(true))
}

func (q *qemu) expect(kind uint32, id uint64, body ...byte) {
	q.t.Helper()
	p := q.next(kind)
	if p.id != id || !bytes.Equal(p.body, body) {
		q.t.Errorf("packet type %d: got id %d, % x, want %d, % x", kind, p.id, p.body, id, body)
	}
}

func (q *qemu) next(kind uint32) packet {
	q.t.Helper()
	p, err := readPacket(q.conn, true)
	if err != nil || p.kind != kind {
		q.t.Fatalf("got packet %+v, %v, want type %d", p, err, kind)
	}
	return p
}

// expectDevice reads the three packets that announce the device of this test.
func (q *qemu) expectDevice() {
	q.t.Helper()
	info := q.next(4)
	want := make([]byte, 132)
	want[0], want[36], want[68], want[100] = 1, 7, 1, 2
	if !bytes.Equal(info.body, want) {
		q.t.Errorf("got interface info % x", info.body)
	}
	ep := q.next(5).body
	for at, v := range map[int]byte{0: 0, 16: 0, 17: 2, 2: 2, 1: 255, 96: 64, 128: 64, 96 + 2*17 + 1: 2, 96 + 2*2 + 1: 2} {
		if ep[at] != v {
			q.t.Errorf("endpoint info byte %d: got %d, want %d", at, ep[at], v)
		}
	}
	q.expect(1, 0, 2, 0, 0, 0, 0x16, 4, 0x11, 0x50, 0, 1)
}

// device keeps what it is given; the test completes it.
func device() (*virtusb.Device, chan *virtusb.Transfer) {
	got := make(chan *virtusb.Transfer, 8)
	d := virtusb.NewDevice(virtusb.High, 0x0416, 0x5011, 512, "M", "P", "S",
		virtusb.Interface{Class: 7, SubClass: 1, Protocol: 2, In: 1, Out: 2})
	d.Bulk = func(t *virtusb.Transfer) { got <- t }
	return d, got
}

func TestTransfers(t *testing.T) {
	var p Port
	d, got := device()
	if err := p.Plug(d); err != nil {
		t.Fatal(err)
	}
	q := serve(t, &p)
	q.expectDevice()
	q.send(6, 3, 1) // set configuration 1
	q.next(4)
	q.next(5)
	q.expect(8, 3, 0, 1)
	q.send(100, 4, 0x80, 6, 0x80, 0, 0, 1, 0, 0, 8, 0) // first 8 bytes of the device descriptor
	q.expect(100, 4, append([]byte{0x80, 6, 0x80, 0, 0, 1, 0, 0, 8, 0}, d.Desc[:8]...)...)

	q.send(101, 5, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c') // OUT
	out := <-got
	if string(out.Data) != "abc" || out.Len != 3 {
		t.Errorf("got %q, %d bytes", out.Data, out.Len)
	}
	out.Complete(virtusb.Stall, nil, 2)
	q.expect(101, 5, 2, 4, 2, 0, 0, 0, 0, 0, 0, 0)

	q.send(101, 6, 0x81, 0, 1, 0, 0, 0, 0, 0, 1, 0) // IN of 65537 bytes
	in := <-got
	if in.Len != 65537 {
		t.Errorf("got a length of %d, want 65537", in.Len)
	}
	in.Reply([]byte{9})
	q.expect(101, 6, 0x81, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9)

	q.send(101, 7, 0x81, 0, 8, 0, 0, 0, 0, 0, 0, 0)
	in = <-got
	q.send(21, 7) // cancel: answered, since QEMU keeps the id till then
	q.expect(101, 7, 0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	if in.Reply([]byte{1}) {
		t.Error("a cancelled transfer took an answer")
	}
	q.send(21, 99) // one that is over: no answer
	q.send(7, 8)   // get configuration
	q.expect(8, 8, 0, 1)
}

func TestUnplug(t *testing.T) {
	var p Port
	d, got := device()
	if err := p.Unplug(); !errors.Is(err, ErrEmpty) {
		t.Errorf("got %v, want ErrEmpty", err)
	}
	q := serve(t, &p)
	q.send(9, 0, 0, 0) // for nobody
	if err := p.Plug(d); err != nil {
		t.Fatal(err)
	}
	if err := p.Plug(d); !errors.Is(err, ErrOccupied) {
		t.Errorf("got %v, want ErrOccupied", err)
	}
	q.expectDevice()
	q.send(6, 1, 1)
	q.next(4)
	q.next(5)
	q.next(8)
	q.send(101, 2, 0x81, 0, 8, 0, 0, 0, 0, 0, 0, 0)
	under := <-got
	if err := p.Unplug(); err != nil {
		t.Fatal(err)
	}
	q.expect(2, 0)
	<-under.Done() // the device learns it, QEMU gets no answer
	if err := p.Plug(d); err != nil {
		t.Fatal(err)
	}
	q.expectDevice()
	q.send(101, 3, 0x81, 0, 8, 0, 0, 0, 0, 0, 0, 0) // sent before QEMU knew: not for the new stay
	q.send(24, 0)                                   // now it knows
	q.send(7, 4)
	q.expect(8, 4, 0, 0)
	if len(got) != 0 {
		t.Error("a transfer for the old stay reached the new one")
	}
}

func TestConnections(t *testing.T) {
	var p Port
	d, _ := device()
	if err := p.Plug(d); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a power cut of the guest does not pull the plug
		q := serve(t, &p)
		q.expectDevice()
		q.conn.Close()
		if err := <-q.done; err == nil {
			t.Error("got no error at the end of a connection")
		}
	}
	q := serve(t, &p)
	q.expectDevice()
	q.send(22, 0) // filter reject
	if err := <-q.done; err == nil {
		t.Error("got no error for a device that QEMU rejects")
	}
	ours, theirs := net.Pipe()
	go func() {
		readPacket(ours, false)
		ours.Write(packet{body: append(make([]byte, 64), 0x0f, 0, 0, 0)}.encode(false))
	}()
	if err := p.Serve(theirs); err == nil {
		t.Error("got no error for a peer without the capabilities")
	}
}

// FuzzServe gives a port what no QEMU would send.
func FuzzServe(f *testing.F) {
	f.Add(packet{101, 1, []byte{2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 'x'}}.encode(true))
	f.Add(packet{100, 1, []byte{0, 9, 0, 0, 1, 0, 0, 0, 0, 0}}.encode(true))
	f.Add(packet{9, 1, []byte{0, 1}}.encode(true))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Port
		d, _ := device()
		d.Bulk = func(t *virtusb.Transfer) { t.Reply(t.Data) }
		if err := p.Plug(d); err != nil {
			t.Fatal(err)
		}
		ours, theirs := net.Pipe()
		done := make(chan error, 1)
		go func() { done <- p.Serve(theirs) }()
		go io.Copy(io.Discard, ours)
		ours.Write(packet{body: append(make([]byte, 64), 0xff, 0, 0, 0)}.encode(false))
		ours.Write(b)
		ours.Close()
		if <-done == nil {
			t.Error("got no end of the connection")
		}
	})
}

// TestIntervalZero: a device may say that its interrupt endpoint is asked every 0 frames. QEMU would refuse it and all
// after it; it is told 1, and the descriptor stays as it is.
func TestIntervalZero(t *testing.T) {
	d := virtusb.NewDevice(virtusb.High, 1, 2, 512, "M", "P", "S", virtusb.Interface{Class: 3, In: 1, Out: 2})
	const first = 9 + 9 // the first endpoint's descriptor
	d.Config[first+3] = 3
	d.SetConfig(1)
	info := describe(d)[1].body
	if got := info[endpointSlots+16+1]; got != 1 {
		t.Errorf("got interval %d for QEMU, want 1", got)
	}
	if got := info[endpointSlots+2]; got != 0 || d.Config[first+6] != 0 {
		t.Errorf("got interval %d for the bulk endpoint and %d in the descriptor, want none", got, d.Config[first+6])
	}
}
