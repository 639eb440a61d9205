package district_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/wire"
)

// dealt is an update of n kiosks that has begun.
func dealt(n int, now time.Time) district.Update {
	u := district.Update{Version: "1.5", State: district.UpdateRunning, Stage: 1, Since: now, Limit: 10, Patience: 48 * time.Hour, Rest: 24 * time.Hour}
	var kiosks []int64
	for i := range n {
		kiosks = append(kiosks, int64(i+1))
	}
	u.Deal(kiosks, 0, now)
	return u
}

// TestStagesGrow: one, a tenth, all others, every kiosk once, the chosen one first.
func TestStagesGrow(t *testing.T) {
	for _, c := range []struct{ n, second, third int }{{1, 0, 0}, {2, 1, 0}, {10, 1, 8}, {100, 10, 89}, {500, 50, 449}} {
		u := dealt(c.n, time.Time{})
		for stage, want := range map[int]int{1: 1, 2: c.second, 3: c.third} {
			if got := u.Count(stage)[district.TargetWaiting]; got != want {
				t.Errorf("%d kiosks, stage %d: got %d, want %d", c.n, stage, got, want)
			}
		}
		u.Deal([]int64{7, 8, 9, 9}, 8, time.Time{})
		if first := u.Target(8); first.Stage != 1 || len(u.Targets) != 3 {
			t.Errorf("got %+v of %d, want kiosk 8 first of 3", first, len(u.Targets))
		}
	}
}

// TestUpdateLife takes an update of 20 kiosks through its stages by hand.
func TestUpdateLife(t *testing.T) {
	now := time.Date(2026, 9, 14, 9, 0, 0, 0, time.UTC)
	u := dealt(20, now)
	beat := func(stage int, fw string, end *wire.Update) {
		for _, target := range u.Targets {
			if target.Stage == stage {
				u.Hear(target.Kiosk, wire.Beat{Firmware: fw, Update: end}, now)
			}
		}
	}
	step := func(name string, after time.Duration, stage int, state district.UpdateState) {
		t.Helper()
		now = now.Add(after)
		u.Judge(now)
		if u.Stage != stage || u.State != state {
			t.Errorf("%s: got stage %d, %s, want %d, %s (%s)", name, u.Stage, u.State, stage, state, u.Why)
		}
	}
	offers := func(stage int) (n int) {
		for _, target := range u.Targets {
			if target.Stage == stage && u.Offers(target.Kiosk) {
				n++
			}
		}
		return n
	}
	for stage := range 3 {
		beat(stage+1, "1.4", nil)
	}
	if offers(1) != 1 || offers(2) != 0 || offers(3) != 0 {
		t.Errorf("got %d, %d, %d offers, want the first stage alone", offers(1), offers(2), offers(3))
	}
	step("under way", time.Hour, 1, district.UpdateRunning)
	beat(1, "1.5", wire.NewUpdate("1.5", wire.Installed))
	step("done and watched", time.Hour, 1, district.UpdateRunning)
	step("a day later", 24*time.Hour, 2, district.UpdateRunning)
	beat(2, "1.4", nil)
	beat(2, "1.5", nil)
	step("second stage done", 25*time.Hour, 3, district.UpdateRunning)
	beat(3, "1.4", nil)
	beat(3, "1.4", wire.NewUpdate("1.4", wire.Failed)) // of the update before: says nothing of this one
	step("third begun", time.Hour, 3, district.UpdateRunning)
	failed := 0
	for _, target := range u.Targets {
		if target.Stage == 3 && failed < 2 {
			u.Hear(target.Kiosk, wire.Beat{Firmware: "1.4", Update: wire.NewUpdate("1.5", wire.RolledBack)}, now)
			failed++
			if want := map[int]district.UpdateState{1: district.UpdateRunning, 2: district.UpdatePaused}[failed]; true {
				step(fmt.Sprintf("%d of 17 rolled back", failed), 0, 3, want)
			}
		}
	}
	if !strings.Contains(u.Why, "2 из 17") || offers(3) != 0 {
		t.Errorf("paused: got %q and %d offers, want 2 of 17 and none", u.Why, offers(3))
	}
	u.State = district.UpdateRunning
	u.Limit = 20
	step("late ones", 49*time.Hour, 3, district.UpdatePaused)
	if n := u.Count(3)[district.TargetLate]; n != 15 {
		t.Errorf("got %d late, want 15", n)
	}
	u.State, u.Limit = district.UpdateRunning, 100
	beat(3, "1.5.1", nil) // newer than offered is as good
	step("all done", time.Hour, 3, district.UpdateDone)
}

// TestVersionsOnlyRise: whatever a kiosk runs, it is never offered what is not newer, and who cannot be
// placed is offered nothing.
func TestVersionsOnlyRise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Now()
		u := dealt(3, now)
		u.Version, u.Stage = rapid.SampledFrom([]string{"1.4", "1.5.0", "2.0"}).Draw(t, "offered"), 3
		fw := rapid.SampledFrom([]string{"1.3.9", "1.4", "v1.4.0", "1.5", "1.5.1", "2.0.1", "b7ff180", "unknown", "1.9-dirty"}).Draw(t, "runs")
		kiosk := rapid.Int64Range(1, 3).Draw(t, "kiosk")
		u.Hear(kiosk, wire.Beat{Firmware: fw}, now)
		if got, want := u.Offers(kiosk), wire.Newer(u.Version, fw); got != want {
			t.Fatalf("%s offered to %s: got %v, want %v", u.Version, fw, got, want)
		}
	})
}

