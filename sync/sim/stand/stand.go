// Package stand puts a real district under a simulated fleet: the server as a process of its own that
// is killed in the middle, its database on a real disk, older backups put back, and at the end the
// tables read past the district's code.
//
// It owns the processes and the counting. It refuses to decide what is right: sync/sim knows what
// happened, and the SQL here was written from REQUIREMENTS apart from kiosk/figures.
package stand

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/postgres"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/sim"
)

// Stand is where a district stands.
type Stand struct {
	Dir      string // of its key and, without PostgreSQL, of its database; it must exist
	Postgres string // URL of an empty database; "" = SQLite
	Address  string // "127.0.0.1:18443"
}

// database opens the district's database.
func (s Stand) database(ctx context.Context) (district.Store, error) {
	if s.Postgres != "" {
		return postgres.Open(ctx, s.Postgres)
	}
	return sqlite.Open(ctx, s.file())
}

func (s Stand) file() string { return filepath.Join(s.Dir, "district.db") }
func (s Stand) url() string  { return "https://" + s.Address }

// offices is how many offices the kiosks of a fleet stand in.
const offices = 10

// Enrol makes the district know a fleet: simulated kiosks by their keys, cards by a file each.
func (s Stand) Enrol(ctx context.Context, keys []ident.Public, cards int) (key *ident.Key, files [][]byte, err error) {
	if key, _, err = ident.LoadOrMakeKey(filepath.Join(s.Dir, "district.key")); err != nil {
		return nil, nil, err
	}
	db, err := s.database(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	ids := make([]int64, offices)
	for i := range ids {
		ids[i], err = db.AddOffice(ctx, district.Office{Name: fmt.Sprintf("МФЦ %d", i+1), District: "Кошкинский", Zone: "Europe/Samara"})
		if err != nil {
			return nil, nil, fmt.Errorf("add office: %w", err)
		}
	}
	for i, k := range keys {
		id, err := db.AddKiosk(ctx, ids[i%offices], fmt.Sprintf("киоск %d", i+1))
		if err != nil {
			return nil, nil, fmt.Errorf("add kiosk: %w", err)
		}
		err = db.ChangeKiosk(ctx, id, func(row *district.Kiosk) error {
			row.Ring, row.Status, row.Card = ident.Ring{Current: k}, ident.Active, 1
			return nil
		})
		if err != nil {
			return nil, nil, fmt.Errorf("bind kiosk: %w", err)
		}
	}
	for i := range cards {
		file, err := s.invite(ctx, db, key, ids[i%offices], fmt.Sprintf("карта %d", i+1))
		if err != nil {
			return nil, nil, err
		}
		files = append(files, file)
	}
	return key, files, nil
}

// invite makes a kiosk and the text of its enroll.json.
func (s Stand) invite(ctx context.Context, db district.Store, key *ident.Key, office int64, name string) ([]byte, error) {
	id, err := db.AddKiosk(ctx, office, name)
	if err != nil {
		return nil, fmt.Errorf("add kiosk: %w", err)
	}
	invitation, token := ident.Invite(time.Now())
	if err := db.Invite(ctx, id, invitation); err != nil {
		return nil, fmt.Errorf("invite kiosk: %w", err)
	}
	return json.Marshal(ident.Enrolment{Address: s.url(), Server: key.Public(), Token: token})
}

// Way is how a fleet reaches the district.
func (s Stand) Way(key *ident.Key) sim.District {
	return sim.District{Client: client(), Address: s.url(), Keys: []ident.Public{key.Public()}}
}
