package card

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
)

func blank(t *testing.T, sectors int) *Card {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(image, bytes.Repeat([]byte{1}, 3*Sector), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := New(int64(sectors*Sector), image)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func put(t *testing.T, c *Card, sector int, value byte, sectors int) {
	t.Helper()
	if err := c.write(int64(sector*Sector), bytes.Repeat([]byte{value}, sectors*Sector), false); err != nil {
		t.Fatal(err)
	}
}

// content is one byte per sector; 255 for a sector that is not of one piece.
func content(t *testing.T, c *Card) []byte {
	t.Helper()
	var all []byte
	b := make([]byte, Sector)
	for at := int64(0); at < c.size(); at += Sector {
		if err := c.read(at, b); err != nil {
			t.Fatal(err)
		}
		v := b[0]
		if !bytes.Equal(b, bytes.Repeat([]byte{v}, Sector)) {
			v = 255
		}
		all = append(all, v)
	}
	return all
}

func TestFates(t *testing.T) {
	for _, c := range []struct {
		fate Fate
		want []byte
	}{
		{Lose, []byte{7, 7, 1, 0}},
		{Keep, []byte{7, 9, 9, 8}},
	} {
		d := blank(t, 4)
		put(t, d, 0, 7, 2)
		if err := d.flush(); err != nil {
			t.Fatal(err)
		}
		put(t, d, 1, 9, 2)
		put(t, d, 3, 8, 1)
		if got, want := content(t, d), []byte{7, 9, 9, 8}; !bytes.Equal(got, want) {
			t.Errorf("before the cut: got %v, want %v", got, want)
		}
		if got := d.Unsafe(); got != 2 {
			t.Errorf("got %d unsafe writes, want 2", got)
		}
		d.PowerCut(c.fate, 1)
		if got := content(t, d); !bytes.Equal(got, c.want) {
			t.Errorf("fate %d: got %v, want %v", c.fate, got, c.want)
		}
	}
}

// TestScatter looks for each kind of harm over many seeds: nothing, all, a later write without an
// earlier one, and a torn write.
func TestScatter(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(200) {
		d := blank(t, 4)
		put(t, d, 0, 5, 2)
		put(t, d, 2, 6, 2)
		d.PowerCut(Scatter, seed)
		seen[string(content(t, d))] = true
	}
	for _, want := range [][]byte{{1, 1, 1, 0}, {5, 5, 6, 6}, {1, 1, 6, 6}, {5, 1, 1, 0}, {5, 1, 6, 0}} {
		if !seen[string(want)] {
			t.Errorf("200 seeds never gave %v", want)
		}
	}
}

func TestFUAAndFaults(t *testing.T) {
	d := blank(t, 4)
	put(t, d, 0, 3, 2)
	if err := d.write(0, bytes.Repeat([]byte{4}, Sector), true); err != nil {
		t.Fatal(err)
	}
	if got := d.Unsafe(); got != 1 {
		t.Errorf("got %d unsafe writes, want 1", got)
	}
	d.PowerCut(Lose, 0)
	if got, want := content(t, d), []byte{4, 1, 1, 0}; !bytes.Equal(got, want) {
		t.Errorf("got %v after a write through the cache, want %v", got, want)
	}
	d.SetFault(Fault{Broken: true})
	if d.write(0, make([]byte, Sector), false) == nil || d.flush() == nil {
		t.Error("a broken card took a write or a flush")
	}
	if got, want := d.Counters(), (Counters{Writes: 2, Bytes: 3 * Sector}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if d.read(4*Sector, make([]byte, 1)) == nil {
		t.Error("read beyond the end")
	}
}

// TestLiar writes beyond the true end of a card: all is taken, and the beginning is gone.
func TestLiar(t *testing.T) {
	image := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(image, bytes.Repeat([]byte{1}, 9*Sector), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := NewLiar(4*Sector, 8*Sector, image)
	if err != nil {
		t.Fatal(err)
	}
	put(t, c, 3, 7, 3)
	if err := c.flush(); err != nil {
		t.Fatal(err)
	}
	c.PowerCut(Lose, 0)
	if got, want := content(t, c), []byte{7, 7, 1, 7, 7, 7, 1, 7}; !bytes.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if c.write(8*Sector, make([]byte, Sector), false) == nil {
		t.Error("a write beyond the claimed end was taken")
	}
}

// TestProtocol plays QEMU's side by hand: the options it sends, a write, a flush, a read.
func TestProtocol(t *testing.T) {
	d := blank(t, 4)
	client, server := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- d.Serve(server) }()
	expect := func(want ...any) {
		t.Helper()
		for _, w := range want {
			b := make([]byte, binary.Size(w))
			if _, err := io.ReadFull(client, b); err != nil {
				t.Fatal(err)
			}
			if x, _ := binary.Append(nil, binary.BigEndian, w); !bytes.Equal(b, x) {
				t.Fatalf("got % x, want % x", b, x)
			}
		}
	}
	send := func(what ...any) {
		t.Helper()
		var b []byte
		for _, w := range what {
			b, _ = binary.Append(b, binary.BigEndian, w)
		}
		if _, err := client.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	expect([]byte("NBDMAGICIHAVEOPT"), uint16(3))
	send(uint32(3), []byte("IHAVEOPT"), uint32(8), uint32(0)) // structured replies: refused
	expect(uint64(0x3e889045565a9), uint32(8), uint32(0x80000001), uint32(0))
	send([]byte("IHAVEOPT"), uint32(7), uint32(6), uint32(0), uint16(0))
	expect(uint64(0x3e889045565a9), uint32(7), uint32(3), uint32(12), uint16(0), uint64(4*Sector), uint16(13))
	expect(uint64(0x3e889045565a9), uint32(7), uint32(1), uint32(0))
	send(uint32(0x25609513), uint16(0), uint16(1), uint64(77), uint64(Sector), uint32(Sector), bytes.Repeat([]byte{3}, Sector))
	expect(uint32(0x67446698), uint32(0), uint64(77))
	send(uint32(0x25609513), uint16(0), uint16(3), uint64(78), uint64(0), uint32(0))
	expect(uint32(0x67446698), uint32(0), uint64(78))
	d.PowerCut(Lose, 0)
	send(uint32(0x25609513), uint16(0), uint16(0), uint64(79), uint64(Sector), uint32(2))
	expect(uint32(0x67446698), uint32(0), uint64(79), []byte{3, 3})
	send(uint32(0x25609513), uint16(0), uint16(0), uint64(80), uint64(9*Sector), uint32(2))
	expect(uint32(0x67446698), uint32(5), uint64(80))
	send(uint32(0x25609513), uint16(0), uint16(2), uint64(0), uint64(0), uint32(0))
	if err := <-done; err != nil {
		t.Errorf("got %v, want an orderly end", err)
	}
}
