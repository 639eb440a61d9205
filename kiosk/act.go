package kiosk

import (
	"fmt"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/slip"
)

// PaperOrdered asks for a paper without a number, as the technician's page does for an act.
type PaperOrdered struct{ Memo slip.Memo }

// Act gathers «акт об уничтожении» for a day out of the journal of wipes (A29): when, why, how many pages, how.
// each gives every event in order, as store.Events does. A wipe without a trusted clock belongs to
// the day of the last event before it that has one.
func Act(s config.Settings, day time.Time, now event.Time, each func(func(event.Event) error) error) (slip.Act, error) {
	zone := s.Hours.Zone
	act := slip.Act{Centre: s.Site.Name, Kiosk: fmt.Sprintf("Киоск %d", s.Site.Kiosk), Day: day, Printed: now.In(zone), Dated: now.Trusted()}
	want, latest := day.Format(time.DateOnly), ""
	err := each(func(e event.Event) error {
		if e.At.Trusted() {
			latest = e.At.In(zone).Format(time.DateOnly)
		}
		if e.Kind == event.ScanWiped && latest == want {
			act.Wipes = append(act.Wipes, slip.Wipe{At: e.At.In(zone), Dated: e.At.Trusted(), Pages: e.Count, Why: e.Code, How: e.State})
		}
		return nil
	})
	if err != nil {
		return slip.Act{}, fmt.Errorf("gather the act of %s: %w", want, err)
	}
	return act, nil
}
