package uplink

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// TestNothingIsLostOrCountedTwice plays any order of a device's troubles against a district: links
// cut, replies lost, requests doubled, forged and replayed answers, reboots, a card that forgets,
// a card that drops, events nobody can read, and a district that is busy, revokes, or is restored
// from an old backup.
func TestNothingIsLostOrCountedTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(memory(), "uplink-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		r := newRig(t, dir)
		r.exchange()
		restores := []func(){r.d.Backup()}
		t.Repeat(map[string]func(*rapid.T){
			"happen":   func(t *rapid.T) { r.happen(rapid.IntRange(1, 300).Draw(t, "events")) },
			"exchange": func(t *rapid.T) { r.some(t, nil) },
			"cut":      func(t *rapid.T) { r.some(t, cut) },
			"reply":    func(t *rapid.T) { r.some(t, replyLost) },
			"twice":    func(t *rapid.T) { r.some(t, twice) },
			"portal":   func(t *rapid.T) { r.some(t, portal) },
			"forge":    func(t *rapid.T) { r.some(t, forge) },
			"replay":   func(t *rapid.T) { r.some(t, replaying()) },
			"busy": func(t *rapid.T) {
				r.d.Busy(rapid.SampledFrom([]int{429, 500, 503}).Draw(t, "status"))
				r.some(t, nil)
				r.d.Busy(0)
			},
			"revoked": func(t *rapid.T) {
				r.d.Set(rapid.SampledFrom([]ident.Status{ident.Revoked, ident.Held, ident.Pending}).Draw(t, "status"))
				r.some(t, nil)
				r.d.Set(ident.Active)
			},
			"reboot": func(t *rapid.T) {
				if rapid.Bool().Draw(t, "confirmed") {
					r.log.Confirm()
				}
				r.reboot()
			},
			"forget": func(t *rapid.T) {
				r.log.Forget(rapid.IntRange(1, 50).Draw(t, "writes"))
				r.reboot()
			},
			"restart": func(*rapid.T) { r.start() },
			"prune":   func(t *rapid.T) { r.log.Prune(rapid.Uint64Range(0, r.log.Last()).Draw(t, "up to")); r.log.Confirm() },
			"damage": func(t *rapid.T) {
				r.log.Lose(rapid.Uint64Range(1, max(1, r.log.Last())).Draw(t, "event"))
				r.log.Confirm()
			},
			"poison": func(t *rapid.T) {
				bad := rapid.IntRange(1, max(1, r.facts)).Draw(t, "event")
				r.d.Fails = func(e wire.Event) bool { return e.Count == bad }
			},
			"backup":  func(*rapid.T) { restores = append(restores, r.d.Backup()) },
			"restore": func(t *rapid.T) { rapid.SampledFrom(restores).Draw(t, "backup")() },
		})
		r.settle()
		r.check()
	})
}

// memory returns a folder that no flush waits for, where there is one: what is tested here is not
// the card.
func memory() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// some makes a few exchanges under a fault.
func (r *rig) some(t *rapid.T, fault func(*http.Request, func() *http.Response) (*http.Response, error)) {
	r.link.fault = fault
	for range rapid.IntRange(1, 5).Draw(t, "exchanges") {
		r.exchange()
	}
	r.link.fault = nil
}

// portal answers everything by itself, as the login page of a network does.
func portal(*http.Request, func() *http.Response) (*http.Response, error) {
	return page(http.StatusOK, "<html>Войдите в сеть</html>", ""), nil
}

// replaying answers each request with the answer of the one before it.
func replaying() func(*http.Request, func() *http.Response) (*http.Response, error) {
	var last *http.Response
	return func(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
		now := serve()
		if last == nil {
			last = now
			return nil, errLink
		}
		old := last
		last = now
		return old, nil
	}
}

func TestPacesStayInBounds(t *testing.T) {
	r := newRig(t, t.TempDir())
	p := newPace(r.rand)
	bound := firstPause
	for i := range 20 {
		if got := p.failed(0); got > bound+time.Second || got < 500*time.Millisecond {
			t.Errorf("failure %d: got %v, want at most %v", i, got, bound)
		}
		bound = min(2*bound, longest)
	}
	if got := p.failed(time.Hour); got > longest+time.Second || got < longest {
		t.Errorf("Retry-After of an hour: got %v, want %v", got, longest)
	}
	if p.most() != leastBatch {
		t.Errorf("got a batch of %d after failures, want %d", p.most(), leastBatch)
	}
	p.worked(10, time.Second)
	if got := p.failed(0); got > firstPause+time.Second {
		t.Errorf("after a success: got %v, want at most %v", got, firstPause)
	}
	for range 10 {
		p.worked(p.most(), time.Second)
	}
	if p.most() != mostBatch {
		t.Errorf("got a batch of %d on a quick link, want %d", p.most(), mostBatch)
	}
	p.worked(p.most(), 11*time.Second)
	if p.most() != mostBatch/2 {
		t.Errorf("got a batch of %d after a slow one, want %d", p.most(), mostBatch/2)
	}
	if s := fmt.Sprint(p.spread(100 * time.Second)); s == "0s" {
		t.Error("no pause")
	}
}
