package dashboard

import (
	"fmt"
	"time"

	"sps-kiosk/kiosk/figures"
)

// figurePages are the pages of figures, in the order of the navigation.
func (s *Site) figurePages() []Page {
	return []Page{
		s.figurePage("/", "Сегодня", s.today),
		s.figurePage("/period", "Период", s.period),
		s.figurePage("/services", "Услуги", s.services),
		s.figurePage("/sps", "СПС", s.sector),
		s.figurePage("/windows", "Окна", s.windows),
		s.figurePage("/availability", "Доступность", s.availability),
		s.figurePage("/kiosks", "Киоски", s.kiosks),
		s.figurePage("/compliance", "Соблюдение", s.compliance),
		s.figurePage("/offices", "Центры", s.offices),
		s.figurePage("/quality", "Полнота", s.quality),
	}
}

// title is the name of a service, or of a word of the procedure, for people.
func (s *Site) title(code string) string {
	if t := s.Titles[code]; t != "" {
		return t
	}
	return code
}

// normText is the norm that figures are held to: «15 минут», or «норматива» where services differ.
func (s *Site) normText() string {
	if len(s.Norms) > 0 {
		return "норматива услуги"
	}
	n := int64(figures.NormalWaiting / time.Minute)
	return fmt.Sprintf("%d %s", n, plural(n, "минуты", "минут", "минут"))
}

// norm is the norm of a service; that of all where services do not differ.
func (s *Site) norm(service string) time.Duration {
	if d := s.Norms[service]; d > 0 {
		return d
	}
	return figures.NormalWaiting
}

// lead is the sentence under the title: whose figures, and what they cover (A36).
func (a *ask) lead() string {
	return a.Office.Name + ". Показатели считаются от выдачи талона до конца приёма."
}

// normOf writes the norm of a service in minutes; of all services only where they do not differ.
func (s *Site) normOf(service string) string {
	if service == "" && len(s.Norms) > 0 {
		return nobody
	}
	return count(int64(s.norm(service) / time.Minute))
}
