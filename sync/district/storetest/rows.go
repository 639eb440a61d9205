package storetest

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

func registry(t *testing.T, r *rig) {
	if _, err := r.AddOffice(r.ctx, district.Office{Name: "МФЦ Кошки", Zone: "Europe/Samara"}); !errors.Is(err, district.ErrTaken) {
		t.Errorf("the same office again: got %v, want ErrTaken", err)
	}
	if _, err := r.AddKiosk(r.ctx, r.office, "у входа"); !errors.Is(err, district.ErrTaken) {
		t.Errorf("the same kiosk again: got %v, want ErrTaken", err)
	}
	if _, err := r.AddKiosk(r.ctx, 999, "в зале"); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("a kiosk nowhere: got %v, want ErrNoSuch", err)
	}
	err := r.ChangeOffice(r.ctx, r.office, func(o *district.Office) error { o.Zone = "Asia/Omsk"; return nil })
	if err != nil {
		t.Errorf("change office: %v", err)
	}
	broken := errors.New("broken off")
	err = r.ChangeOffice(r.ctx, r.office, func(o *district.Office) error { o.Zone = "Nowhere"; return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the function's own error", err)
	}
	if list, err := r.Offices(r.ctx); err != nil || len(list) != 1 || list[0].Zone != "Asia/Omsk" || list[0].District != "Кошкинский" {
		t.Errorf("got %+v, %v, want one office in Asia/Omsk", list, err)
	}
	next := ident.NewKey()
	old := r.key.Public()
	err = r.ChangeKiosk(r.ctx, r.kiosk, func(k *district.Kiosk) (err error) {
		k.Ring, err = k.Ring.Rotate(start, r.key.ID(), r.key.Rotate(next))
		k.Renew = next.ID()
		return err
	})
	if err != nil {
		t.Fatalf("rotate: %v", err)
	}
	for _, id := range []ident.ID{old.ID(), next.ID()} {
		who, err := r.Caller(r.ctx, id)
		if err != nil || who.Kiosk == nil || who.Kiosk.ID != r.kiosk || who.Kiosk.Ring.Current != next.Public() || !who.Kiosk.Renewing() || !who.Kiosk.Ring.Until.Equal(start.Add(ident.RotationLife)) {
			t.Errorf("caller %v: got %+v, %v, want the kiosk", id, who.Kiosk, err)
		}
	}
	if who, err := r.Caller(r.ctx, ident.NewKey().ID()); err != nil || who != (district.Caller{}) {
		t.Errorf("a stranger: got %+v, %v, want nobody", who, err)
	}
	moved, _ := r.addKiosk(t, r.office, "на втором этаже")
	err = r.ChangeKiosk(r.ctx, moved, func(k *district.Kiosk) error { k.Ring.Current = next.Public(); return nil })
	if err != nil {
		t.Fatalf("move a key: %v", err)
	}
	if who, _ := r.Caller(r.ctx, next.ID()); who.Kiosk == nil || who.Kiosk.ID != moved {
		t.Errorf("a key that moved: got %+v, want kiosk %d", who.Kiosk, moved)
	}
	if k := kioskOf(t, r); k.Status != ident.Revoked {
		t.Errorf("the kiosk it was taken from: got %s, want revoked", k.Status)
	}
}

func invitations(t *testing.T, r *rig) {
	inv, token := ident.Invite(start)
	unused, old := ident.Invite(start)
	for _, i := range []ident.Invitation{unused, inv} {
		if err := r.Invite(r.ctx, r.kiosk, i); err != nil {
			t.Fatal(err)
		}
	}
	never := func(*ident.Invitation, *district.Kiosk) error { t.Error("asked about a token that ended"); return nil }
	if err := r.Redeem(r.ctx, old.Digest(), never); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("a token replaced by a newer one: got %v, want ErrNoSuch", err)
	}
	redeem := func(key *ident.Key) (status ident.Status) {
		err := r.Redeem(r.ctx, token.Digest(), func(i *ident.Invitation, k *district.Kiosk) error {
			if k.ID != r.kiosk || !i.Expires.Equal(inv.Expires) {
				t.Errorf("got kiosk %d until %v, want %d until %v", k.ID, i.Expires, r.kiosk, inv.Expires)
			}
			*i, status = i.Redeem(start, key.ID())
			k.Status = status
			return nil
		})
		if err != nil {
			t.Fatalf("redeem: %v", err)
		}
		return status
	}
	first, second := ident.NewKey(), ident.NewKey()
	for i, step := range []struct {
		key  *ident.Key
		want ident.Status
	}{{first, ident.Active}, {first, ident.Active}, {second, ident.Held}, {first, ident.Held}} {
		if got := redeem(step.key); got != step.want {
			t.Errorf("step %d: got %s, want %s", i, got, step.want)
		}
	}
	if k := kioskOf(t, r); k.Status != ident.Held {
		t.Errorf("got %s, want held", k.Status)
	}
}

