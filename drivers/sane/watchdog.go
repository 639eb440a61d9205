package sane

import (
	"sync"
	"time"
)

// watchdog barks when a page takes too long, or shows no sign of life once its first byte has come.
// Before that only the first limit holds: lamps take minutes to warm up.
type watchdog struct {
	idle time.Duration

	mu    sync.Mutex
	armed bool
	page  *time.Timer
	sign  *time.Timer
}

func newWatchdog(idle time.Duration, bark func()) *watchdog {
	d := &watchdog{idle: idle, page: time.AfterFunc(idle, bark), sign: time.AfterFunc(idle, bark)}
	d.stop()
	return d
}

// begin gives the next page its time.
func (d *watchdog) begin(whole time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.armed = false
	d.sign.Stop()
	d.page.Reset(whole)
}

// byteCame begins to watch for signs of life, and is one.
func (d *watchdog) byteCame() {
	d.mu.Lock()
	defer d.mu.Unlock()
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

func (d *watchdog) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.armed = false
	d.page.Stop()
	d.sign.Stop()
}
