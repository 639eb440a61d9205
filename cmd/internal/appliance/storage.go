package appliance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/store"
)

const (
	// roomEvery is how often a card without room is looked at again.
	roomEvery = 5 * time.Second
	// noRoomCode is what the display says meanwhile; the machine says the same to a press.
	noRoomCode = "Е-32"
	// causeQuarantine is the code of a loss because a database was put aside.
	causeQuarantine = "quarantine"
)

// openStore opens the store. A card without room for it is waited for, with a code on the display:
// starting the process again would not make any. It returns nil when ctx ends first.
func openStore(ctx context.Context, o Options, b board, settings config.Settings) (*store.Store, error) {
	for said := false; ; said = true {
		data, err := storeOptions(settings).Open(o.Data, b.Boot(), o.Log)
		if err == nil {
			return data, nil
		}
		if !errors.Is(err, store.ErrFull) {
			return nil, fmt.Errorf("open store: %w", err)
		}
		if !said {
			o.Log.Error("no service", "device", "disk", "err", err)
			journal(b, deviceName(settings, "disk")+": "+health.Full.Advice(), 0)
			if err := showCode(b, settings.Displays(), noRoomCode); err != nil {
				o.Log.Warn("show code", "device", "display", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(roomEvery):
		}
	}
}

// storeOptions translates the settings.
func storeOptions(s config.Settings) store.Options {
	o := store.Options{Reserve: s.Storage.Reserve, Margin: s.Storage.SkipNumbers, First: map[string]int{}}
	for _, v := range s.Rules().Services {
		o.First[v.Code] = v.First
	}
	return o
}

// lossOf is what the machine is told of a loss.
func lossOf(l store.Loss) kiosk.Loss {
	out := kiosk.Loss{Events: l.Events, Numbers: l.Numbers}
	if l.Quarantined != "" {
		out.Cause = causeQuarantine
	}
	return out
}

// room looks at the card for the loop.
func room(s *store.Store) func() health.State {
	return func() health.State { return roomOf(s.Room()) }
}

// roomOf is the health of the card by the room on it.
func roomOf(s store.Space) health.State {
	switch s {
	case store.Full:
		return health.Full
	case store.Low:
		return health.SpaceLow
	}
	return health.OK
}