func approvals(t *testing.T, r *rig) {
	open := func(now time.Time, key *ident.Key) error {
		return r.Approve(r.ctx, key.ID(), now, 2, func(a *district.Approval) error {
			if a.Began.IsZero() {
				a.Approval = ident.OpenApproval(now, ident.NewAsking(key.Public()).Ask())
			}
			a.Tries++
			return nil
		})
	}
	a, b, c := ident.NewKey(), ident.NewKey(), ident.NewKey()
	for i, step := range []struct {
		key  *ident.Key
		want error
	}{{a, nil}, {b, nil}, {c, district.ErrFull}, {a, nil}} {
		if err := open(start, step.key); !errors.Is(err, step.want) {
			t.Errorf("step %d: got %v, want %v", i, err, step.want)
		}
	}
	if list, err := r.Approvals(r.ctx, start); err != nil || len(list) != 2 {
		t.Errorf("got %d open, %v, want 2", len(list), err)
	}
	who, err := r.Caller(r.ctx, a.ID())
	if err != nil || who.Kiosk != nil || who.Approval == nil || who.Approval.Tries != 2 || who.Approval.Key != a.Public() {
		t.Errorf("caller that asks: got %+v, %v, want the approval after 2 tries", who.Approval, err)
	}
	if err := r.Approve(r.ctx, c.ID(), start, 0, nil); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("none to be made: got %v, want ErrNoSuch", err)
	}
	if err := open(start.Add(ident.ApprovalLife+time.Minute), c); err != nil {
		t.Errorf("after the others ended: got %v, want a new one", err)
	}
}

