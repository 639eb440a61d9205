package uplink

import (
	"strings"
	"testing"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// updater keeps what it is told.
type updater struct {
	offers []wire.Offer
	from   string
}

func (u *updater) Offered(o wire.Offer, from string) { u.offers, u.from = append(u.offers, o), from }

// TestOfferIsHandedOn: an offer of a district that may decide is told with its address, an older firmware
// and a district that does not take the device are not.
func TestOfferIsHandedOn(t *testing.T) {
	r := newRig(t, t.TempDir())
	to := &updater{}
	r.up.Updater = to
	r.settle()
	if len(to.offers) != 0 {
		t.Fatalf("got %+v, want nothing before there is an offer", to.offers)
	}
	r.d.Offer = &wire.Offer{Version: "0.9", SHA256: strings.Repeat("0a", 32), Size: 7}
	r.pass(r.exchange())
	r.settle()
	if len(to.offers) != 0 {
		t.Fatalf("got %+v, want nothing older than 1.0", to.offers)
	}
	r.d.Offer = &wire.Offer{Version: "1.1", SHA256: strings.Repeat("0b", 32), Size: 7}
	r.pass(r.exchange())
	r.settle()
	if len(to.offers) == 0 || to.offers[0] != *r.d.Offer || to.from != address+"/v1/bundle/"+r.d.Offer.SHA256 {
		t.Fatalf("got %+v from %q, want %+v", to.offers, to.from, *r.d.Offer)
	}
	r.d.Set(ident.Revoked)
	r.pass(r.exchange())
	told := len(to.offers)
	r.pass(r.exchange())
	if len(to.offers) != told {
		t.Errorf("got %d offers of a district that takes nothing", len(to.offers)-told)
	}
}
