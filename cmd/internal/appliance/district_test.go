package appliance

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/outbox"
	"sps-kiosk/sync/outbox/outboxtest"
	"sps-kiosk/sync/uplink"
)

// pair is the real uplink and the real district, with nothing but a function call between them.
type pair struct {
	t      *testing.T
	path   string
	store  district.Store
	server *district.Server
	key    *ident.Key
	kiosk  int64
	card   *outboxtest.Log
	link   *uplink.Uplink
	state  uplink.State
	began  time.Time
}

func newPair(t *testing.T, byFile bool) *pair {
	t.Helper()
	p := &pair{t: t, path: filepath.Join(t.TempDir(), "district.db"), key: ident.NewKey(), card: &outboxtest.Log{}, began: time.Now()}
	p.serve()
	office, err := p.server.AddOffice(t.Context(), "test", district.Office{Name: "МФЦ", Zone: "Europe/Samara"})
	if err == nil {
		p.kiosk, err = p.server.AddKiosk(t.Context(), "test", office, "Зал")
	}
	if err != nil {
		t.Fatal(err)
	}
	p.card.Boot()
	p.happen(1)
	folder, at := t.TempDir(), "https://district.example"
	if byFile {
		at = ""
		p.invite(folder)
	}
	box, err := outbox.New(p.card)
	if err != nil {
		t.Fatal(err)
	}
	p.link, err = uplink.New(uplink.Options{Box: box, Dir: filepath.Join(folder, "identity"), Enrol: folder, Address: at,
		Now: func() event.Time { return p.card.Now(time.Since(p.began)) }, Client: &http.Client{Transport: p},
		Tell: func(s uplink.State) { p.state = s }, Rand: rand.New(rand.NewPCG(1, 1))})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// serve opens the database and a server on it.
func (p *pair) serve() {
	p.t.Helper()
	var err error
	if p.store, err = sqlite.Open(p.t.Context(), p.path); err != nil {
		p.t.Fatal(err)
	}
	store := p.store
	p.t.Cleanup(func() { store.Close() })
	if p.server, err = district.New(district.Options{Store: p.store, Key: p.key, Address: "https://district.example", PerMinute: 100_000}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) invite(folder string) {
	p.t.Helper()
	text, err := p.server.Invite(p.t.Context(), "test", p.kiosk)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, ident.EnrollFile), text, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// RoundTrip hands a request to the district.
func (p *pair) RoundTrip(q *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, q)
	return w.Result(), nil
}

func (p *pair) happen(n int) {
	for range n {
		p.card.Append(event.Event{Kind: event.Help, At: p.card.Now(time.Since(p.began))})
	}
}

// until makes exchanges until the state is as wanted.
func (p *pair) until(what string, so func(uplink.State) bool) {
	p.t.Helper()
	for range 40 {
		if p.link.Exchange(p.t.Context()); so(p.state) {
			return
		}
	}
	p.t.Fatalf("%s: got %+v after 40 exchanges", what, p.state)
}

func drained(s uplink.State) bool { return s.Link == uplink.Linked && s.Backlog == 0 }

// marks returns how many events the district has, over all streams of the card.
func (p *pair) marks() (sum uint64) {
	p.t.Helper()
	rows, err := p.card.Streams()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, row := range rows {
		mark, err := p.store.Mark(p.t.Context(), row.ID)
		if err != nil {
			p.t.Fatal(err)
		}
		sum += mark
	}
	return sum
}

func (p *pair) has(n uint64) {
	p.t.Helper()
	if got := p.marks(); got != n {
		p.t.Errorf("got %d events in the district, want %d", got, n)
	}
}

// A kiosk that was revoked goes on, and comes back; so does one whose district was restored from a
// backup of before, and one whose database was away.
func TestLifeWithTheDistrict(t *testing.T) {
	p := newPair(t, true)
	p.happen(700)
	p.until("drain", drained)
	p.has(701)
	if err := p.server.Revoke(t.Context(), "test", p.kiosk); err != nil {
		t.Fatal(err)
	}
	p.happen(3)
	p.until("revoked", func(s uplink.State) bool { return s.Status == ident.Revoked && s.Backlog == 3 })
	if err := p.server.Restore(t.Context(), "test", p.kiosk); err != nil {
		t.Fatal(err)
	}
	p.until("back on the register", drained)
	p.has(704)

	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := p.store.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p.card.Boot()
		p.happen(50)
		p.until("drain", drained)
	}
	p.has(854)
	if err := p.store.Close(); err != nil {
		t.Fatal(err)
	}
	p.happen(1)
	p.until("database away", func(s uplink.State) bool { return s.Link == uplink.NoLink && s.Backlog == 1 })
	p.path = backup
	p.serve()
	p.until("refill", func(s uplink.State) bool { return drained(s) && p.marks() == 855 })
}

// A kiosk without a file shows a number; the administrator types it.
func TestNumberLetsTheKioskIn(t *testing.T) {
	p := newPair(t, false)
	p.until("a number", func(s uplink.State) bool { return s.Number != "" })
	p.until("waiting", func(s uplink.State) bool { return s.Link == uplink.Waiting })
	key, err := ident.LoadKey(filepath.Join(p.link.Dir, "device.key"))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := p.server.Type(t.Context(), "test", key.ID(), p.kiosk, p.state.Number); v != ident.Approved || err != nil {
		t.Fatalf("type %s: got %v, %v, want approved", p.state.Number, v, err)
	}
	p.until("drain", drained)
	p.has(1)
	p.link.NewKey = "осень"
	p.happen(1)
	p.until("drain under the next key", drained)
	p.until("drain under the next key", drained)
	if next, err := ident.LoadKey(filepath.Join(p.link.Dir, "device.key")); err != nil || next.ID() == key.ID() {
		t.Errorf("got the key of before, error %v, want the next one", err)
	}
	p.has(2)
}
