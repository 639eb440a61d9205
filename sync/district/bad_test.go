package district_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// body encodes a batch of n events from first on.
func (d *device) body(first uint64, n int) []byte {
	d.r.t.Helper()
	var events []wire.Event
	for i := range uint64(n) {
		events = append(events, event(first+i))
	}
	var enc wire.Encoder
	b, err := enc.Encode(d.head(first), events)
	if err != nil {
		d.r.t.Fatal(err)
	}
	return bytes.Clone(b)
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}

// TestBadBatches crosses every limit: each is refused with a signed answer, nothing is stored, and
// the next good batch goes on as if nothing had been.
func TestBadBatches(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	good := d.body(1, 5)
	headLine := fmt.Sprintf(`{"v":1,"stream":%q,"boot":1,"first":1,"n":%%d}`+"\n", d.stream)
	cut := append([]byte{}, good[:len(good)-9]...)
	for name, c := range map[string]struct {
		body   []byte
		code   int
		status ident.Status
	}{
		"empty":                  {nil, 400, ident.Malformed},
		"not gzip":               {[]byte("POST me"), 400, ident.Malformed},
		"cut off":                {cut, 400, ident.Malformed},
		"bytes after the end":    {append(bytes.Clone(good), 'x'), 400, ident.Malformed},
		"body beyond 1 MiB":      {make([]byte, wire.MaxBody+1), 413, ident.Malformed},
		"gzip bomb":              {gzipped(fmt.Sprintf(headLine, 1) + strings.Repeat(" ", wire.MaxPlain+1)), 413, ident.Malformed},
		"too many events":        {gzipped(fmt.Sprintf(headLine, wire.MaxEvents+1)), 413, ident.Malformed},
		"fewer than announced":   {gzipped(fmt.Sprintf(headLine, 3)), 400, ident.Malformed},
		"head is no object":      {gzipped("[]\n"), 400, ident.Malformed},
		"stream that is none":    {gzipped(`{"v":1,"stream":"x","boot":1,"first":1,"n":0}` + "\n"), 400, ident.Malformed},
		"of a newer program":     {gzipped(`{"v":2,"whatever":true}` + "\n"), 503, "busy"},
		"hole that ends nowhere": {gzipped(strings.Replace(fmt.Sprintf(headLine, 0), `"n"`, `"lost":{"from":9,"why":"purged"},"n"`, 1)), 400, ident.Malformed},
	} {
		code, a := d.answer(ident.CallBatch, c.body)
		if code != c.code || a.Status != string(c.status) || a.Ack != 0 {
			t.Errorf("%s: got %d %s ack %d, want %d %s ack 0", name, code, a.Status, a.Ack, c.code, c.status)
		}
	}
	if mark, err := r.store.Mark(t.Context(), d.stream); mark != 0 || err != nil {
		t.Errorf("mark: got %d, %v, want 0", mark, err)
	}
	d.want(d.batch(1, 5))(200, ident.Active, 5)
}

// TestPoisonLinesGoIntoQuarantine: what is no event, or too new, holds nothing up.
func TestPoisonLinesGoIntoQuarantine(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	lines := fmt.Sprintf(`{"v":1,"stream":%q,"boot":1,"first":1,"n":5}`+"\n", d.stream) +
		`{"s":1,"u":1000,"k":"issued","n":1}` + "\n" + // good
		`{"s":2,"u":2000,"k":"issued","name":"Иван"}` + "\n" + // a field that may not leave
		`{"s":9,"u":3000,"k":"issued"}` + "\n" + // out of its place
		`{"s":4,"u":4000,"k":"teleported"}` + "\n" + // a kind of a newer program: kept
		"not even json\n"
	code, a := d.answer(ident.CallBatch, gzipped(lines))
	d.want(code, a)(200, ident.Active, 5)
	if a.Bad != 3 {
		t.Errorf("got %d bad lines, want 3", a.Bad)
	}
	list, err := r.store.Quarantine(t.Context(), 0, 9)
	if err != nil || len(list) != 3 {
		t.Errorf("quarantine: got %+v, %v, want 3 lines", list, err)
	}
	if err := r.Roll(t.Context()); err != nil {
		t.Errorf("roll-ups over an unknown kind: %v", err)
	}
}

