package torture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sps-kiosk/cmd/internal/torture/blockdev"
	"sps-kiosk/cmd/internal/torture/hall"
	"sps-kiosk/cmd/internal/torture/tape"
)

// tornSuperblock is what e2fsck says of a superblock of which one sector was written and the other was not: it has two, and one
// checksum. No card prevents that; a backup is as good (README, "Known").
const tornSuperblock = "Superblock checksum does not match superblock"

// condemns is how many starts a damaged database may end before it is put aside (kiosk/store).
const condemns = 2

// CutOptions describe power cuts.
type CutOptions struct {
	Kiosk  string // the program
	Cuts   int
	Lies   int // newest writes that the card may lose although it confirmed them; 0 = an honest card
	Jobs   int // cuts at once
	Seed   uint64
	Log    io.Writer
	Record *Recording
}

// CutResult counts what was found behind the cuts.
type CutResult struct {
	Cuts     int
	Short    int // tickets were missing that somebody had been told of
	Told     int // of those: the kiosk reported a loss
	Silent   int // of those: mark and database went back together, which nothing on the card can tell
	Blank    int // the whole file system went back to its beginning: the kiosk served as on a first morning
	Repaired int // e2fsck had to mend more than the journal does
	Refused  int // the kernel alone did not take the file system, e2fsck -p did
	Ended    int // starts that the kiosk did not survive, before one that served
	Unsound  int // on a card that lies: the file system needed mending afterwards, which no boot looked for
	AtRisk   int // writes that were at risk, all cuts together
	Faults   []string
}

// Cut cuts the power at random places of a recording where at least one write was at risk, and starts the
// real kiosk on each card that results.
func Cut(ctx context.Context, o CutOptions) (r CutResult, err error) {
	card := tape.Card{Lies: o.Lies}
	random := rand.New(rand.NewPCG(o.Seed, 2))
	places := placesOf(o.Record.Entries, card, o.Cuts, random)
	if len(places) < o.Cuts {
		return r, fmt.Errorf("the recording has no place to cut")
	}
	player := tape.NewPlayer(o.Record.Base, o.Record.Entries, card)
	var mu sync.Mutex
	next := 0
	take := func() (t *trial) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(places) || ctx.Err() != nil || len(r.Faults) > 20 {
			return nil
		}
		fate := tape.Fate(next % int(tape.Fates))
		t = &trial{o: o, place: places[next], fate: fate, fsck: o.Lies > 0 || next%2 == 0, image: player.Cut(places[next], fate, random)}
		t.risk = card.AtRisk(o.Record.Entries, t.place)
		next++
		return t
	}
	var workers sync.WaitGroup
	for range max(1, o.Jobs) {
		workers.Go(func() {
			for t := take(); t != nil; t = take() {
				t.run(ctx)
				mu.Lock()
				r.add(t)
				mu.Unlock()
				for _, f := range t.faults {
					fmt.Fprintf(o.Log, "FAULT %s\n", f)
				}
			}
		})
	}
	workers.Wait()
	return r, ctx.Err()
}

// placesOf chooses places in order; all have a write at risk, and what is certain goes beyond the first
// mark: a card that lost its whole past is a new card, which nothing on it can tell.
func placesOf(entries []tape.Entry, card tape.Card, n int, random *rand.Rand) (places []int) {
	first := slices.IndexFunc(entries, func(e tape.Entry) bool { return e.Kind == tape.Mark })
	var all []int
	for i, e := range entries {
		if e.Kind == tape.Write && first >= 0 && card.Horizon(entries, i+1) > first {
			all = append(all, i+1)
		}
	}
	for len(places) < n && len(all) > 0 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		places = append(places, all[:min(len(all), n-len(places))]...)
	}
	slices.Sort(places)
	return places
}

func (r *CutResult) add(t *trial) {
	r.Cuts++
	r.AtRisk += t.risk
	r.Ended += t.ended
	if t.missing > 0 {
		r.Short++
		if t.lost {
			r.Told++
		} else {
			r.Silent++
		}
	}
	if t.blank {
		r.Blank++
	}
	if t.repaired != "" {
		r.Repaired++
	}
	if t.refused {
		r.Refused++
	}
	if t.unsound {
		r.Unsound++
	}
	r.Faults = append(r.Faults, t.faults...)
}

// trial is one card after a cut.
type trial struct {
	o     CutOptions
	place int
	fate  tape.Fate
	fsck  bool
	risk  int
	image tape.Image

	missing  int
	ended    int    // starts that were not survived
	lost     bool   // the kiosk told of a loss
	repaired string // what e2fsck said
	refused  bool
	unsound  bool
	blank    bool // nothing of the kiosk was left: a new card, on which numbers begin anew
	faults   []string
}

