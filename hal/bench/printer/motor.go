package printer

import "time"

// slack is how far printing may run ahead of the motor: rows appear on the paper in steps of that.
const slack = 20 * time.Millisecond

// motor is the paper's way: rows to print, then blank rows to feed, then what must wait for them.
type motor struct {
	rows  [][]byte
	blank int
	then  func() // when the paper stands still

	until  time.Time // when the steps taken so far will have been made
	timer  *time.Timer
	closed bool
}

func (m *motor) moving() bool { return len(m.rows) > 0 || m.blank > 0 }

func (m *motor) busy(now time.Time) bool { return m.until.After(now) }

func (m *motor) behind(now time.Time) bool { return m.until.Sub(now) > slack }

// next takes one row (nil = blank) and the time for it.
func (m *motor) next(now time.Time, speed float64) (row []byte) {
	if len(m.rows) > 0 {
		row, m.rows = m.rows[0], m.rows[1:]
	} else {
		m.blank--
	}
	if speed > 0 {
		if !m.busy(now) {
			m.until = now
		}
		m.until = m.until.Add(time.Duration(float64(time.Second) / speed / DotsPerMM))
	}
	return row
}

func (m *motor) drop() { m.rows, m.blank, m.then = nil, 0, nil }

func (m *motor) stop() {
	if m.timer != nil {
		m.timer.Stop()
	}
}