// TestForgedRequests: nothing under a signature that does not hold is taken, and an answer to it is
// signed for whoever asked.
func TestForgedRequests(t *testing.T) {
	r := newRig(t, nil)
	d, other := r.enrolled("у входа"), r.enrolled("в зале")
	body := d.body(1, 5)
	mallory := ident.NewKey()
	for name, header := range map[string]string{
		"for another call":     d.key.Sign(d.to, ident.CallKey, body).Header,
		"for another district": d.key.Sign(mallory.ID(), ident.CallBatch, body).Header,
		"for another body":     d.key.Sign(d.to, ident.CallBatch, other.body(1, 5)).Header,
		"by nobody's key":      mallory.Sign(d.to, ident.CallBatch, body).Header,
		"with another's name":  d.key.ID().String() + mallory.Sign(d.to, ident.CallBatch, body).Header[24:],
	} {
		res, text := d.post(r.Server, ident.CallBatch, "1 "+strings.TrimPrefix(header, "1 "), body)
		a, err := wire.ParseAnswer(text)
		if err == nil && (res.StatusCode != 401 || a.Status != string(ident.Unknown)) || err != nil && res.StatusCode != 400 {
			t.Errorf("%s: got %d %q, want 401 unknown", name, res.StatusCode, text)
		}
	}
	for _, header := range []string{"", "1", "2 a b c", "1 a b c", strings.Repeat("1 ", 1000)} {
		if res, _ := d.post(r.Server, ident.CallBatch, header, body); res.StatusCode != 400 {
			t.Errorf("header %.20q: got %d, want 400", header, res.StatusCode)
		}
	}
	if mark, _ := r.store.Mark(t.Context(), d.stream); mark != 0 {
		t.Errorf("mark: got %d, want 0", mark)
	}
	signed := d.key.Sign(d.to, ident.CallBatch, body) // a replay of a true one changes nothing
	for range 2 {
		if res, text := d.post(r.Server, ident.CallBatch, signed.Header, body); res.StatusCode != 200 {
			t.Errorf("true request and its replay: got %d %q, want 200", res.StatusCode, text)
		}
	}
	if list, err := r.store.Completeness(t.Context(), 0); err != nil || list[0].Bad+list[1].Bad != 0 {
		t.Errorf("got %+v, %v", list, err)
	}
}

// TestRevokedAtTheNextRequest, and restored at the one after.
func TestRevokedAtTheNextRequest(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	d.want(d.batch(1, 2))(200, ident.Active, 2)
	if err := r.Revoke(t.Context(), "test", d.id); err != nil {
		t.Fatal(err)
	}
	d.want(d.batch(3, 2))(410, ident.Revoked, 0)
	d.want(d.beat(time.Hour))(410, ident.Revoked, 0)
	if err := r.Restore(t.Context(), "test", d.id); err != nil {
		t.Fatal(err)
	}
	d.want(d.batch(3, 2))(200, ident.Active, 4)
}

// TestPaceOfAKiosk: 60 requests a minute, and others are not held up by one.
func TestPaceOfAKiosk(t *testing.T) {
	r := newRig(t, func(o *district.Options) { o.PerMinute = 10 })
	d, other := r.enrolled("у входа"), r.enrolled("в зале")
	taken, began := 0, time.Now()
	for range 30 {
		res, text := d.send(ident.CallBatch, d.body(1, 1))
		a, err := wire.ParseAnswer(text)
		switch {
		case err != nil:
			t.Fatal(err)
		case res.StatusCode == 200:
			taken++
		case res.StatusCode != 429 || a.Status != "busy" || res.Header.Get("Retry-After") != "60":
			t.Errorf("got %d %s after %s s, want 429 busy after 60", res.StatusCode, a.Status, res.Header.Get("Retry-After"))
		}
	}
	if most := 11 + int(time.Since(began)/(6*time.Second)); taken < 10 || taken > most { // one more every six seconds
		t.Errorf("got %d of 30 taken, want the 10 of a minute, %d at most by now", taken, most)
	}
	other.want(other.batch(1, 1))(200, ident.Active, 1)
}

