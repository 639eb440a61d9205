package appliance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sps-kiosk/kiosk/panel/technician"
)

// powerEvery is how often the voltage is asked for. The alarm stays until it was read, so that no dip between two
// looks is missed (Linux, Documentation/hwmon/raspberrypi-hwmon.rst).
const powerEvery = 5 * time.Second

// powerWatch counts how often the voltage fell since the program began.
type powerWatch struct {
	find func() string // the file of the alarm, "" = this board has none

	mu   sync.Mutex
	dips int
	low  bool
	last time.Time // of the last dip
	err  error
}

// run looks until ctx ends; on a board that does not measure it ends at once.
func (p *powerWatch) run(ctx context.Context) error {
	path := p.find()
	if path == "" {
		return nil
	}
	look := time.NewTicker(powerEvery)
	defer look.Stop()
	for {
		low, err := number(path)
		p.seen(low != 0, err)
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
	}
}

// seen takes one look.
func (p *powerWatch) seen(low bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err = err; err != nil {
		return
	}
	if low && !p.low {
		p.dips++
		p.last = time.Now()
	}
	p.low = low
}

// fact tells how the power is.
func (p *powerWatch) fact() technician.Fact {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := technician.Fact{Name: "Питание", Value: "напряжение в норме, просадок с включения не было"}
	switch {
	case errors.Is(p.err, fs.ErrNotExist) || p.err == nil && p.find() == "":
		f.Value = "эта плата не измеряет"
	case p.err != nil:
		f.Value = "не измерить"
	case p.dips > 0:
		f.State, f.Advice = technician.Soon, "Проверьте блок питания и кабель, нужно 5,1 В и 3 А"
		f.Value = fmt.Sprintf("просадок с включения: %d, последняя %s назад", p.dips, uptime(time.Since(p.last)))
		if p.low {
			f.Value = fmt.Sprintf("напряжение просело, просадок с включения: %d", p.dips)
		}
	}
	return f
}

// voltage returns the file in which Raspberry Pi's firmware tells that the voltage has fallen, by hwmon
// "rpi_volt"; "" where there is none.
func (d *technicianDevice) voltage() string {
	names, _ := filepath.Glob(filepath.Join(d.proc, "/sys/class/hwmon/hwmon*/name")) // the pattern is good
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil && strings.TrimSpace(string(text)) == "rpi_volt" {
			return filepath.Join(filepath.Dir(name), "in0_lcrit_alarm")
		}
	}
	return ""
}
