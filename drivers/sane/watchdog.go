package sane

import (
	"errors"
	"sps-kiosk/drivers/pages"
	"sync"
	"time"
)

// errNoEnd is a scanimage that told how its scan ended and then did not end itself. The threads that
// some backends of 1.1.1 cancel can be cancelled in malloc, and then are waited for without end.
var errNoEnd = errors.New("scanimage does not end")

// watchdog barks when a page takes too long, or shows no sign of life once its first byte has come.
// Before that only the first limit holds: lamps take minutes to warm up.
type watchdog struct {
	idle time.Duration

	mu     sync.Mutex
	armed  bool
	ending bool
	page   *time.Timer
	sign   *time.Timer
}

// newWatchdog barks with ErrPageTimeout or errNoEnd.
func newWatchdog(idle time.Duration, bark func(error)) *watchdog {
	d := &watchdog{idle: idle}
	now := func() { bark(d.why()) }
	d.page, d.sign = time.AfterFunc(idle, now), time.AfterFunc(idle, now)
	d.stop()
	return d
}

// begin gives the next page its time, unless there will be none.
func (d *watchdog) begin(whole time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ending {
		return
	}
	d.armed = false
	d.sign.Stop()
	d.page.Reset(whole)
}

// end gives the child its time to end, the last there is.
func (d *watchdog) end(most time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.armed, d.ending = false, true
	d.sign.Stop()
	d.page.Reset(most)
}

// byteCame begins to watch for signs of life, and is one.
func (d *watchdog) byteCame() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ending {
		return
	}
	d.armed = true
	d.sign.Reset(d.idle)
}

// alive is a sign of life.
func (d *watchdog) alive() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.armed {
		d.sign.Reset(d.idle)
	}
}

func (d *watchdog) why() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ending {
		return errNoEnd
	}
	return pages.ErrPageTimeout
}

func (d *watchdog) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.armed = false
	d.page.Stop()
	d.sign.Stop()
}
