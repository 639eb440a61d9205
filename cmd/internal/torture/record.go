package torture

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"sps-kiosk/cmd/internal/torture/blockdev"
	"sps-kiosk/cmd/internal/torture/hall"
	"sps-kiosk/cmd/internal/torture/tape"
)

// cardSize is the card under the kiosk: small, so that images are; the reserve is set accordingly.
const cardSize = 256 << 20

// Recording is a busy day on a card whose every write is known.
type Recording struct {
	Base    tape.Image
	Entries []tape.Entry
	Pages   *tape.Search // for pieces of the scanned pages
	Zone    string
	Shift   time.Duration
	Tickets int
	Saved   int // scan sessions that were saved
	Deeds   map[string]int
	Broken  []string // what was broken off, with what was said
	Counts  tape.Counts
}

// settings are those of a kiosk under torture; margin is skip_numbers.
func settings(margin int) map[string]string {
	return map[string]string{"reserve_mb": "16", "dpi": "100", "skip_numbers": strconv.Quote(strconv.Itoa(margin))}
}

// Record works a day of so many seconds on a recorded card: presses, calls, slips, troubles with paper,
// scan sessions, and every few seconds the kiosk dies and is started again.
func Record(ctx context.Context, program string, length time.Duration, random *rand.Rand) (rec *Recording, err error) {
	disk, err := blockdev.Record(ctx, cardSize)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := disk.Close(); err == nil && e != nil {
			err = e
		}
	}()
	rec = &Recording{Base: disk.Base, Zone: hall.Morning()}
	h, err := hall.Open(hall.Options{Kiosk: program, Data: disk.Dir + "/data", Zone: rec.Zone, Settings: settings(20), Scan: true})
	if err != nil {
		return nil, err
	}
	defer h.Close()
	w := hall.Watch(h.Machine, disk.Tape.Mark)
	defer w.Close()
	if err := h.Start(); err != nil {
		return nil, err
	}
	crowd := hall.NewCrowd(h, random)
	if err := workDay(ctx, h, crowd, length, random); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, h.Said(20))
	}
	for try := 0; crowd.Deeds["saved"] == 0 && try < 3; try++ { // on a crowded machine a day may be over before a page is
		if err := scanBesides(h, crowd, random); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, h.Said(20))
		}
	}
	h.Kill()
	h.KillPorter()
	w.Close()
	rec.Shift, rec.Tickets, rec.Deeds, rec.Saved = h.Machine.Clock().Shift, len(w.Tickets()), crowd.Deeds, crowd.Deeds["saved"]
	rec.Broken = crowd.Broken
	rec.Entries, rec.Counts = disk.Tape.Entries(), disk.Tape.Counts()
	if rec.Pages, err = pagesOf(h); err != nil {
		return nil, fmt.Errorf("%w: %v\n%s", err, crowd.Deeds, h.Said(20))
	}
	return rec, nil
}

// workDay alternates crowds, scan sessions and deaths.
func workDay(ctx context.Context, h *hall.Hall, crowd *hall.Crowd, length time.Duration, random *rand.Rand) error {
	end := time.Now().Add(length)
	for round := 0; time.Now().Before(end) && ctx.Err() == nil; round++ {
		for until := time.Now().Add(2 * time.Second); time.Now().Before(until); {
			if err := crowd.Act(); err != nil {
				return err
			}
			time.Sleep(time.Duration(random.IntN(12)) * time.Millisecond)
		}
		crowd.Mend()
		if err := scanBesides(h, crowd, random); err != nil {
			return err
		}
		switch round % 3 {
		case 1:
			h.Kill()
		case 2:
			h.Terminate()
		}
		if err := h.Start(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// scanLimit is after how long somebody who scans gives up and takes the stick out.
const scanLimit = 3 * time.Minute

// scanBesides is a scan session while others take tickets. One that takes too long is broken off.
func scanBesides(h *hall.Hall, crowd *hall.Crowd, random *rand.Rand) error {
	done := make(chan struct{})
	limit := time.AfterFunc(scanLimit, func() { close(done) })
	defer limit.Stop()
	over := make(chan struct{})
	var others sync.WaitGroup
	lines := make([]string, 64)
	for i := range lines {
		lines[i] = h.Buttons()[random.IntN(len(h.Buttons()))]
	}
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			case <-time.After(200 * time.Millisecond):
			}
			h.Machine.Press(lines[i%len(lines)])
			time.Sleep(3 * time.Millisecond)
			h.Machine.Release(lines[i%len(lines)])
		}
	})
	step, err := crowd.ScanSession(done)
	close(over)
	others.Wait()
	if err != nil || step == "done" {
		return err
	}
	crowd.Deeds["scan broken off at "+step]++
	crowd.Broken = append(crowd.Broken, fmt.Sprintf("scan broken off at %s after %v\n%s\n%s", step, scanLimit, h.Said(20), h.Journal(20)))
	h.Machine.PutOnGlass(nil)
	return crowd.TakeStick()
}

// pagesOf learns the pages from the stick, which the citizens have taken home.
func pagesOf(h *hall.Hall) (*tape.Search, error) {
	var all [][]byte
	for _, file := range h.Machine.StickView().Files {
		f, err := h.Machine.OpenStick(file.Path)
		if err != nil {
			return nil, err
		}
		document, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, document)
	}
	s := tape.NewSearch(1200, all...)
	if s.Pieces() < 1000 {
		return nil, fmt.Errorf("%d pieces of %d documents: nothing was scanned", s.Pieces(), len(all))
	}
	return s, nil
}