func accounts(t *testing.T, r *rig) {
	for _, u := range []district.User{{Name: "admin", Role: "viewer", Hash: "old"}, {Name: "admin", Role: "admin", Hash: "new"}} {
		if err := r.PutUser(r.ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := r.Users(r.ctx); err != nil || len(list) != 1 || list[0] != (district.User{Name: "admin", Role: "admin", Hash: "new"}) {
		t.Errorf("got %+v, %v, want the later one", list, err)
	}
	s := district.Session{Token: ident.Digest{1}, User: "admin", CSRF: "x", Expires: start.Add(time.Hour)}
	if err := r.OpenSession(r.ctx, s); err != nil {
		t.Fatal(err)
	}
	s.Role = "admin"
	if got, err := r.Session(r.ctx, s.Token, start); err != nil || got != s {
		t.Errorf("got %+v, %v, want %+v", got, err, s)
	}
	if _, err := r.Session(r.ctx, s.Token, start.Add(time.Hour)); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("at its end: got %v, want ErrNoSuch", err)
	}
	if err := r.CloseSession(r.ctx, s.Token); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(r.ctx, s.Token, start); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("closed: got %v, want ErrNoSuch", err)
	}
	dropped := s
	dropped.Token = ident.Digest{2}
	if err := r.OpenSession(r.ctx, dropped); err != nil {
		t.Fatal(err)
	}
	if err := r.DropUser(r.ctx, "admin"); err != nil {
		t.Fatal(err)
	}
	if list, err := r.Users(r.ctx); err != nil || len(list) != 0 {
		t.Errorf("after the drop: got %+v, %v, want nobody", list, err)
	}
	if _, err := r.Session(r.ctx, dropped.Token, start); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("session of who is gone: got %v, want ErrNoSuch", err)
	}
	if err := r.PutUser(r.ctx, district.User{Name: "admin", Role: "viewer"}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(r.ctx, dropped.Token, start); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("session of a namesake: got %v, want ErrNoSuch", err)
	}
	if err := r.DropUser(r.ctx, "nobody"); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("drop nobody: got %v, want ErrNoSuch", err)
	}
	for i := range 3 {
		if err := r.Fail(r.ctx, "admin", start.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := r.Failures(r.ctx, "admin", start.Add(time.Minute)); err != nil || n != 2 {
		t.Errorf("failures of the last minute: got %d, %v, want 2", n, err)
	}
	if err := r.Audit(r.ctx, district.Entry{At: start, Who: "admin", What: "kiosk.revoked", Note: "у входа"}); err != nil {
		t.Fatal(err)
	}
	log, err := r.AuditLog(r.ctx, 1)
	if err != nil || len(log) != 1 || log[0] != (district.Entry{At: start, Who: "admin", What: "kiosk.revoked", Note: "у входа"}) {
		t.Errorf("audit: got %+v, %v", log, err)
	}
}

// list returns what is stale, and fails unless it is so many.
func (r *rig) list(t *testing.T, want int) []district.Stale {
	t.Helper()
	all, err := r.Stale(r.ctx, start.AddDate(1, 0, 0), 100)
	if err != nil || len(all) != want {
		t.Fatalf("stale: got %+v, %v, want %d", all, err, want)
	}
	return all
}

func stale(t *testing.T, r *rig) {
	s := wire.NewStreamID()
	r.must(t, r.batch(s, 1, 2))
	before := r.list(t, 1)
	if before[0].Kiosk != r.kiosk || before[0].Card != 1 || before[0].First != 0 {
		t.Errorf("got %+v, want the leading part of kiosk %d", before[0], r.kiosk)
	}
	u := district.Unit{Kiosk: r.kiosk, Card: 1}
	r.must(t, r.batch(s, 3, 1))
	next := district.Part{Stream: before[0].Stream, First: 77}
	counted := district.Recount{Unit: district.Unit{Kiosk: r.kiosk, Card: 1, Stream: next.Stream, First: next.First}, Office: r.office}
	if err := r.Replace(r.ctx, counted); err != nil {
		t.Fatal(err)
	}
	err := r.Replace(r.ctx, district.Recount{Unit: u, Office: r.office, Carry: []byte("a"), Done: before})
	if !errors.Is(err, district.ErrTaken) {
		t.Errorf("a part that changed meanwhile: got %v, want ErrTaken", err)
	}
	if _, counted, err := r.Carry(r.ctx, u); counted || err != nil {
		t.Errorf("got counted %v, %v, want nothing stored", counted, err)
	}
	for i, step := range []struct {
		carry string
		left  int
	}{{"a", 1}, {"a", 0}, {"b", 1}} {
		now, _ := r.Stale(r.ctx, start.AddDate(1, 0, 0), 100)
		if err := r.Replace(r.ctx, district.Recount{Unit: u, Office: r.office, Carry: []byte(step.carry), Done: now, Next: &next}); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if left := r.list(t, step.left); step.left == 1 && left[0].Part != next {
			t.Errorf("step %d: got %+v stale, want the next unit", i, left[0].Part)
		}
	}
	if carry, counted, err := r.Carry(r.ctx, u); !counted || err != nil || string(carry) != "b" {
		t.Errorf("carry: got %q, %v, %v, want b", carry, counted, err)
	}
	if early, err := r.Stale(r.ctx, start, 100); err != nil || len(early) != 0 {
		t.Errorf("stale since before it was: got %+v, %v, want none", early, err)
	}
}

// add sums numbers; the sum 0 leaves nothing.
func add(list [][]byte) ([]byte, error) {
	var sum uint64
	for _, b := range list {
		sum += binary.BigEndian.Uint64(b)
	}
	if sum == 0 {
		return nil, nil
	}
	return number(sum), nil
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// localHour is a local hour as district.Row has it.
func localHour(y, m, d, h int) int64 {
	return time.Date(y, time.Month(m), d, h, 0, 0, 0, time.UTC).Unix() / 3600
}

func sums(t *testing.T, r *rig) {
	far, err := r.AddOffice(r.ctx, district.Office{Name: "Омск", Zone: "Asia/Omsk"})
	if err != nil {
		t.Fatal(err)
	}
	other, _ := r.addKiosk(t, far, "в зале")
	monday, next := localHour(2026, 11, 23, 10), localHour(2026, 11, 30, 10)
	row := func(hour int64, window int, n uint64) district.Row {
		return district.Row{Hour: hour, Key: district.Key{Queue: "docs", Window: window}, Data: number(n)}
	}
	put := func(kiosk, office int64, rows ...district.Row) {
		t.Helper()
		u := district.Unit{Kiosk: kiosk, Card: 1, Stream: 1, First: 1}
		if err := r.Replace(r.ctx, district.Recount{Unit: u, Office: office, Rows: rows}); err != nil {
			t.Fatalf("replace: %v", err)
		}
		for {
			n, err := r.Fold(r.ctx, 2, add)
			if err != nil {
				t.Fatalf("fold: %v", err)
			}
			if n == 0 {
				return
			}
		}
	}
	put(r.kiosk, r.office, row(monday, 1, 5), row(monday, 2, 7), row(next, 1, 100), row(-1, 0, 9))
	put(other, far, row(monday, 1, 1000))
	want(t, r, r.office, "11 docs 1 5|11 docs 2 7|30 docs 1 100|-1 docs 0 9|cell docs 112")
	want(t, r, 0, "11 docs 0 1012|30 docs 0 100|-1 docs 0 9|cell docs 1112")
	put(r.kiosk, r.office, row(monday, 1, 6))
	want(t, r, r.office, "11 docs 1 6|cell docs 6")
	want(t, r, 0, "11 docs 0 1006|cell docs 1006")
	put(r.kiosk, r.office)
	put(other, far)
	want(t, r, 0, "")
	if n, err := r.Fold(r.ctx, 100, add); n != 0 || err != nil {
		t.Errorf("nothing to do: got %d, %v, want 0", n, err)
	}
}

func redating(t *testing.T, r *rig) {
	s := wire.NewStreamID()
	settle := func() {
		t.Helper()
		all, err := r.Stale(r.ctx, start.AddDate(1, 0, 0), 100)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Replace(r.ctx, district.Recount{Unit: district.Unit{Kiosk: r.kiosk}, Done: all}); err != nil {
			t.Fatal(err)
		}
	}
	parts := func() (firsts []uint64, around bool) {
		all, err := r.Stale(r.ctx, start.AddDate(1, 0, 0), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			firsts = append(firsts, p.First)
			around = around || p.Around
		}
		slices.Sort(firsts)
		return firsts, around
	}
	d := r.batch(s, 1, 9)
	d.Events[2].Kind, d.Events[6].Kind = "day_began", "day_began" // places 3 and 7, at 3 and 7 s
	r.must(t, d)
	if got, _ := parts(); !slices.Equal(got, []uint64{0, 3, 7}) {
		t.Errorf("three days: got %v, want 0, 3, 7", got)
	}
	settle()
	r.must(t, r.batch(s, 10, 1))
	if got, _ := parts(); !slices.Equal(got, []uint64{7}) {
		t.Errorf("an event of the last day: got %v, want 7", got)
	}
	settle()
	anchor := func(up int64, src string) {
		a := r.batch(s, 11, 0)
		a.Anchors = []wire.Anchor{{Up: up, Lo: start.UnixMilli(), Hi: start.UnixMilli() + 100, Source: src}}
		r.must(t, a)
	}
	anchor(5000, clock.Server.String())
	if got, around := parts(); !slices.Equal(got, []uint64{0, 3, 7}) || !around {
		t.Errorf("the first anchor: got %v, around %v, want every day and other boots", got, around)
	}
	settle()
	anchor(5000, clock.Server.String())
	if got, _ := parts(); len(got) != 0 {
		t.Errorf("the same anchor again: got %v, want nothing", got)
	}
	anchor(8000, clock.Server.String())
	if got, _ := parts(); !slices.Equal(got, []uint64{3, 7}) {
		t.Errorf("a later anchor: got %v, want the days from the earlier one on", got)
	}
	spans := r.row(t, s)
	if !slices.Equal(spans.Spans, []uint64{3, 7}) || len(spans.Read) != 3 {
		t.Errorf("got spans %v and %d readings, want 3, 7, two anchors and a receipt", spans.Spans, len(spans.Read))
	}
}

func markAll(t *testing.T, r *rig) {
	d := r.batch(wire.NewStreamID(), 1, 3)
	d.Events[1].Kind = "day_began"
	r.must(t, d)
	all := r.list(t, 2)
	if err := r.Replace(r.ctx, district.Recount{Unit: district.Unit{Kiosk: r.kiosk}, Done: all}); err != nil {
		t.Fatal(err)
	}
	r.list(t, 0)
	if err := r.MarkAll(r.ctx, r.office+1); err != nil {
		t.Fatal(err)
	}
	r.list(t, 0)
	if err := r.MarkAll(r.ctx, 0); err != nil {
		t.Fatal(err)
	}
	r.list(t, 2)
}

// notes puts notes under two names, on one replica and then on the other.
func notes(t *testing.T, r *rig) {
	other := r.open(t)
	if got, err := r.Note(r.ctx, "alarm.mail"); got != nil || err != nil {
		t.Errorf("never put: got %q, %v, want nil", got, err)
	}
	for _, put := range []struct {
		on   district.Store
		name string
		data string
	}{{r.Store, "alarm.mail", "one"}, {other, "alarm.webhook", "else"}, {other, "alarm.mail", "two \x00\xff"}} {
		if err := put.on.PutNote(r.ctx, put.name, []byte(put.data)); err != nil {
			t.Fatal(err)
		}
		for i, on := range []district.Store{r.Store, other} {
			if got, err := on.Note(r.ctx, put.name); string(got) != put.data || err != nil {
				t.Errorf("%s on replica %d: got %q, %v, want %q", put.name, i, got, err, put.data)
			}
		}
	}
	if got, err := r.Note(r.ctx, "alarm.webhook"); string(got) != "else" || err != nil {
		t.Errorf("the other name: got %q, %v, want it as it was", got, err)
	}
}
