package district_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// status returns how a kiosk stands.
func (r *rig) status(id int64) district.Kiosk {
	r.t.Helper()
	list, err := r.store.Kiosks(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, k := range list {
		if k.ID == id {
			return k
		}
	}
	r.t.Fatalf("no kiosk %d", id)
	return district.Kiosk{}
}

// audited reports whether the audit log has a word.
func (r *rig) audited(what string) bool {
	r.t.Helper()
	list, err := r.store.AuditLog(r.t.Context(), 100)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, e := range list {
		if e.What == what {
			return true
		}
	}
	return false
}

// TestEnrolment: a file binds one device; the second device that brings it stops both, and an
// administrator decides.
func TestEnrolment(t *testing.T) {
	r := newRig(t, nil)
	id, err := r.AddKiosk(t.Context(), "test", r.office, "у входа")
	if err != nil {
		t.Fatal(err)
	}
	token := r.token(id)
	first, second := r.stranger(), r.stranger()
	code, a := first.enrol(ident.Token{1})
	first.want(code, a)(401, ident.Unknown, 0)
	for range 2 { // the first answer may have been lost
		code, a = first.enrol(token)
		first.want(code, a)(200, ident.Active, 0)
	}
	first.want(first.batch(1, 2))(200, ident.Active, 2)
	code, a = second.enrol(token)
	second.want(code, a)(403, ident.Held, 0)
	first.want(first.batch(3, 2))(403, ident.Held, 0)
	second.want(second.batch(1, 2))(401, ident.Unknown, 0)
	if !r.audited("kiosk.held") {
		t.Error("audit: nothing about two devices with one file")
	}
	if err := r.Restore(t.Context(), "test", id); err != nil {
		t.Fatal(err)
	}
	first.want(first.batch(3, 2))(200, ident.Active, 4)
	code, a = second.enrol(token)
	second.want(code, a)(403, ident.Held, 0)
	first.want(first.batch(5, 1))(200, ident.Active, 5)
	code, a = second.enrol(r.token(id)) // the device was replaced: another card, another series of days
	second.want(code, a)(200, ident.Active, 0)
	first.want(first.batch(6, 1))(401, ident.Unknown, 0)
	if k := r.status(id); k.Card != 2 {
		t.Errorf("card: got %d, want 2", k.Card)
	}
}

// TestExpiredEnrolment: a file that lay for 14 days is worth nothing.
func TestExpiredEnrolment(t *testing.T) {
	r := newRig(t, nil)
	id, err := r.AddKiosk(t.Context(), "test", r.office, "у входа")
	if err != nil {
		t.Fatal(err)
	}
	i, token := ident.Invite(time.Now().Add(-ident.InvitationLife))
	if err := r.store.Invite(t.Context(), id, i); err != nil {
		t.Fatal(err)
	}
	d := r.stranger()
	code, a := d.enrol(token)
	d.want(code, a)(401, ident.Unknown, 0)
	if k := r.status(id); k.Status != ident.Unknown {
		t.Errorf("got %s, want unknown still", k.Status)
	}
}

// asks goes through the three messages of an approval and returns the number shown.
func (d *device) asks() (number string, code int) {
	d.r.t.Helper()
	asking := ident.NewAsking(d.key.Public())
	d.to = ident.ID{}
	res, text := d.send(ident.CallAsk, marshal(d.r.t, asking.Ask()))
	d.to = d.r.key.ID()
	if res.StatusCode != http.StatusOK {
		return "", res.StatusCode
	}
	var offer ident.Offer
	if err := json.Unmarshal(text, &offer); err != nil || offer.Server != d.r.key.Public() {
		d.r.t.Fatalf("offer %s: %v", text, err)
	}
	reveal, number, err := asking.Take(offer)
	if err != nil {
		d.r.t.Fatal(err)
	}
	code, a := d.answer(ident.CallReveal, marshal(d.r.t, ident.Reveal{}))
	d.want(code, a)(401, ident.Unknown, 0) // a secret that is not the one committed to
	for range 2 {
		code, a = d.answer(ident.CallReveal, marshal(d.r.t, reveal))
		d.want(code, a)(200, ident.Pending, 0)
	}
	return number, code
}

// TestApproval: the number on the display lets the device in, a wrong one three times does not.
func TestApproval(t *testing.T) {
	r := newRig(t, nil)
	id, err := r.AddKiosk(t.Context(), "test", r.office, "у входа")
	if err != nil {
		t.Fatal(err)
	}
	d := r.stranger()
	d.want(d.batch(1, 1))(401, ident.Unknown, 0)
	number, _ := d.asks()
	d.want(d.batch(1, 1))(403, ident.Pending, 0)
	if _, err := r.Type(t.Context(), "test", d.key.ID(), 999, number); err == nil {
		t.Error("a kiosk that is not there: got no error")
	}
	if v, err := r.Type(t.Context(), "test", d.key.ID(), id, "not it"); v != ident.Wrong || err != nil {
		t.Errorf("got %v, %v, want wrong", v, err)
	}
	if v, err := r.Type(t.Context(), "test", d.key.ID(), id, number[:3]+" "+number[3:]); v != ident.Approved || err != nil {
		t.Errorf("got %v, %v, want approved", v, err)
	}
	d.want(d.batch(1, 1))(200, ident.Active, 1)
	wrong := r.stranger()
	wrong.asks()
	for range 3 {
		r.Type(t.Context(), "test", wrong.key.ID(), id, "not it")
	}
	wrong.want(wrong.batch(1, 1))(401, ident.Unknown, 0)
	d.want(d.batch(2, 1))(200, ident.Active, 2)
}

// TestOpenApprovalsAreFew: who asks a hundred times under a hundred keys fills the list and nothing
// else.
func TestOpenApprovalsAreFew(t *testing.T) {
	r := newRig(t, nil)
	for i := range ident.ApprovalsOpen + 3 {
		_, code := r.stranger().asks()
		if want := map[bool]int{true: 200, false: 503}[i < ident.ApprovalsOpen]; code != want {
			t.Errorf("asking %d: got %d, want %d", i+1, code, want)
		}
	}
}

// TestRotation: the old key lasts until the new one is heard, and may not replace it.
func TestRotation(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	d.want(d.batch(1, 1))(200, ident.Active, 1)
	next, stolen := ident.NewKey(), ident.NewKey()
	rotation := marshal(t, d.key.Rotate(next))
	code, a := d.answer(ident.CallKey, marshal(t, stolen.Rotate(stolen)))
	d.want(code, a)(403, ident.Malformed, 0)
	for range 2 {
		code, a = d.answer(ident.CallKey, rotation)
		d.want(code, a)(200, ident.Active, 0)
	}
	d.want(d.batch(2, 1))(200, ident.Active, 2) // under the old key still
	code, a = d.answer(ident.CallKey, marshal(t, d.key.Rotate(stolen)))
	d.want(code, a)(403, ident.Malformed, 0)
	d.key = next
	d.want(d.batch(3, 1))(200, ident.Active, 3)
	if k := r.status(d.id); k.Card != 1 || !r.audited("kiosk.key") {
		t.Errorf("got card %d, want the same card and a line in the audit log", k.Card)
	}
}

// TestAskedRotation: a kiosk that an administrator asks for a new key is told so in the answers to what it
// delivers under the old one, until it has another; only a kiosk on the register can be asked.
func TestAskedRotation(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	told := func(first uint64, want string) {
		t.Helper()
		code, a := d.batch(first, 1)
		if code != 200 || a.Renew != want {
			t.Errorf("batch %d: got %d, asked for %q, want 200 and %q", first, code, a.Renew, want)
		}
	}
	told(1, "")
	for range 2 {
		if err := r.Renew(t.Context(), "анна", d.id); err != nil {
			t.Fatal(err)
		}
	}
	old := d.key.ID().String()
	told(2, old)
	told(3, old)
	next := ident.NewKey()
	code, a := d.answer(ident.CallKey, marshal(t, d.key.Rotate(next)))
	d.want(code, a)(200, ident.Active, 0)
	told(4, "")
	d.key = next
	told(5, "")
	if k := r.status(d.id); k.Renewing() || !r.audited("kiosk.renew") || !r.audited("kiosk.key") {
		t.Errorf("got %v, want the wish fulfilled, and both lines in the audit log", k.Renewing())
	}
	if err := r.Revoke(t.Context(), "анна", d.id); err != nil {
		t.Fatal(err)
	}
	if err := r.Renew(t.Context(), "анна", d.id); !errors.Is(err, district.ErrInput) {
		t.Errorf("a revoked kiosk: got %v, want ErrInput", err)
	}
}

// TestClonedCard: two boots of one key that take turns raise the alarm; both are heard on, because
// nobody knows which is the true one.
func TestClonedCard(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	copied := *d
	copied.stream = wire.NewStreamID()
	for i := range 3 {
		d.want(d.beat(time.Duration(i+1)*time.Minute))(200, ident.Active, 0)
		copied.want(copied.beat(time.Duration(i+1)*time.Minute))(200, ident.Active, 0)
	}
	if k := r.status(d.id); !k.Cloned || !r.audited("kiosk.cloned") {
		t.Errorf("cloned: got %v, want the alarm, and a line in the audit log", k.Cloned)
	}
	if err := r.Restore(t.Context(), "test", d.id); err != nil {
		t.Fatal(err)
	}
	if k := r.status(d.id); k.Cloned {
		t.Error("after an administrator has looked: still cloned")
	}
}
