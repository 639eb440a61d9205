package alarm

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// TestExpectedKiosks asks the real database: active kiosks that were heard are expected, nobody else.
func TestExpectedKiosks(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	office, err := s.AddOffice(t.Context(), district.Office{Name: "МФЦ Кошки", District: "Кошкинский", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	for name, status := range map[string]ident.Status{"Зал": ident.Active, "Старый": ident.Revoked, "Спорный": ident.Held, "Новый": ident.Active} {
		id, err := s.AddKiosk(t.Context(), office, name)
		become := func(to ident.Status) error {
			return s.ChangeKiosk(t.Context(), id, func(k *district.Kiosk) error { k.Status = to; return nil })
		}
		if err = errors.Join(err, become(ident.Active)); err != nil {
			t.Fatal(err)
		}
		if name != "Новый" {
			head := wire.Head{Version: wire.Version, Stream: wire.NewStreamID(), Boot: 1, First: 1, Beat: &wire.Beat{Up: 1, Firmware: "1.0"}}
			if _, err := s.Append(t.Context(), district.Delivery{Kiosk: id, At: monday(10, 0), Batch: wire.Batch{Head: head}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := become(status); err != nil {
			t.Fatal(err)
		}
	}
	got, err := FromRegister(s).Expected(t.Context())
	if err != nil || len(got) != 1 || got[0].Name != "Зал" || got[0].Office != "МФЦ Кошки" || !got[0].Seen.Equal(monday(10, 0)) ||
		got[0].Zone.String() != "Europe/Samara" {
		t.Errorf("got %+v, %v, want the active one that was heard", got, err)
	}
}

// follower is a register on a replica that does not lead.
type follower struct{ Register }

func (follower) Lead(context.Context) (bool, error) { return false, nil }

func TestOneReplicaTells(t *testing.T) {
	if _, err := FromRegister(follower{}).Expected(t.Context()); !errors.Is(err, ErrElsewhere) {
		t.Errorf("got %v, want ErrElsewhere", err)
	}
}
