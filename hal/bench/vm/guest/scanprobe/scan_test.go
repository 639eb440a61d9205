//go:build vmguest

package scanprobe

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/ippusb"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/hal/bench/vm/guest/hook"
	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/libusb"
)

// probe is the scanner as a program in the guest has it.
type probe struct {
	t       *testing.T
	hooks   hook.Hooks
	link    *ippusb.Transport
	scanner *escl.Scanner
}

// do has one thing done outside.
func (p *probe) do(what string) {
	p.t.Helper()
	if err := p.hooks.Do(what); err != nil {
		p.t.Fatal(err)
	}
}

// plug has the scanner plugged in and waits until the kernel has it.
func (p *probe) plug() {
	p.t.Helper()
	p.do("plug")
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		link, err := ippusb.Open(p.t.Context(), libusb.Bus{}, ippusb.Match())
		if err == nil {
			p.link, p.scanner = link, escl.New(link)
			return
		}
		if time.Since(begun) > time.Minute {
			p.t.Fatalf("no scanner: %v", err)
		}
	}
}

// heap is a sink in memory that was there before; a page begun and never called whole is gone.
type heap struct {
	room  []byte // 8 MiB
	size  int    // of the page begun last
	pages [][]byte
	hear  func(total int)
}

func newHeap() *heap { return &heap{room: make([]byte, 8<<20)} }

// Page implements escl.Sink.
func (h *heap) Page(int) (io.Writer, error) {
	h.size = 0
	return h, nil
}

// Write implements io.Writer.
func (h *heap) Write(b []byte) (int, error) {
	n := copy(h.room[h.size:], b)
	if h.size += n; h.hear != nil {
		h.hear(h.size)
	}
	return n, nil
}

// Whole implements escl.Sink.
func (h *heap) Whole(pages.Page) error {
	h.pages = append(h.pages, bytes.Clone(h.room[:h.size]))
	return nil
}

// tell scans, and prints what came.
func (p *probe) tell(set pages.Settings, want int) *heap {
	p.t.Helper()
	h := newHeap()
	if _, err := p.scanner.Scan(p.t.Context(), set, h); err != nil || len(h.pages) != want {
		p.t.Fatalf("%+v: got %d pages, %v, want %d", set, len(h.pages), err, want)
	}
	for _, page := range h.pages {
		fmt.Printf("PAGE %x\n", sha256.Sum256(page))
	}
	return h
}

// heavy asks for the glass in colour: a page of some megabytes.
func heavy() pages.Settings {
	return pages.Settings{DPI: 300, Color: true, Source: pages.Glass}
}

// TestScan takes a feeder of two, loses the cable in the middle of pages and goes on with the next
// session each time.
func TestScan(t *testing.T) {
	p := &probe{t: t}
	p.plug()
	p.do("load")
	p.tell(pages.Settings{DPI: 75, Source: pages.Feeder}, 2)
	size := len(p.tell(heavy(), 1).pages[0])
	for part := range pulls {
		p.pull(size * part / pulls)
		p.plug()
		p.tell(heavy(), 1)
	}
	if err := p.link.Close(); err != nil {
		t.Error(err)
	}
}

// pulls is how many times the cable is pulled, spread over a page from its first bytes on.
const pulls = 6

// pull has the cable pulled when so many bytes of a page have come.
func (p *probe) pull(at int) {
	h, had := newHeap(), 0
	h.hear = func(n int) {
		if n > at && had == 0 {
			had = n
			p.do("unplug")
		}
	}
	if _, err := p.scanner.Scan(p.t.Context(), heavy(), h); !errors.Is(err, usb.ErrUnplugged) || len(h.pages) != 0 || had == 0 {
		p.t.Errorf("unplugged at %d: got %d pages, %v, want none and ErrUnplugged", had, len(h.pages), err)
	}
	fmt.Printf("PULLED at %d\n", had)
	p.link.Close() // a claim on a device that is gone
}
