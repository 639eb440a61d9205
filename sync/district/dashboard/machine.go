package dashboard

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
)

// machine is a kiosk with all that is known of how it is.
type machine struct {
	district.Kiosk
	office  string
	silent  time.Duration
	grade   int // 2 bad, 1 warn, 0 well, -1 not expected
	reach   district.Completeness
	catalog string // the newest one of the district, to be held against
}

// The shares of a card's free room, percent, from which on it is worth a look, and a trouble.
const (
	diskWarn = 15
	diskBad  = 5
)

// machines reads every kiosk of what was asked, the worst first.
func (s *Site) machines(ctx context.Context, a ask) ([]machine, error) {
	all, err := s.Store.Kiosks(ctx)
	if err != nil {
		return nil, err
	}
	names, reach := map[int64]string{}, map[int64]district.Completeness{}
	for _, o := range a.Offices {
		names[o.ID] = o.Name
	}
	for _, k := range a.Kiosks {
		reach[k.Kiosk] = k
	}
	newest := newestCatalog(all)
	var list []machine
	for _, k := range all {
		if a.Office.ID != 0 && k.Office != a.Office.ID {
			continue
		}
		m := machine{Kiosk: k, office: names[k.Office], reach: reach[k.ID], catalog: newest}
		if !k.Seen.IsZero() {
			m.silent = max(0, a.Now.Sub(k.Seen))
		}
		m.grade = s.grade(m)
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(x, y machine) int {
		return cmp.Or(cmp.Compare(y.grade, x.grade), cmp.Compare(y.silent, x.silent), strings.Compare(x.office, y.office), strings.Compare(x.Name, y.Name))
	})
	return list, nil
}

// newestCatalog is the catalogue that most kiosks have: the others are behind, or ahead.
func newestCatalog(all []district.Kiosk) (most string) {
	votes := map[string]int{}
	for _, k := range all {
		if k.Beat != nil && k.Beat.Catalog != "" {
			votes[k.Beat.Catalog]++
		}
	}
	for version, n := range votes {
		if n > votes[most] || n == votes[most] && version > most {
			most = version
		}
	}
	return most
}

// quiet and mute are for how long a kiosk may be silent before it is worth a look, and a trouble.
func (s *Site) quiet() time.Duration { return 6 * s.Every }
func (s *Site) mute() time.Duration  { return 24 * s.Every }

// grade says how bad it is.
func (s *Site) grade(m machine) int {
	switch {
	case m.Status == ident.Revoked || m.Seen.IsZero():
		return -1
	case m.Cloned || m.Status != ident.Active || m.silent > s.mute() || m.part("printer") == "bad" || m.Beat != nil && m.Beat.Disk < diskBad:
		return 2
	case m.silent > s.quiet() || m.troubles() > 0 || m.Beat != nil && m.Beat.Disk < diskWarn || m.reach.Missing > 0:
		return 1
	}
	return 0
}
