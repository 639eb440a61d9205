package storetest

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/district"
)

// updates is the life of two updates of one kiosk.
func updates(t *testing.T, r *rig) {
	other, _ := r.addKiosk(t, r.office, "в зале")
	u := district.Update{Version: "1.5", SHA256: strings.Repeat("0a", 32), Size: 104_857_600, Made: start, State: district.UpdateReady,
		Limit: 10, Patience: 48 * time.Hour, Rest: time.Hour}
	if _, err := r.UpdateFor(r.ctx, r.kiosk); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("before there is one: got %v, want ErrNoSuch", err)
	}
	id, err := r.AddUpdate(r.ctx, u)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.AddUpdate(r.ctx, u); !errors.Is(err, district.ErrTaken) {
		t.Errorf("the same version again: got %v, want ErrTaken", err)
	}
	if err := r.ChangeUpdate(r.ctx, 999, nil); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("no update: got %v, want ErrNoSuch", err)
	}
	targets := []district.Target{{Kiosk: r.kiosk, Stage: 1, State: district.TargetWaiting, At: start},
		{Kiosk: other, Stage: 2, State: district.TargetOffered, At: start.Add(time.Minute)}}
	began := func(u *district.Update) error {
		u.State, u.Stage, u.Since, u.Targets = district.UpdateRunning, 1, start.Add(time.Hour), targets
		return nil
	}
	if err := r.ChangeUpdate(r.ctx, id, began); err != nil {
		t.Fatal(err)
	}
	undone := errors.New("not so")
	if err := r.ChangeUpdate(r.ctx, id, func(u *district.Update) error { u.Stage = 9; u.Targets[0].Stage = 9; return undone }); !errors.Is(err, undone) {
		t.Errorf("got %v, want the function's own error", err)
	}
	want := u
	want.ID = id
	began(&want)
	if list, err := r.Updates(r.ctx); err != nil || len(list) != 1 || !reflect.DeepEqual(list[0], want) {
		t.Errorf("got %+v, %v, want %+v", list, err, want)
	}
	alone := want
	alone.Targets = targets[:1]
	if got, err := r.UpdateFor(r.ctx, r.kiosk); err != nil || !reflect.DeepEqual(got, alone) {
		t.Errorf("for the kiosk: got %+v, %v, want %+v", got, err, alone)
	}
	next, err := r.AddUpdate(r.ctx, district.Update{Version: "1.6", SHA256: u.SHA256, Size: 1, Made: start, State: district.UpdatePaused, Why: "не обновилось 2 из 3",
		Targets: targets[:1]})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.UpdateFor(r.ctx, r.kiosk); err != nil || got.ID != next || got.Why != "не обновилось 2 из 3" {
		t.Errorf("with a newer one: got %+v, %v, want %d", got, err, next)
	}
	if got, err := r.UpdateFor(r.ctx, other); err != nil || got.ID != id {
		t.Errorf("of the other kiosk: got %+v, %v, want %d", got, err, id)
	}
	for _, over := range []district.UpdateState{district.UpdateWithdrawn, district.UpdateDone, district.UpdateReady} {
		if err := r.ChangeUpdate(r.ctx, next, func(u *district.Update) error { u.State = over; return nil }); err != nil {
			t.Fatal(err)
		}
		if got, err := r.UpdateFor(r.ctx, r.kiosk); err != nil || got.ID != id {
			t.Errorf("after the newer is %s: got %+v, %v, want %d", over, got, err, id)
		}
	}
	if list, err := r.Updates(r.ctx); err != nil || len(list) != 2 || list[0].ID != next {
		t.Errorf("got %+v, %v, want the newest first", list, err)
	}
}
