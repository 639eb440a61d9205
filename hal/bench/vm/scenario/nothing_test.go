//go:build vm

package scenario

import (
	"bytes"
	"slices"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/stage"
)

// slowly is how many bytes a second the scanner gives where something happens in the middle of a page.
const slowly = 60_000

// control is a text on the card that the search must find.
const control = "SEARCHED-FOR-AND-FOUND-0815"

// secrets are pieces of the scanned page, which is the same one in every session, and the keys of all sessions.
type secrets struct{ pieces, keys [][]byte }

func (s *secrets) all() [][]byte { return slices.Concat(s.pieces, s.keys) }

// TestNothingStays ends scan sessions of the firmware as it ships in every way that a person, a process or
// the power can, on a kernel with the card's arguments, and searches the guest's whole memory, the whole
// card and all that was logged. Before each end the same search finds what it must not find behind it.
func TestNothingStays(t *testing.T) {
	t.Parallel()
	p := newScanPlace(t)
	results.begin(t, p.k)
	s := &secrets{}
	p.must(p.k.Guest().WriteFile(t.Context(), "/data/control", []byte(control), 0o600))
	p.must(p.k.Guest().Sync(t.Context()))
	endings := 0
	play := func(name string, end func(p *scanPlace, s *secrets)) {
		endings++
		if !t.Run(name, func(t *testing.T) {
			p := p.in(t)
			end(p, s)
			p.nothing(s)
		}) {
			t.FailNow()
		}
	}
	play("done", saved)
	play("cancel", cancelled)
	play("time-out", idled)
	play("worker killed while scanning", workerKilled)
	play("worker killed while saving", killedSaving)
	play("kiosk killed", kioskKilled)
	play("porter killed", func(q *scanPlace, s *secrets) { porterKilled(q, s); p.porter, p.said = q.porter, q.said })
	play("power gone while scanning", goneScanning)
	p.back()
	play("power gone while saving", goneSaving)
	p.back()
	results.figure(t, "%d ends; %d pieces of a page and %d keys: 0 hits in 512 MiB of memory and 192 MiB of card behind each", endings, len(s.pieces), len(s.keys))
}

// nothing searches everything there is; without power that is the card.
func (p *scanPlace) nothing(s *secrets) {
	p.t.Helper()
	if len(s.pieces) == 0 || len(s.keys) == 0 {
		p.t.Fatal("nothing is known to search for")
	}
	none := make([]int, len(s.all()))
	if got := p.disk(s.all()); !slices.Equal(got, none) {
		p.t.Errorf("got hits %v on the card, want none", got)
	}
	if got := p.disk([][]byte{[]byte(control)}); got[0] == 0 {
		p.t.Error("the search does not find what is on the card: it looks in the wrong place")
	}
	for _, process := range p.said {
		for i, secret := range s.all() {
			if bytes.Contains([]byte(process.Output()), secret) {
				p.t.Errorf("secret %d is in a log", i)
			}
		}
	}
	if p.k.Guest() == nil {
		return
	}
	if got := p.memory(s.all()); !slices.Equal(got, none) {
		p.t.Errorf("got hits %v in memory (pieces, then keys), want none", got)
	}
}

// known holds the same search against a session that runs: its key is in memory, and while a page is on its
// way so is the page.
func (p *scanPlace) known(s *secrets, scanning bool) {
	p.t.Helper()
	got := p.memory(s.all())
	if got[len(got)-1] == 0 {
		p.t.Error("the key is not found in the memory of a session that runs: the search finds nothing")
	}
	if scanning && slices.Max(got[:len(s.pieces)]) == 0 {
		p.t.Error("no piece of the page is found in memory while it is scanned: the search finds nothing")
	}
}

// halfway begins a slow scan and waits until pieces of the page are in the guest.
func (p *scanPlace) halfway(s *secrets) {
	p.t.Helper()
	p.dev.Set(scanner.Slow(slowly))
	defer p.dev.Set()
	p.s.Tap(scanLine, stage.ShortPress, stage.Apart)
	p.until("the first piece has come", func() bool { return p.memory(s.pieces[:1])[0] > 0 })
	p.known(s, true)
}

// saved is the good end, by which the page becomes known, too.
func saved(p *scanPlace, s *secrets) {
	s.keys = append(s.keys, p.begun(p.stick(0)))
	p.scan()
	p.known(s, false)
	p.done()
	p.shows("donЕ")
	p.pull()
	p.over()
	s.pieces = p.pieces()
}

func cancelled(p *scanPlace, s *secrets) {
	s.keys = append(s.keys, p.begun(p.stick(0)))
	p.scan()
	p.known(s, false)
	p.s.Tap(doneLine, 2500*time.Millisecond, 400*time.Millisecond)
	p.over()
	p.pull()
}

func idled(p *scanPlace, s *secrets) {
	s.keys = append(s.keys, p.begun(p.stick(0)))
	p.scan()
	p.known(s, false)
	p.shows("d-") // the warning
	p.over()
	p.pull()
}

func workerKilled(p *scanPlace, s *secrets) {
	s.keys = append(s.keys, p.begun(p.stick(0)))
	p.halfway(s)
	p.worker("kill")
	p.shows("Е-41") // for twenty seconds
	p.over()
	p.pull()
}

func killedSaving(p *scanPlace, s *secrets) {
	p.toSaving(s)
	p.worker("kill")
	p.over()
	p.pull()
}

func kioskKilled(p *scanPlace, s *secrets) {
	s.keys = append(s.keys, p.begun(p.stick(0)))
	p.scan()
	p.known(s, false)
	p.s.Kill() // and starts it again
	p.said = append(p.said, p.k.Process())
	p.over()
	p.pull()
}

// porterKilled leaves the stick in: the next porter finds it, and a session begins by itself.
func porterKilled(p *scanPlace, s *secrets) {
	s.keys = append(s.keys, p.begun(p.stick(0)))
	p.scan()
	p.known(s, false)
	p.must(p.porter.Signal(p.ctx(), syscall.SIGKILL))
	p.until("the worker has died with its porter", func() bool { return p.worker() == "NONE" })
	p.startPorter()
	next := p.key()
	if bytes.Equal(next, s.keys[len(s.keys)-1]) {
		p.t.Error("two sessions have the same key")
	}
	p.nothing(s)
	s.keys = append(s.keys, next)
	p.scan()
	p.done()
	p.shows("donЕ")
	p.pull()
	p.over()
}

// toSaving brings a session into the middle of a save, on a stick that takes its time.
func (p *scanPlace) toSaving(s *secrets) {
	p.t.Helper()
	slow := p.stick(700 * time.Millisecond)
	s.keys = append(s.keys, p.begun(slow))
	p.scan()
	p.known(s, false)
	p.done()
	p.shows("С-")
}

func goneScanning(p *scanPlace, s *secrets) {
	s.keys = append(s.keys, p.begun(p.stick(0)))
	p.halfway(s)
	p.off()
}

func goneSaving(p *scanPlace, s *secrets) {
	p.toSaving(s)
	p.off()
}

// off pulls the plug.
func (p *scanPlace) off() {
	p.t.Helper()
	if p.swept() {
		p.t.Error("the vault is empty during the session: the search would look in the wrong place")
	}
	p.must(p.k.PowerCut(p.ctx()))
}

// back puts the plug back in: what the session left in the vault is dropped before there is service.
func (p *scanPlace) back() {
	p.t.Helper()
	p.dev.Disconnect()
	p.must(p.k.PowerOn(p.ctx()))
	p.furnish()
	p.over()
}
