package uplink

import (
	"testing"

	"sps-kiosk/sync/ident"
)

// TestADistrictAsksForANewKey: a wish that names the present key is fulfilled once, also by a device that is
// switched off before it has sent the new one; a wish that names another key is none.
func TestADistrictAsksForANewKey(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	r.settle()
	old := r.up.key.ID()
	r.d.Renew = ident.NewKey().ID()
	r.pass(r.exchange())
	r.settle()
	if r.up.key.ID() != old || r.up.next != nil {
		t.Fatal("the key was replaced for a wish that names another one")
	}
	r.d.Renew = old
	for i := 0; r.up.next == nil && i < 10; i++ {
		r.pass(r.exchange())
	}
	if r.up.key.ID() != old {
		t.Fatal("the new key is used before the district has it")
	}
	r.reboot() // the wish outlives a power cut
	r.settle()
	renewed := r.up.key.ID()
	if renewed == old || r.up.next != nil {
		t.Fatalf("got the key %v and %v to come, want another than %v and none", renewed, r.up.next, old)
	}
	for range 3 {
		r.pass(r.exchange())
		r.settle()
	}
	if r.up.key.ID() != renewed {
		t.Error("the wish was fulfilled twice")
	}
}
