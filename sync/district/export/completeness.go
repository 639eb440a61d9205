package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
)

// slack is how old the data of a period that still runs may be and count as complete: several times
// the pause between two batches.
const slack = 30 * time.Minute

// Completeness is how far the data behind a line reach. Kiosks that never came are not expected, nor
// are kiosks taken off the register before the period.
type Completeness struct {
	Kiosks   int       // expected
	Complete int       // of these, with data up to Until or to the end of the period
	Until    time.Time // office's time; zero where Complete is 0
	Over     bool      // the period is over
	Late     []Late
	Lost     uint64 // events in declared holes, whenever they were
	Bad      int    // lines in quarantine
	Undated  int    // events whose hour nobody knows and that may have been in the period
}

// Late is a kiosk whose data do not reach as far as those of the others.
type Late struct {
	Office int64
	Place  string // name of its office, where several are meant: every one has a kiosk «у входа»
	Kiosk  string
	Until  time.Time // office's time; zero for never
	Owes   bool      // events of an earlier boot are missing, whenever they were
}

// completeness looks at the kiosks of an office, or of all.
func (b *builder) completeness(p Period, o district.Office) Completeness {
	c := CompletenessOf(b.kiosks, p, o, b.now)
	c.Undated = b.mayBeIn(p, o)
	for i := range c.Late {
		if o.ID == 0 {
			c.Late[i].Place = plain(b.names[c.Late[i].Office])
		}
	}
	return c
}

// mayBeIn counts the events without a time of an office, or of all, that their bounds let be in a period.
func (b *builder) mayBeIn(p Period, o district.Office) (events int) {
	begin, end := p.begin(zoneOf(o)).UnixMilli(), p.end(zoneOf(o)).UnixMilli()
	for _, u := range b.undated {
		i := slices.IndexFunc(b.kiosks, func(k district.Completeness) bool { return k.Kiosk == u.Kiosk })
		if i < 0 || o.ID != 0 && b.kiosks[i].Office != o.ID {
			continue
		}
		if p.Undated || u.Lo < end && begin < u.Hi {
			events += u.Undated
		}
	}
	return events
}

// CompletenessOf looks how far the data of the kiosks of an office, or (ID 0) of all, reach into a period
// as of a moment. Its faults are those of all times.
func CompletenessOf(kiosks []district.Completeness, p Period, o district.Office, now time.Time) Completeness {
	zone := zoneOf(o)
	end := p.end(zone)
	c := Completeness{Over: !p.Undated && !end.After(now)}
	due := end
	if !c.Over {
		due = now.Add(-slack)
	}
	for _, k := range kiosks {
		if o.ID != 0 && k.Office != o.ID || k.Seen.IsZero() ||
			k.Status == ident.Revoked && (p.Undated || k.Complete.Before(p.begin(zone))) {
			continue
		}
		c.Kiosks++
		c.Lost, c.Bad, c.Undated = c.Lost+k.Lost, c.Bad+k.Bad, c.Undated+k.Undated
		until := k.Complete
		if !until.IsZero() {
			until = until.In(zone)
		}
		if until.Before(due) || k.Missing > 0 {
			c.Late = append(c.Late, Late{Office: k.Office, Kiosk: k.Name, Until: until, Owes: k.Missing > 0})
			continue
		}
		c.Complete++
		if c.Until.IsZero() || until.Before(c.Until) {
			c.Until = until
		}
	}
	if c.Over && c.Complete > 0 {
		c.Until = end
	}
	slices.SortStableFunc(c.Late, func(a, b Late) int { return cmp.Or(a.Until.Compare(b.Until), strings.Compare(a.Kiosk, b.Kiosk)) })
	return c
}

// lateNamed is how many late kiosks are named in a sentence; the rest is counted.
const lateNamed = 5

// Text says it in Russian: «данные полны: 9 из 10 киосков до 18:00; «Зал»: до 14.09.2026 12:30».
func (c Completeness) Text() string {
	if c.Kiosks == 0 {
		return "киосков нет"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "данные полны: %d из %d %s", c.Complete, c.Kiosks, ofKiosks(c.Kiosks))
	if !c.Over && c.Complete > 0 {
		b.WriteString(c.Until.Format(" до 15:04"))
	}
	for _, l := range c.Late[:min(lateNamed, len(c.Late))] {
		b.WriteString("; ")
		if l.Place != "" {
			b.WriteString(l.Place + ", ")
		}
		fmt.Fprintf(&b, "«%s»: %s", l.Kiosk, l.text())
	}
	if rest := len(c.Late) - lateNamed; rest > 0 {
		fmt.Fprintf(&b, "; и ещё %d", rest)
	}
	if faults := c.faults(); faults != "" {
		b.WriteString("; " + faults)
	}
	return b.String()
}

// faults says what is wrong with data that came: «за всё время потеряно событий: 12; событий без времени: 3», those that may
// have been in the period; "" for nothing.
func (c Completeness) faults() string {
	var all []string
	for _, f := range []struct {
		title string
		n     uint64
	}{{"за всё время потеряно событий", c.Lost}, {"за всё время не прочитано строк", uint64(c.Bad)}, {"событий без времени", uint64(c.Undated)}} {
		if f.n > 0 {
			all = append(all, fmt.Sprintf("%s: %d", f.title, f.n))
		}
	}
	return strings.Join(all, "; ")
}

// standing says at the head of a report how complete its data are; whole is true where nothing at all is
// missing and the period is over. That every kiosk told everything does not make data whole in which events are
// lost or without a time: nobody knows whether those were in the period.
func (c Completeness) standing() (said string, whole bool) {
	all, faults := c.Kiosks > 0 && c.Complete == c.Kiosks, c.faults()
	switch {
	case all && faults == "" && c.Over:
		return "Все " + c.Text(), true
	case all && faults == "":
		return "Период ещё идёт: " + c.Text(), false
	case !all:
		return "Осторожно: " + c.Text(), false
	}
	said = "Осторожно: все киоски"
	if !c.Over {
		said = "Период ещё идёт: все киоски"
	}
	said += fmt.Sprintf(" передали данные (%d из %d)", c.Complete, c.Kiosks)
	if !c.Over {
		said += c.Until.Format(" до 15:04")
	}
	return said + ", но " + faults + ". Что из этого было в этом периоде, неизвестно; в показатели это не вошло.", false
}

func (l Late) text() string {
	switch {
	case l.Until.IsZero():
		return "данных нет"
	case l.Owes:
		return "не всё передано"
	}
	return l.Until.Format("до 02.01.2006 15:04")
}

// ofKiosks is «киосков» after «из n».
func ofKiosks(n int) string {
	if n%10 == 1 && n%100 != 11 {
		return "киоска"
	}
	return "киосков"
}
