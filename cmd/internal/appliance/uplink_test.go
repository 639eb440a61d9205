package appliance

import (
	"log/slog"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/store"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/uplink"
)

// newTestLink is a link over a drawn machine and a real store.
func newTestLink(t *testing.T) (*link, *bench.Machine) {
	t.Helper()
	m := bench.New(usual())
	t.Cleanup(func() { m.Close() })
	data, err := store.Options{Reserve: 1 << 20}.Open(t.TempDir(), m.Boot(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { data.Close() })
	l, err := newLink(m, data, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l.seen, l.show = func(health.State) {}, func(string) {}
	return l, m
}

// The district's word dates the boot where the kernel does not vouch for its clock, and stands above
// a kernel that contradicts it; else the better of the two holds.
func TestTimeComesFromTheDistrict(t *testing.T) {
	l, m := newTestLink(t)
	m.SetClockTrusted(false)
	if now := l.now(); now.Trusted() {
		t.Fatalf("got %+v, want no trusted time before any answer", now)
	}
	up, wall, _ := m.Now()
	learn := func(told time.Time) {
		t.Helper()
		r, err := clock.FromAnswer(uint64(l.boot), up, up, told.UnixMilli(), time.Second)
		if err == nil {
			_, err = l.box.Learn(r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	told := wall.Add(-1000 * time.Hour)
	learn(told)
	now := l.now()
	if off := now.Wall - told.UnixMilli(); !now.Trusted() || off < -2000 || off > 60_000 {
		t.Errorf("got %+v, want the district's %v", now, told)
	}
	m.SetClockTrusted(true)
	if now := l.now(); now.Wall-told.UnixMilli() > 60_000 {
		t.Errorf("got %v by a kernel that contradicts the district, want %v", time.UnixMilli(now.Wall), told)
	}
}

// What [district] says reaches the uplink.
func TestSettingsReachTheUplink(t *testing.T) {
	l, _ := newTestLink(t)
	d := config.District{Address: "https://sps.region.ru", Every: 15 * time.Minute, NewKey: "осень 2026"}
	got := l.options(Options{Data: "data", Config: "boot/kiosk.txt"}, d)
	if got.Address != d.Address || got.Every != d.Every || got.NewKey != d.NewKey || got.Enrol != "boot" || got.Dir != "data/identity" {
		t.Errorf("got %+v, want %+v, enroll.json beside kiosk.txt and the key with the data", got, d)
	}
}

func TestTheBetterClockHolds(t *testing.T) {
	l, m := newTestLink(t)
	up, wall, precise := m.Now()
	r, err := clock.FromAnswer(uint64(l.boot), up, up, wall.UnixMilli(), time.Second)
	if err == nil {
		_, err = l.box.Learn(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	if now := l.now(); now.Error != precise {
		t.Errorf("got ± %v, want the kernel's ± %v", now.Error, precise)
	}
}

// What the kernel says of the time is kept, so that the district can date a boot by it.
func TestKernelTimeIsKept(t *testing.T) {
	l, m := newTestLink(t)
	l.tell(uplink.State{})
	up, wall, _ := m.Now()
	if d := l.box.Date(clock.Moment{Boot: uint64(l.boot), Up: up}); d.Open() || d.By() != clock.NTP || d.Lo > wall.UnixMilli() || d.Hi < wall.UnixMilli() {
		t.Errorf("got %+v, want the kernel's %v", d, wall)
	}
}

// A lost answer is no fact, ten minutes without a link are; a district that takes nothing is one at
// once, and none is none.
func TestLinkIsHealth(t *testing.T) {
	l, _ := newTestLink(t)
	for _, c := range []struct {
		link uplink.Link
		at   time.Duration
		want health.State
	}{
		{uplink.Unbound, 0, health.Unknown},
		{uplink.Waiting, 0, health.Unknown},
		{uplink.NoLink, time.Minute, health.Unknown},
		{uplink.NoLink, 10 * time.Minute, health.Unknown},
		{uplink.NoLink, 11 * time.Minute, health.NoLink},
		{uplink.Linked, 12 * time.Minute, health.OK},
		{uplink.NoLink, 13 * time.Minute, health.Unknown},
		{uplink.Rejected, 14 * time.Minute, health.Unregistered},
	} {
		if got := l.health(uplink.State{Link: c.link, Status: ident.Active}, c.at); got != c.want {
			t.Errorf("link %d at %v: got %q, want %q", c.link, c.at, got, c.want)
		}
	}
}

// The heartbeat tells what is not in order, in words of the wire.
func TestHeartbeatTellsTheDevices(t *testing.T) {
	l, _ := newTestLink(t)
	told := 0
	seen := l.committed(nil)
	seen(queue.Change{}, time.Millisecond, kiosk.View{Health: []health.Entry{
		{Device: "printer", State: health.PaperOut}, {Device: "display", State: health.OK}, {Device: "secret name", State: "Иванов"}}})
	for _, d := range l.beat().Devices {
		told++
		if d.Name != "printer" && d.Name != "other" || d.State != "paper_out" && d.State != "other" {
			t.Errorf("got %+v, want words of the list", d)
		}
	}
	if b := l.beat(); told != 2 || b.Disk <= 0 || b.Firmware == "" {
		t.Errorf("got %+v, want two devices, room and a release", b)
	}
}

// A number for the administrator is shown when nobody is being called.
func TestNumberWaitsForTheHall(t *testing.T) {
	l, _ := newTestLink(t)
	if !l.quiet() {
		t.Error("got a busy hall before anything happened")
	}
	l.view.Store(&kiosk.View{Windows: []kiosk.WindowView{{Number: 1}}})
	if !l.quiet() {
		t.Error("got a busy hall with an idle window")
	}
	l.view.Store(&kiosk.View{Windows: []kiosk.WindowView{{Number: 1, Busy: []string{"А001"}}}})
	if l.quiet() {
		t.Error("got a quiet hall with a visitor")
	}
}
