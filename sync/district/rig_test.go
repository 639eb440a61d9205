package district_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// rig is a district over a real database, with an office.
type rig struct {
	*district.Server
	t      testing.TB
	store  district.Store
	key    *ident.Key
	office int64
	path   string
}

// newRig starts a district; change may alter its options.
func newRig(t testing.TB, change func(*district.Options)) *rig {
	t.Helper()
	r := &rig{t: t, key: ident.NewKey(), path: filepath.Join(t.TempDir(), "district.db")}
	r.start(change)
	var err error
	if r.office, err = r.AddOffice(t.Context(), "test", district.Office{Name: "МФЦ Кошки", Zone: "Europe/Samara"}); err != nil {
		t.Fatal(err)
	}
	return r
}

// start opens the database and a server on it.
func (r *rig) start(change func(*district.Options)) {
	r.t.Helper()
	store, err := sqlite.Open(r.t.Context(), r.path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { store.Close() })
	o := district.Options{Store: store, Key: r.key, Address: "https://district.example", PerMinute: 100_000}
	if change != nil {
		change(&o)
	}
	if r.Server, err = district.New(o); err != nil {
		r.t.Fatal(err)
	}
	r.store = store
}

// device is a kiosk as the district sees it.
type device struct {
	r      *rig
	id     int64
	key    *ident.Key
	stream wire.StreamID
	boot   uint32
	prev   *wire.Prev
	to     ident.ID
}

// stranger is a device that nobody knows.
func (r *rig) stranger() *device {
	return &device{r: r, key: ident.NewKey(), stream: wire.NewStreamID(), boot: 1, to: r.key.ID()}
}

// enrolled is a device that came with a file.
func (r *rig) enrolled(name string) *device {
	r.t.Helper()
	d := r.stranger()
	var err error
	if d.id, err = r.AddKiosk(r.t.Context(), "test", r.office, name); err != nil {
		r.t.Fatal(err)
	}
	if code, a := d.enrol(r.token(d.id)); code != http.StatusOK || a.Status != string(ident.Active) {
		r.t.Fatalf("enrol: got %d %s, want 200 active", code, a.Status)
	}
	return d
}

// token makes an invitation for a kiosk and returns what is in its file.
func (r *rig) token(kiosk int64) ident.Token {
	r.t.Helper()
	text, err := r.Invite(r.t.Context(), "test", kiosk)
	if err != nil {
		r.t.Fatal(err)
	}
	e, err := ident.ParseEnrolment(text)
	if err != nil || e.Server != r.key.Public() {
		r.t.Fatalf("enroll.json: got %+v, %v, want the district's key", e, err)
	}
	return e.Token
}

// enrol redeems a token.
func (d *device) enrol(token ident.Token) (int, wire.Answer) {
	return d.answer(ident.CallEnrol, marshal(d.r.t, ident.Enrol{Key: d.key.Public(), Token: token}))
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// answer makes a call and returns the answer, whose signature must hold.
func (d *device) answer(call string, body []byte) (int, wire.Answer) {
	d.r.t.Helper()
	res, text := d.send(call, body)
	a, err := wire.ParseAnswer(text)
	if err != nil {
		d.r.t.Fatalf("%s: answer %d %q: %v", call, res.StatusCode, text, err)
	}
	return res.StatusCode, a
}

// send makes a call.
func (d *device) send(call string, body []byte) (*http.Response, []byte) {
	d.r.t.Helper()
	signed := d.key.Sign(d.to, call, body)
	res, text := d.post(d.r.Server, call, signed.Header, body)
	if err := signed.VerifyAnswer(res.Header.Get(ident.HeaderAnswer), []ident.Public{d.r.key.Public()}, res.StatusCode, text); err != nil {
		d.r.t.Fatalf("%s: answer %d %q is not signed: %v", call, res.StatusCode, text, err)
	}
	return res, text
}

// post makes a request under any header.
func (d *device) post(to http.Handler, call, header string, body []byte) (*http.Response, []byte) {
	req := httptest.NewRequest(http.MethodPost, "/some/proxy/v1/"+call, bytes.NewReader(body))
	req.Header.Set(ident.HeaderRequest, header)
	w := httptest.NewRecorder()
	to.ServeHTTP(w, req)
	text, _ := io.ReadAll(w.Result().Body)
	return w.Result(), text
}

// event is the fact of a place.
func event(seq uint64) wire.Event {
	return wire.Event{Seq: seq, Up: int64(seq) * 1000, Kind: "issued", Day: 1, Service: "docs", Number: int(seq), Queue: "docs"}
}

// head is the head of a batch.
func (d *device) head(first uint64) wire.Head {
	return wire.Head{Stream: d.stream, Boot: d.boot, First: first, Prev: d.prev}
}

// batch sends n events from first on.
func (d *device) batch(first uint64, n int) (int, wire.Answer) {
	d.r.t.Helper()
	var events []wire.Event
	for i := range uint64(n) {
		events = append(events, event(first+i))
	}
	return d.events(d.head(first), events)
}

// events sends a batch.
func (d *device) events(h wire.Head, events []wire.Event) (int, wire.Answer) {
	d.r.t.Helper()
	var enc wire.Encoder
	body, err := enc.Encode(h, events)
	if err != nil {
		d.r.t.Fatalf("encode: %v", err)
	}
	return d.answer(ident.CallBatch, body)
}

// beat sends a heartbeat.
func (d *device) beat(up time.Duration) (int, wire.Answer) {
	d.r.t.Helper()
	h := d.head(1)
	h.Beat = &wire.Beat{Up: up.Milliseconds(), Firmware: "1.0", Disk: 50}
	return d.events(h, nil)
}

// want fails the test unless an answer is as it should be.
func (d *device) want(code int, a wire.Answer) func(int, ident.Status, uint64) {
	return func(wantCode int, status ident.Status, ack uint64) {
		d.r.t.Helper()
		if code != wantCode || a.Status != string(status) || a.Ack != ack {
			d.r.t.Errorf("got %d %s ack %d, want %d %s ack %d", code, a.Status, a.Ack, wantCode, status, ack)
		}
	}
}
