package kiosk

import (
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
)

// Adopt brings settings with another catalogue (A6). They come into force when no business day is under way:
// at once, or after the next day end when nobody is called or served any more. So every visit is finished
// under the catalogue it began under. A later Adopt takes the place of one that waits.
type Adopt struct {
	Settings config.Settings
	Text     []byte // of the catalogue, to be kept once it is in force
}

func (Adopt) input() {}

// KeepCatalog asks for the text of the catalogue in force to be kept. It comes after the change that puts it
// in force: a start in between finds the old one, and adopts again.
type KeepCatalog struct{ Text []byte }

func (KeepCatalog) action() {}

// CatalogDevice is the name of the catalogue in the table of health: Wrong while a new one has a fault and the
// one before it holds.
const CatalogDevice = "catalog"

// CatalogView is the catalogue in force, for pages and the heartbeat.
type CatalogView struct {
	Version, Act, AsOf string
	Stale              bool   // by a trusted clock: nobody has looked at stages and channels for too long (B6)
	Overdue            int    // familiarisations overdue (B16); 0 without a trusted clock
	Next               string // version that waits for the end of the day, or ""
}

// adopt puts the catalogue that waits in force, if it may be now.
func (m *Machine) adopt(now event.Time) {
	if m.next == nil || !m.queue.BetweenDays() || m.sessions.Running() {
		return
	}
	next := *m.next
	m.next = nil
	if err := m.queue.Adopt(now, next.Settings.Rules()); err != nil {
		m.catalogFails(now) // its file was checked, and still the queue cannot work by it
		return
	}
	m.settings = next.Settings
	m.presses = trackers(next.Settings)
	m.forgetCover(now)
	m.note(event.Event{Kind: event.Adopted, At: now, Code: next.Settings.Catalog.Version})
	m.do(KeepCatalog{next.Text})
}

// catalogFails notes that a new catalogue is not adopted.
func (m *Machine) catalogFails(now event.Time) {
	if m.health.Set(now, CatalogDevice, health.Wrong) {
		m.note(event.Event{Kind: event.Device, At: now, Code: CatalogDevice, State: string(health.Wrong)})
	}
}

// catalogView returns the catalogue in force as it is today.
func (m *Machine) catalogView(now event.Time) CatalogView {
	c := m.settings.Catalog
	v := CatalogView{Version: c.Version, Act: c.Act, AsOf: c.AsOf}
	if m.next != nil {
		v.Next = m.next.Settings.Catalog.Version
	}
	if today, known := m.localToday(now); known {
		v.Stale, v.Overdue = c.Stale(today), c.Overdue(today)
	}
	return v
}

// localToday returns the site's local time, if the clock can be trusted.
func (m *Machine) localToday(now event.Time) (local time.Time, known bool) {
	return now.In(m.settings.Hours.Zone), now.Trusted()
}
