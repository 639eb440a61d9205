package appliance

import (
	"fmt"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/store"
)

// recallMost is how many facts are looked at for the figures of the day: some busy days.
const recallMost = 8192

// recall tells the machine what is on the card since the business day before this one began, so that the
// figures of the day go over a restart.
func recall(data *store.Store, machine *kiosk.Machine) error {
	extent, err := data.Extent()
	if err != nil {
		return fmt.Errorf("recall the day: %w", err)
	}
	from := extent.First
	if extent.Last > recallMost {
		from = max(from, extent.Last-recallMost)
	}
	var days []uint64
	err = data.Events(from, func(e event.Event) error {
		if e.Kind == event.DayBegan {
			days = append(days, e.Seq)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("recall the day: %w", err)
	}
	if len(days) > 0 {
		from = days[max(0, len(days)-2)]
	}
	err = data.Events(from, func(e event.Event) error {
		machine.Recall(e)
		return nil
	})
	if err != nil {
		return fmt.Errorf("recall the day: %w", err)
	}
	return nil
}
