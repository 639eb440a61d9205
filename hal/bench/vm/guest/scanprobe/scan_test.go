//go:build vmguest

package scanprobe

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/ippusb"
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

// heap is a sink; a page begun and never called whole is gone.
type heap struct {
	begun bytes.Buffer
	pages [][]byte
	hear  func(total int)
	first time.Time     // when the page's first bytes came
	took  time.Duration // from there to its end
}

// Page implements escl.Sink.
func (h *heap) Page(int) (io.Writer, error) {
	h.begun.Reset()
	return h, nil
}

// Write implements io.Writer.
func (h *heap) Write(b []byte) (int, error) {
	if h.begun.Len() == 0 {
		h.first = time.Now()
	}
	n, err := h.begun.Write(b)
	if h.hear != nil {
		h.hear(h.begun.Len())
	}
	return n, err
}

// Whole implements escl.Sink.
func (h *heap) Whole(escl.Page) error {
	h.took = time.Since(h.first)
	h.pages = append(h.pages, bytes.Clone(h.begun.Bytes()))
	return nil
}

// tell scans, and prints what came.
func (p *probe) tell(set escl.Settings, want int) *heap {
	p.t.Helper()
	h := &heap{}
	if _, err := p.scanner.Scan(p.t.Context(), set, h); err != nil || len(h.pages) != want {
		p.t.Fatalf("%+v: got %d pages, %v, want %d", set, len(h.pages), err, want)
	}
	for _, page := range h.pages {
		fmt.Printf("PAGE %x\n", sha256.Sum256(page))
	}
	return h
}

// heavy asks for the glass in colour: a page of some megabytes.
func heavy() escl.Settings {
	return escl.Settings{DPI: 300, Color: true, Source: escl.Glass}
}

// TestScan takes a feeder of two, races a bare read, loses the cable in the middle of a page and
// goes on with the next session.
func TestScan(t *testing.T) {
	p := &probe{t: t}
	p.plug()
	p.do("load")
	p.tell(escl.Settings{DPI: 75, Source: escl.Feeder}, 2)
	size := len(p.tell(heavy(), 1).pages[0])
	p.race(size)
	p.pull(size)
	p.plug()
	p.tell(heavy(), 1)
	if err := p.link.Close(); err != nil {
		t.Error(err)
	}
}

// pull has the cable pulled while a page comes.
func (p *probe) pull(size int) {
	h, pulled := &heap{}, false
	h.hear = func(n int) {
		if n > size/3 && !pulled {
			pulled = true
			p.do("unplug")
		}
	}
	if _, err := p.scanner.Scan(p.t.Context(), heavy(), h); !errors.Is(err, usb.ErrUnplugged) || len(h.pages) != 0 || !pulled {
		p.t.Errorf("unplugged: got %d pages, %v, want none and ErrUnplugged", len(h.pages), err)
	}
	p.link.Close() // a claim on a device that is gone
}

// race prints how fast a page is beside bare reads of the same bytes on another interface, both from
// their first bytes on, and how long the whole scan took: status, job, page, end of job.
func (p *probe) race(size int) {
	b := p.bare()
	defer b.pipe.Close()
	var whole, page, bare []time.Duration
	for range 3 {
		begun := time.Now()
		h := p.tell(heavy(), 1)
		whole, page, bare = append(whole, time.Since(begun)), append(page, h.took), append(bare, b.page(size))
	}
	for _, list := range [][]time.Duration{whole, page, bare} {
		slices.Sort(list)
	}
	fmt.Printf("RATIO %.2f of a bare bulk read: %d bytes in %v beside %v; with the whole job %v, %.2f\n",
		float64(bare[1])/float64(page[1]), size, page[1], bare[1], whole[1], float64(bare[1])/float64(whole[1]))
}