func (t *trial) fault(format string, args ...any) {
	t.faults = append(t.faults, fmt.Sprintf("cut %d of %d, %v, seed %d: ", t.place, len(t.o.Record.Entries), t.fate, t.o.Seed)+fmt.Sprintf(format, args...))
}

// told are the tickets of which somebody had been told before the cut.
func (t *trial) told() map[string]bool {
	told := map[string]bool{}
	for _, e := range t.o.Record.Entries[:t.place] {
		if e.Kind == tape.Mark {
			told[e.Text] = true
		}
	}
	return told
}

// run mounts the card and holds what is on it against what was told.
func (t *trial) run(ctx context.Context) {
	if hits := t.o.Record.Pages.InImage(t.image); hits > 0 {
		t.fault("%d pieces of a scanned page are on the card", hits)
	}
	folder, err := os.MkdirTemp(Memory(), "torture-cut-")
	if err != nil {
		t.fault("%v", err)
		return
	}
	defer os.RemoveAll(folder)
	card, err := blockdev.Mount(ctx, folder, t.image, cardSize, t.fsck)
	if err != nil {
		t.fault("%v", err)
		return
	}
	t.repaired, t.refused = card.Repaired, card.Refused
	if _, err := os.Stat(filepath.Join(card.Dir, "data", "mark")); err != nil && t.o.Lies > 0 {
		t.blank = true
	}
	if t.repaired != "" && t.o.Lies == 0 && !strings.Contains(t.repaired, tornSuperblock) {
		t.fault("an honest card had to be repaired: %s", t.repaired)
	}
	t.serve(filepath.Join(card.Dir, "data"))
	err = card.Close(ctx)
	if t.unsound = t.o.Lies > 0 && errors.Is(err, blockdev.ErrUnsound); err != nil && !t.unsound {
		t.fault("%v", err)
	}
}

// serve starts the real kiosk on the card, takes a ticket, calls somebody, and audits.
func (t *trial) serve(data string) {
	told := t.told()
	start := func() ([]string, error) {
		return serveOnce(hall.Options{Kiosk: t.o.Kiosk, Data: data, Zone: t.o.Record.Zone, Settings: settings(margin(t.o.Lies))}, t.o.Record.Shift)
	}
	fresh, err := start()
	for range condemns { // as systemd does
		if t.o.Lies > 0 && errors.Is(err, hall.ErrEnded) {
			t.ended++
			fresh, err = start()
		}
	}
	if err != nil {
		t.fault("%v", err)
		return
	}
	if t.blank {
		return
	}
	for _, label := range fresh {
		if told[label] {
			t.fault("number %s was given again", label)
		}
	}
	a, err := audit(data)
	if err != nil {
		t.fault("%v", err)
		return
	}
	for label, n := range a.Issued {
		if n > 1 {
			t.fault("number %s was issued %d times", label, n)
		}
	}
	for label := range told {
		if a.Issued[label] == 0 {
			t.missing++
		}
	}
	t.lost = a.Lost > 0
	if t.o.Lies == 0 && (t.missing > 0 || t.lost) {
		t.fault("an honest card: %d of %d tickets are missing (%v), %d losses told", t.missing, len(told), missing(told, a.Issued), a.Lost)
	}
}

// margin is skip_numbers for a card: one that is known to lie gets 20.
func margin(lies int) int {
	if lies > 0 {
		return 20
	}
	return 0
}

func missing(told map[string]bool, issued map[string]int) (all []string) {
	for _, label := range slices.Sorted(maps.Keys(told)) {
		if issued[label] == 0 {
			all = append(all, label)
		}
	}
	return all[:min(len(all), 8)]
}

// serveOnce starts a kiosk, moves its clock by shift, has every service give a ticket and a window call, and kills it.
func serveOnce(o hall.Options, shift time.Duration) (labels []string, err error) {
	h, err := hall.Open(o)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	h.Machine.Shift(shift - h.Machine.Clock().Shift)
	w := hall.Watch(h.Machine, nil)
	defer w.Close()
	if err := h.Start(); err != nil {
		return nil, err
	}
	for i, line := range h.Buttons() {
		if err := pressUntil(h, line, func() bool { return len(w.Tickets()) > i }); err != nil {
			return nil, fmt.Errorf("ticket of button %s: %w", line, err)
		}
	}
	if err := pressUntil(h, h.Handsets()[0], func() bool { return answers(h) }); err != nil {
		return nil, fmt.Errorf("call of a window: %w", err)
	}
	h.Kill()
	w.Close()
	return w.Tickets(), nil
}

// Memory is a folder for images: in memory where the machine has one, else the usual one.
func Memory() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}