// hear sends a heartbeat of a device that runs a version, and returns what it is offered.
func (d *device) hear(up time.Duration, fw string, end *wire.Update) *wire.Offer {
	d.r.t.Helper()
	h := d.head(1)
	h.Beat = &wire.Beat{Up: up.Milliseconds(), Firmware: fw, Disk: 50, Update: end}
	code, a := d.events(h, nil)
	if code != http.StatusOK {
		d.r.t.Fatalf("heartbeat: got %d %s", code, a.Status)
	}
	return a.Offer
}

// TestUpdateThroughTheServer: a bundle is taken in, offered in a signed answer, fetched in pieces, and
// paused when the first kiosk falls back; everything stands in the audit log.
func TestUpdateThroughTheServer(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, func(o *district.Options) { o.Bundles = dir })
	a, b := r.enrolled("у входа"), r.enrolled("в зале")
	text := bytes.Repeat([]byte("bundle "), 1000)
	u, err := r.AddBundle(t.Context(), "admin", "1.5", bytes.NewReader(text))
	sum := sha256.Sum256(text)
	if err != nil || u.SHA256 != hex.EncodeToString(sum[:]) || u.Size != int64(len(text)) {
		t.Fatalf("got %+v, %v", u, err)
	}
	for _, wrong := range []string{"1.5", "1.4.9", "newest", "1.6-rc1", "../1.6"} {
		if _, err := r.AddBundle(t.Context(), "admin", wrong, bytes.NewReader(text)); !errors.Is(err, district.ErrInput) {
			t.Errorf("version %q: got %v, want ErrInput", wrong, err)
		}
	}
	if got := a.hear(time.Second, "1.4", nil); got != nil {
		t.Errorf("before the start: got %+v, want no offer", got)
	}
	for _, kiosks := range [][]int64{nil, {999}} {
		if err := r.StartUpdate(t.Context(), "admin", u.ID, kiosks, 0, 0); err == nil {
			t.Errorf("started for %v", kiosks)
		}
	}
	if err := r.StartUpdate(t.Context(), "admin", u.ID, []int64{a.id, b.id}, b.id, 0); err != nil {
		t.Fatal(err)
	}
	if err := r.StartUpdate(t.Context(), "admin", u.ID, []int64{a.id}, 0, 0); !errors.Is(err, district.ErrInput) {
		t.Errorf("started twice: got %v, want ErrInput", err)
	}
	want := wire.Offer{Version: "1.5", SHA256: u.SHA256, Size: u.Size}
	if got := a.hear(2*time.Second, "1.4", nil); got != nil {
		t.Errorf("the second stage: got %+v, want no offer yet", got)
	}
	if got := b.hear(time.Second, "1.4", nil); got == nil || *got != want {
		t.Fatalf("the first stage: got %+v, want %+v", got, want)
	}
	fetch(t, r.Server, u.SHA256, text)
	if got := b.hear(2*time.Second, "1.4", wire.NewUpdate("1.5", wire.RolledBack)); got != nil {
		t.Errorf("after it fell back: got %+v, want no offer", got)
	}
	state := func() district.Update {
		list, err := r.store.Updates(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("got %+v, %v", list, err)
		}
		return list[0]
	}
	if got := state(); got.State != district.UpdatePaused || !strings.Contains(got.Why, "1 из 1") {
		t.Errorf("got %s %q, want paused, 1 of 1", got.State, got.Why)
	}
	if err := r.ResumeUpdate(t.Context(), "admin", u.ID); err != nil {
		t.Fatal(err)
	}
	if got := b.hear(3*time.Second, "1.4", nil); got == nil {
		t.Error("after going on: got no offer, want one more try")
	}
	b.hear(4*time.Second, "1.5", wire.NewUpdate("1.5", wire.Installed))
	if got := state().Count(1)[district.TargetDone]; got != 1 {
		t.Errorf("got %d done, want 1", got)
	}
	if err := r.WithdrawUpdate(t.Context(), "admin", u.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.PauseUpdate(t.Context(), "admin", u.ID); !errors.Is(err, district.ErrInput) {
		t.Errorf("pause what is withdrawn: got %v, want ErrInput", err)
	}
	log, err := r.store.AuditLog(t.Context(), 9)
	var words []string
	for _, e := range log {
		if strings.HasPrefix(e.What, "update.") {
			words = append(words, e.Who+" "+e.What)
		}
	}
	if got, want := strings.Join(words, ", "), "admin update.withdrawn, admin update.resumed, server update.paused, admin update.started, admin update.added"; err != nil || got != want {
		t.Errorf("audit: got %s, %v, want %s", got, err, want)
	}
}

// fetch gets a bundle whole and in two pieces, and what is none not at all.
func fetch(t *testing.T, h http.Handler, hash string, text []byte) {
	t.Helper()
	get := func(path, span string) (int, string) {
		q := httptest.NewRequest(http.MethodGet, path, nil)
		if span != "" {
			q.Header.Set("Range", "bytes="+span)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, q)
		return w.Code, w.Body.String()
	}
	code, whole := get("/proxy/v1/bundle/"+hash, "")
	_, head := get("/v1/bundle/"+hash, "0-99")
	part, tail := get("/v1/bundle/"+hash, "100-")
	if code != http.StatusOK || whole != string(text) || part != http.StatusPartialContent || head+tail != string(text) {
		t.Errorf("got %d with %d bytes, %d with %d + %d, want %d", code, len(whole), part, len(head), len(tail), len(text))
	}
	for _, path := range []string{"/v1/bundle/" + strings.Repeat("0", 64), "/v1/bundle/..%2f..%2fdistrict.key", "/v1/bundle/", "/v1/bundle/" + hash[:63]} {
		if code, _ := get(path, ""); code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, code)
		}
	}
}
