package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/slip/sliptest"
	"sps-kiosk/kiosk/store"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
)

// TestFiguresReachTheDistrict is the whole chain: the real kiosk on the drawn machine, whose clock
// nobody has set, pressed while there is no network and killed in between; then the network comes.
// The district's report must say what an independent count over the kiosk's own log says, and the
// next ticket has a date.
func TestFiguresReachTheDistrict(t *testing.T) {
	layout := appliance.Layout(config.Default())
	layout.Printer.Speed = -1 // instant paper
	r := newRig(t, layout)
	r.machine.SetClockTrusted(false)
	d := newDistrictRig(t)
	folder := d.settings()
	start := func() {
		r.log.mark()
		r.process = exec.Command(kiosk, "-board", "bench:"+r.socket, "-data", r.data, "-config", folder, "-contact", "1s")
		r.process.Stdout, r.process.Stderr = r.log, r.log
		if err := r.process.Start(); err != nil {
			t.Fatal(err)
		}
		r.saysWithin(30*time.Second, "serving")
	}
	tickets := func(n int) {
		for range n {
			before := len(r.machine.Snapshot().Printer.Papers)
			r.press("GPIO17")
			r.papers("a slip", func(p []bench.PaperView) bool { return len(p) > before && p[len(p)-1].Cut })
			time.Sleep(500 * time.Millisecond) // a hand
		}
	}
	start()
	tickets(2)
	undated := r.papers("the second slip", func(p []bench.PaperView) bool { return len(p) == 2 })
	if words := sliptest.ReadText(t, undated); !regexp.MustCompile(`(?i)время\s+не\s+установлено`).MatchString(words) {
		t.Errorf("a slip without a clock reads %q, want «время не установлено»", words)
	}
	r.kill()
	start()
	tickets(1)
	r.press("GPIO4") // window 1 opens
	time.Sleep(time.Second)
	r.press("GPIO4") // and calls
	r.saysWithin(30*time.Second, "no answer")

	d.open()
	r.saysWithin(2*time.Minute, "works again")
	tickets(1)
	dated := r.papers("a slip after the link", func(p []bench.PaperView) bool { return len(p) == 4 && p[3].Cut })
	if words := sliptest.ReadText(t, dated); regexp.MustCompile(`(?i)не\s+установлено`).MatchString(words) {
		t.Errorf("a slip after the district has told the time reads %q, want a date", words)
	}
	r.saysWithin(30*time.Second, "на учёте")
	r.kill()
	start() // what came after the last exchange goes with the next
	for limit := time.Now().Add(2 * time.Minute); d.report("issued") < 4 && time.Now().Before(limit); {
		time.Sleep(200 * time.Millisecond)
	}
	r.kill()

	counted, stored := d.count(r.data)
	if counted[event.Issued] != 4 {
		t.Fatalf("got %d tickets in the kiosk's log up to what the district has, want 4", counted[event.Issued])
	}
	for counter, kind := range map[string]event.Kind{"issued": event.Issued, "calls": event.Called, "print_confirmed": event.Printed, "boots": event.Booted} {
		if got := d.report(counter); got != int64(counted[kind]) {
			t.Errorf("%s: the district reports %d, the kiosk's log has %d", counter, got, counted[kind])
		}
	}
	t.Logf("%d events in the district; %v", stored, counted)
}

// saysWithin waits for a word in the kiosk's log since its start.
func (r *rig) saysWithin(limit time.Duration, word string) {
	r.t.Helper()
	for end := time.Now().Add(limit); !r.log.since(word); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("the kiosk has not said %q in %v:\n%s", word, limit, r.log.tail(30))
		}
	}
}

// count opens the store of a dead kiosk and counts its events up to the last one the district has: the
// kiosk may have died before it heard how far that is.
func (d *districtRig) count(data string) (counted map[event.Kind]int, stored uint64) {
	d.t.Helper()
	s, err := store.Open(data, "audit", slog.New(slog.DiscardHandler))
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.Streams()
	if err != nil {
		d.t.Fatal(err)
	}
	for _, row := range rows {
		mark, err := d.db.Mark(d.t.Context(), row.ID)
		if err != nil {
			d.t.Fatal(err)
		}
		if mark > 0 {
			stored = row.First + mark - 1
		}
	}
	counted = map[event.Kind]int{}
	if err := s.Events(1, func(e event.Event) error {
		if e.Seq <= stored {
			counted[e.Kind]++
		}
		return nil
	}); err != nil {
		d.t.Fatal(err)
	}
	return counted, stored
}

// districtRig is a real district over SQLite, behind a port that may be shut.
type districtRig struct {
	t       *testing.T
	db      district.Store
	server  *district.Server
	handler *export.Handler
	enrol   []byte
	address string
}

func newDistrictRig(t *testing.T) *districtRig {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	port, err := net.Listen("tcp", "127.0.0.1:0") // a free one, shut at once: there is no network yet
	if err != nil {
		t.Fatal(err)
	}
	d := &districtRig{t: t, db: db, address: port.Addr().String(), handler: &export.Handler{Offices: db, Rolls: db, Log: slog.New(slog.DiscardHandler)}}
	port.Close()
	if d.server, err = district.New(district.Options{Store: db, Key: ident.NewKey(), Address: "https://" + d.address, Settle: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	office, err := d.server.AddOffice(t.Context(), "test", district.Office{Name: "МФЦ", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	id, err := d.server.AddKiosk(t.Context(), "test", office, "Зал")
	if err == nil {
		d.enrol, err = d.server.Invite(t.Context(), "test", id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// settings writes a folder with settings that are open at any hour, and the district's file.
func (d *districtRig) settings() string {
	d.t.Helper()
	folder := d.t.TempDir()
	text := regexp.MustCompile(`(?m)^(\w+day) = ".*"$`).ReplaceAll(config.CatalogReference, []byte(`$1 = "00:00-24:00"`))
	text = regexp.MustCompile(`last_ticket_minutes = \d+`).ReplaceAll(text, []byte("last_ticket_minutes = 0"))
	text = regexp.MustCompile(`(?m)^(holidays|short_days) = .*$`).ReplaceAll(text, []byte("$1 = []"))
	device := bytes.ReplaceAll(config.Reference, []byte("every_minutes = 5"), []byte("every_minutes = 1"))
	for name, content := range map[string][]byte{"kiosk.txt": device, config.CatalogName: text, ident.EnrollFile: d.enrol} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
	return folder
}

// open opens the port: the network is there.
func (d *districtRig) open() {
	d.t.Helper()
	l, err := net.Listen("tcp", d.address)
	if err != nil {
		d.t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		d.t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		d.t.Fatal(err)
	}
	server := &http.Server{Handler: d.server, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}, MinVersion: tls.VersionTLS13}}
	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(l, "", "") }()
	d.t.Cleanup(func() {
		server.Close()
		<-served
	})
}

// report returns a counter of all offices from the JSON report of the days around now.
func (d *districtRig) report(counter string) (sum int64) {
	d.t.Helper()
	if err := d.server.Roll(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	from, to := time.Now().AddDate(0, 0, -2).Format(time.DateOnly), time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/report.json?step=day&from="+from+"&to="+to, nil))
	var report struct {
		Lines []struct {
			Office   int64
			Counters map[string]int64
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil || w.Code != http.StatusOK {
		d.t.Fatalf("report: %d, %v: %s", w.Code, err, w.Body)
	}
	for _, line := range report.Lines {
		if line.Office == 0 {
			sum += line.Counters[counter]
		}
	}
	return sum
}
