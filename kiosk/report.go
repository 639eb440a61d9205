package kiosk

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/slip"
)

// The papers a console or a technician may ask for, as in Ordered.Report.
const (
	ReportDay          = "day"          // today so far
	ReportBefore       = "before"       // the business day before, as it ended
	ReportCompliance   = "compliance"   // A32
	ReportAvailability = "availability" // A1
)

// ErrUnknownReport means a paper that is none.
var ErrUnknownReport = errors.New("unknown report")

// report prints a paper of figures. It fails with ErrUnknownReport or ErrNoPrinter.
func (m *Machine) report(now event.Time, which string) error {
	today := m.today.view(m.settings)
	var paper slip.Memo
	switch which {
	case ReportDay:
		paper = m.dayReport(now, today).Memo()
	case ReportBefore:
		paper = m.dayReport(now, m.today.before).Memo()
	case ReportCompliance:
		paper = m.compliance(now, today).Memo()
	case ReportAvailability:
		paper = m.availability(now, today).Memo()
	default:
		return fmt.Errorf("print report %q: %w", which, ErrUnknownReport)
	}
	if !m.health.Of("printer").Works() {
		return fmt.Errorf("print report %q: %w", which, ErrNoPrinter)
	}
	m.do(PrintMemo{paper})
	return nil
}

// head is what every report begins with.
func (m *Machine) head(now event.Time, v DayView) slip.Report {
	r := slip.Report{Centre: m.settings.Site.Name, Kiosk: fmt.Sprintf("Киоск %d", m.settings.Site.Kiosk),
		Catalog: m.settings.Catalog.Version, Act: m.settings.Catalog.Act}
	r.At, r.Dated = m.dated(now)
	if day, err := time.ParseInLocation(time.DateOnly, v.Date, m.settings.Hours.Zone); err == nil {
		r.Day = day
	}
	return r
}

// dayReport is the report of a day.
func (m *Machine) dayReport(now event.Time, v DayView) slip.Day {
	n := func(c figures.Counter) int { return int(v.Total.Of(c)) }
	d := slip.Day{Report: m.head(now, v), InNorm: share(v.Total.ServiceLevel()), Longest: length(v.Total.Wait.Max()),
		Total:           line("", "Всего", v.Total),
		ByAdministrator: n(figures.ByAdministrator), NoShows: n(figures.NoShows), Walkouts: n(figures.Walkouts),
		Transfers: n(figures.Transfers), Voided: n(figures.Voided), Scans: n(figures.Scans), Saved: n(figures.ScansSaved),
		Wipes: n(figures.Wipes), Pages: n(figures.PagesWiped), Help: n(figures.HelpSignals)}
	for _, s := range v.Services {
		d.Services = append(d.Services, line(s.Prefix, s.Title, s.Row))
	}
	return d
}

// compliance is the report of how the law is kept (A32).
func (m *Machine) compliance(now event.Time, v DayView) slip.Compliance {
	n := func(c figures.Counter) int { return int(v.Total.Of(c)) }
	c := slip.Compliance{Report: m.head(now, v), InNorm: share(v.Total.ServiceLevel()), Longest: length(v.Total.Wait.Max()),
		Tickets: n(figures.Issued), Wipes: n(figures.Wipes), Pages: n(figures.PagesWiped), Reminders: n(figures.Reminders),
		Unanswered: n(figures.HelpExpired), OverdueSaid: len(m.settings.Catalog.Staff) > 0 && now.Trusted()}
	if c.OverdueSaid {
		c.Overdue = m.settings.Catalog.Overdue(now.In(m.settings.Hours.Zone)) // B16, B17
	}
	for _, s := range v.Services {
		if times := int(s.Of(figures.Uncovereds)); times > 0 { // A33
			c.Uncovered = append(c.Uncovered, slip.Gap{Title: s.Title, Times: times, For: s.Time(figures.UncoveredTime)})
		}
	}
	return c
}

// availability is the report of hours and of the machine (A1).
func (m *Machine) availability(now event.Time, v DayView) slip.Availability {
	a := slip.Availability{Report: m.head(now, v), Share: share(v.Total.Availability()),
		On: v.Total.Time(figures.OnTime), Starts: int(v.Total.Of(figures.Boots))}
	if v.Total.Of(figures.AnnouncedTime) > 0 {
		a.Announced = slip.Length{Time: v.Total.Time(figures.AnnouncedTime), Known: true}
		a.Served = slip.Length{Time: v.Total.Time(figures.ServedTime), Known: true}
	}
	for _, p := range v.Parts {
		a.Outages = append(a.Outages, slip.Gap{Title: m.partTitle(p.Part), Times: p.Times, For: p.Outage})
	}
	return a
}

// partTitle is what an official reads for a part of the machine.
func (m *Machine) partTitle(part string) string {
	kind, which, _ := strings.Cut(part, ".")
	switch kind {
	case "button":
		if s, known := m.settings.Service(which); known {
			return "Кнопка «" + s.Title + "»"
		}
		return "Кнопка на панели"
	case "handset":
		window, _, _ := strings.Cut(which, ".")
		return "Пульт окна " + window
	}
	if title := map[string]string{"printer": "Принтер", "display": "Табло", "scanner": "Сканер", "stick": "Разъём для флешки",
		"store": "Карта памяти", "disk": "Место на карте памяти", "uplink": "Связь с районом", "lamps": "Лампы",
		"sounder": "Звуковой сигнал", "panel": "Экраны", "clock": "Часы", "settings": "Файл настроек"}[kind]; title != "" {
		return title
	}
	return "Другая часть киоска"
}

// transferSlip prints where a redirected visitor has to go (A23). Without a printer the board tells it.
func (m *Machine) transferSlip(now event.Time, t queue.Ticket) {
	if !m.health.Of("printer").Works() {
		return
	}
	service, _ := m.settings.Service(t.Queue)
	s := slip.Transfer{Centre: m.settings.Site.Name, Kiosk: fmt.Sprintf("Киоск %d", m.settings.Site.Kiosk), Label: t.Label,
		Service: service.Title, Back: t.ReturnTo != ""}
	for _, number := range m.queue.Callers(t.Queue) {
		if w, known := m.settings.Window(number); known {
			s.Places = append(s.Places, w.Title)
		}
	}
	s.At, s.Dated = m.dated(now)
	m.do(PrintMemo{s.Memo()})
}

// line is a queue in a report.
func line(letter, title string, r figures.Row) slip.ServiceLine {
	return slip.ServiceLine{Letter: letter, Title: title, Tickets: int(r.Of(figures.Issued)), Waited: length(r.MeanWaiting()),
		Served: length(r.MeanService())}
}

func share(part float64, known bool) slip.Share { return slip.Share{Part: part, Known: known} }

func length(d time.Duration, known bool) slip.Length { return slip.Length{Time: d, Known: known} }
