package alarm

import (
	"context"
	"errors"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
)

// ErrElsewhere means that another replica tells.
var ErrElsewhere = errors.New("another replica leads")

// Register is a district's register of kiosks; district.Store is one.
type Register interface {
	Offices(ctx context.Context) ([]district.Office, error)
	Kiosks(ctx context.Context) ([]district.Kiosk, error)
	Lead(ctx context.Context) (bool, error)
}

// FromRegister returns the kiosks of a register that are expected to be heard: active, and heard once.
// A clone or a revoked kiosk has its own alarm, a new one is awaited by whoever brought it there.
func FromRegister(r Register) Kiosks { return register{r} }

type register struct{ Register }

// Expected is Kiosks'; the error is ErrElsewhere on a replica that does not lead.
func (r register) Expected(ctx context.Context) ([]Kiosk, error) {
	if leads, err := r.Lead(ctx); err != nil {
		return nil, err
	} else if !leads {
		return nil, ErrElsewhere
	}
	offices, err := r.Offices(ctx)
	if err != nil {
		return nil, err
	}
	at := map[int64]district.Office{}
	for _, o := range offices {
		at[o.ID] = o
	}
	all, err := r.Kiosks(ctx)
	if err != nil {
		return nil, err
	}
	var expected []Kiosk
	for _, k := range all {
		if k.Status != ident.Active || k.Seen.IsZero() {
			continue
		}
		zone, err := time.LoadLocation(at[k.Office].Zone)
		if err != nil {
			zone = time.UTC
		}
		expected = append(expected, Kiosk{ID: k.ID, Name: k.Name, Office: at[k.Office].Name, Zone: zone, Seen: k.Seen})
	}
	return expected, nil
}