// downStore is a database that does not answer.
type downStore struct {
	district.Store
	caller, append error
	slow           time.Duration
}

func (s *downStore) Caller(ctx context.Context, key ident.ID) (district.Caller, error) {
	if s.caller != nil {
		return district.Caller{}, s.caller
	}
	return s.Store.Caller(ctx, key)
}

func (s *downStore) Append(ctx context.Context, d district.Delivery) (district.Receipt, error) {
	select {
	case <-time.After(s.slow):
	case <-ctx.Done():
		return district.Receipt{}, ctx.Err()
	}
	if s.append != nil {
		return district.Receipt{}, s.append
	}
	return s.Store.Append(ctx, d)
}

// TestDatabaseDown: a database that is down, full or slow is a signed 503 with Retry-After, and the
// log has a line in ten seconds, not one per request.
func TestDatabaseDown(t *testing.T) {
	var log bytes.Buffer
	down := &downStore{}
	r := newRig(t, func(o *district.Options) {
		down.Store, o.Store = o.Store, down
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	d := r.enrolled("у входа")
	log.Reset()
	began := time.Now()
	for name, broken := range map[string]downStore{
		"down": {caller: errors.New("connection refused")}, "full": {append: errors.New("database or disk is full")},
		"slow": {slow: time.Hour},
	} {
		broken.Store = down.Store
		*down = broken
		if r.Wait = time.Minute; broken.slow > 0 {
			r.Wait = 20 * time.Millisecond // only here: the others are answered, however slow this machine is
		}
		for range 20 {
			res, text := d.send(ident.CallBatch, d.body(1, 2))
			if a, err := wire.ParseAnswer(text); err != nil || res.StatusCode != 503 || a.Status != "busy" || res.Header.Get("Retry-After") != "30" {
				t.Fatalf("%s: got %d %q, want 503 busy after 30", name, res.StatusCode, text)
			}
		}
	}
	if lines, most := strings.Count(log.String(), "\n"), 1+int(time.Since(began)/(10*time.Second)); lines < 1 || lines > most {
		t.Errorf("got %d lines of log for 60 requests, want 1 to %d:\n%s", lines, most, log.String())
	}
	*down, r.Wait = downStore{Store: down.Store}, time.Minute
	d.want(d.batch(1, 2))(200, ident.Active, 2)
}

// TestLogSaysHowOftenItWasSilent: ten seconds later the same trouble is said again, with a count.
func TestLogSaysHowOftenItWasSilent(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, nil)
	down := &downStore{Store: r.store, caller: errors.New("connection refused")}
	synctest.Test(t, func(t *testing.T) {
		s, err := district.New(district.Options{Store: down, Key: r.key, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		d := r.stranger()
		for _, pause := range []time.Duration{0, time.Second, time.Second, 10 * time.Second} {
			time.Sleep(pause)
			body := []byte("{}")
			if res, _ := d.post(s, ident.CallBatch, d.key.Sign(d.to, ident.CallBatch, body).Header, body); res.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("got %d, want 503", res.StatusCode)
			}
		}
	})
	if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "not_said=2") {
		t.Errorf("got %q, want two lines, the second telling of 2 more", text)
	}
}

// TestServerKeyChanges: the next key is announced, requests for it are taken, and once it has taken
// over, those who heard of it believe it.
func TestServerKeyChanges(t *testing.T) {
	next := ident.NewKey()
	r := newRig(t, func(o *district.Options) { o.NextKey = next })
	d := r.enrolled("у входа")
	if _, a := d.batch(1, 1); a.NextKey != next.Public().String() {
		t.Errorf("announced: got %q, want %q", a.NextKey, next.Public())
	}
	d.to = next.ID()
	d.want(d.batch(2, 1))(200, ident.Active, 2)
	r.key = next
	r.start(nil)
	d.want(d.batch(3, 1))(200, ident.Active, 3)
	d.to = ident.NewKey().ID()
	d.want(d.batch(4, 1))(401, ident.Unknown, 0)
}
