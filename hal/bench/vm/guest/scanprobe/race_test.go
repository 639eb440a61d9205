//go:build vmguest

package scanprobe

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/pages"
)

// pairs is how many pages of each kind run, in turn. Where a busy host steals time a page takes up to
// fifteen times as long, ours and bare alike, so a figure has its bounds: the median of 25 lies between the
// 8th and the 18th smallest in 97.8 % of all cases, whatever the distribution (sign test).
const (
	pairs = 25
	low   = 8 - 1
	high  = 18 - 1
)

// TestRace prints how fast a page through escl and ippusb is beside a bare bulk read of the same bytes
// on another interface of the same device, page by page in turn: both from the request to the last
// byte, into the same memory. Load that comes and goes meets both; the median of the pairs counts.
func TestRace(t *testing.T) {
	p := &probe{t: t}
	p.plug()
	p.do("load")
	h := newHeap()
	clock := &clock{RoundTripper: p.link, heap: h}
	scanner, b := escl.New(clock), p.bare()
	defer b.pipe.Close()
	var ours, bare []time.Duration
	var ratios []float64
	for n := range pairs + 2 { // the first make the file and warm up
		begun := time.Now()
		if _, err := scanner.Scan(t.Context(), heavy(), clock); err != nil {
			t.Fatal(err)
		}
		whole, theirs := time.Since(begun), b.page(h.room[:h.size])
		fmt.Printf("PAIR %d: %v beside %v, with status and job %v\n", n, clock.took, theirs, whole)
		if n >= 2 {
			ours, bare = append(ours, clock.took), append(bare, theirs)
			ratios = append(ratios, float64(theirs)/float64(clock.took))
		}
	}
	slices.Sort(ours)
	slices.Sort(bare)
	slices.Sort(ratios)
	fmt.Printf("RATIO %.2f (%.2f to %.2f) of a bare bulk read in %d pairs: %d bytes in %v beside %v\n", ratios[pairs/2], ratios[low],
		ratios[high], pairs, h.size, ours[pairs/2].Round(time.Millisecond), bare[pairs/2].Round(time.Millisecond))
	if err := p.link.Close(); err != nil {
		t.Error(err)
	}
}

// clock times one page, from the request for it to the word that it is whole.
type clock struct {
	http.RoundTripper
	*heap
	begun time.Time
	took  time.Duration
}

// RoundTrip implements http.RoundTripper.
func (c *clock) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Opaque, "/NextDocument") {
		c.begun = time.Now()
	}
	return c.RoundTripper.RoundTrip(req)
}

// Whole implements escl.Sink.
func (c *clock) Whole(pages.Page) error {
	c.took = time.Since(c.begun)
	return nil
}
