package dashboard_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// scope is which events a figure is of.
type scope struct {
	office       int64
	from, to     int64 // local days
	service      string
	window       string
	part         string
	step, answer string
	hourly       bool
	weekday      int64
	hour         int64
	anyHour      bool
	sector       bool
	kiosk        string
}

// offices is the scope without time.
func (s scope) offices() string {
	if s.office == 0 {
		return "1 = 1"
	}
	return fmt.Sprintf("office = %d", s.office)
}

// where is the scope as a condition.
func (s scope) where() string {
	c := fmt.Sprintf("%s AND h >= %d AND h < %d", s.offices(), s.from*24, s.to*24)
	if s.service != "" {
		c += " AND q = '" + s.service + "'"
	}
	if s.sector {
		c += " AND q = 'sps'"
	}
	if s.window != "" {
		c += " AND w = " + s.window
	}
	if s.hourly {
		c += fmt.Sprintf(" AND h %% 24 = %d", s.hour)
		if !s.anyHour {
			c += fmt.Sprintf(" AND (h / 24 + 4) %% 7 = %d", s.weekday)
		}
	}
	return c
}

// scoped narrows a page's scope by what stands in a figure's name.
func (s scope) scoped(t *testing.T, name string) (string, scope) {
	t.Helper()
	base, rest, _ := strings.Cut(name, "@")
	for _, x := range strings.Split(rest, "@") {
		kind, value, _ := strings.Cut(x, ".")
		switch kind {
		case "":
		case "office":
			s.office, _ = strconv.ParseInt(value, 10, 64)
		case "service":
			s.service = value
		case "window":
			s.window = value
		case "device":
			s.part = value
		case "printer", "scanner":
			s.part = kind
		case "sector":
			s.sector = true
		case "days":
			from, to, _ := strings.Cut(value, ".")
			first, err := time.Parse(time.DateOnly, from)
			last, err2 := time.Parse(time.DateOnly, to)
			if err != nil || err2 != nil {
				t.Fatalf("figure %s: %v, %v", name, err, err2)
			}
			s.from, s.to = first.Unix()/86400, last.Unix()/86400
		case "hour":
			s.hourly, s.anyHour = true, true
			s.hour, _ = strconv.ParseInt(value, 10, 64)
		case "arrivals", "waits", "need":
			s.hourly, s.from, s.to = true, november, november+30
			if _, err := fmt.Sscanf(value, "%d.%d", &s.weekday, &s.hour); err != nil {
				t.Fatalf("figure %s: %v", name, err)
			}
		case "kiosk":
			s.kiosk = value
		default:
			s.step, s.answer = kind, value
		}
	}
	return base, s
}

// november is the month of the world, as its first local day.
var november = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400
