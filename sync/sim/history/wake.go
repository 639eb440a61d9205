package history

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// Living are the kiosks of a past that are on and heard while it is shown. Nobody comes to them any more.
type Living struct {
	store  district.Store
	kiosks []*awake
}

// awake is a kiosk in its present boot.
type awake struct {
	id    int64
	head  wire.Head
	began time.Time
}

// Wake switches the kiosks of a past on, but for the one that the past leaves silent: each begins a boot.
func Wake(ctx context.Context, store district.Store, now time.Time) (*Living, error) {
	offices, err := store.Offices(ctx)
	if err != nil {
		return nil, fmt.Errorf("read offices: %w", err)
	}
	kiosks, err := store.Kiosks(ctx)
	if err != nil {
		return nil, fmt.Errorf("read kiosks: %w", err)
	}
	l := &Living{store: store}
	for _, k := range kiosks {
		if k.Name != kioskName || k.Status != ident.Active || k.Beat == nil || silent(offices, k.Office) {
			continue
		}
		a := &awake{id: k.ID, began: now.Add(-time.Minute)}
		a.head = wire.Head{Version: wire.Version, Stream: wire.NewStreamID(), Boot: k.Boot + 1, First: 1, Beat: k.Beat}
		a.head.Anchors = []wire.Anchor{{Up: time.Minute.Milliseconds(), Lo: now.UnixMilli() - 300, Hi: now.UnixMilli() + 300, Source: clock.Server.String()}}
		l.kiosks = append(l.kiosks, a)
		if err := l.deliver(ctx, a, now, event.Booted); err != nil {
			return nil, err
		}
		a.head.Anchors = nil
	}
	return l, nil
}

// silent reports whether the kiosk of an office is the one that fell silent.
func silent(offices []district.Office, id int64) bool {
	i := slices.IndexFunc(offices, func(o district.Office) bool { return o.ID == id })
	j := slices.IndexFunc(sites(), func(s site) bool { return i >= 0 && s.name == offices[i].Name })
	return j >= 0 && sites()[j].silent > 0
}

// Beat lets every kiosk be heard.
func (l *Living) Beat(ctx context.Context, now time.Time) error { return l.all(ctx, now) }

// Stop switches the kiosks off in good order.
func (l *Living) Stop(ctx context.Context, now time.Time) error {
	return l.all(ctx, now, event.Stopped)
}

func (l *Living) all(ctx context.Context, now time.Time, kinds ...event.Kind) error {
	for _, a := range l.kiosks {
		if err := l.deliver(ctx, a, now, kinds...); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends facts of now, or nothing but the heartbeat.
func (l *Living) deliver(ctx context.Context, a *awake, now time.Time, kinds ...event.Kind) error {
	up, beat := now.Sub(a.began), *a.head.Beat
	beat.Up, a.head.Beat, a.head.Count = up.Milliseconds(), &beat, len(kinds)
	d := district.Delivery{Kiosk: a.id, At: now, Batch: wire.Batch{Head: a.head}}
	for i, kind := range kinds {
		e := event.Event{Kind: kind, At: event.Time{Up: up}}
		d.Events = append(d.Events, wire.FromEvent(a.head.First+uint64(i), e))
	}
	a.head.First += uint64(len(kinds))
	if _, err := l.store.Append(ctx, d); err != nil {
		return fmt.Errorf("heartbeat of kiosk %d: %w", a.id, err)
	}
	return nil
}
