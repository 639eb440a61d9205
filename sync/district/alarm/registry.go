package alarm

import (
	"context"
	"errors"
	"fmt"
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

// Wrongs is a district's register with its updates; district.Store is one.
type Wrongs interface {
	Register
	Updates(ctx context.Context) ([]district.Update, error)
}

// TroublesOf returns what is wrong in a register besides silence: cards that were copied, files that two
// devices came with, updates that were paused because kiosks failed.
func TroublesOf(r Wrongs) Troubles { return wrongs{r} }

type wrongs struct{ Wrongs }

// Troubles is Troubles'.
func (w wrongs) Troubles(ctx context.Context) (list []Trouble, err error) {
	kiosks, err := w.Kiosks(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range kiosks {
		switch {
		case k.Cloned && k.Status != ident.Revoked:
			list = append(list, Trouble{fmt.Sprint("clone:", k.ID), fmt.Sprintf("Карта киоска «%s» скопирована", k.Name),
				"С одним ключом говорят два киоска: снимите копию с учёта или выдайте новый файл"})
		case k.Status == ident.Held:
			list = append(list, Trouble{fmt.Sprint("held:", k.ID), fmt.Sprintf("Киоск «%s» ждёт решения", k.Name),
				"С одним файлом enroll.json пришли два устройства: решите на странице киоска, какое настоящее"})
		}
	}
	updates, err := w.Updates(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range updates {
		if u.State == district.UpdatePaused {
			list = append(list, Trouble{fmt.Sprintf("update:%d:%d", u.ID, u.Since.Unix()), "Обновление " + u.Version + " остановлено: " + u.Why,
				"Решите на странице «Обновления», продолжать или отозвать его"})
		}
	}
	return list, nil
}
