package alarm

import (
	"fmt"
	"strings"
	"time"
)

// Silence is one kiosk's silence, or its end.
type Silence struct {
	Kiosk
	Since time.Time
	Open  time.Duration // office hours it lasted when it was told; 0 in an all-clear
}

// Message is everything there is to tell at one moment.
type Message struct {
	At       time.Time
	Expected int // kiosks that are expected to be heard
	Silent   []Silence
	Back     []Silence // Seen is when they were heard again
	Wrong    []Trouble
	Trial    bool // somebody tries whether messages come through
}

// Empty reports whether there is nothing to tell.
func (m Message) Empty() bool { return len(m.Silent)+len(m.Back)+len(m.Wrong) == 0 && !m.Trial }

// trial is what a trial says.
const trial = "Проверка оповещений района"

// compareNames orders kiosks as people look for them.
func compareNames(a, b Kiosk) int {
	if c := strings.Compare(a.Office, b.Office); c != 0 {
		return c
	}
	if c := strings.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	return int(a.ID - b.ID)
}

// Subject says it in one line, in Russian.
func (m Message) Subject() string {
	switch {
	case m.Trial:
		return trial
	case len(m.Wrong) == 1 && len(m.Silent)+len(m.Back) == 0:
		return oneLine(m.Wrong[0].What)
	case len(m.Wrong) > 0:
		return fmt.Sprintf("Требуют внимания: %d, нет данных от киосков: %d", len(m.Wrong), len(m.Silent))
	case len(m.Silent) == 1 && len(m.Back) == 0:
		return "Нет данных от киоска " + m.Silent[0].title()
	case len(m.Silent) == 0 && len(m.Back) == 1:
		return "Снова есть данные от киоска " + m.Back[0].title()
	case len(m.Silent) == 0:
		return fmt.Sprintf("Снова на связи киосков: %d", len(m.Back))
	case len(m.Back) == 0:
		return fmt.Sprintf("Нет данных от киосков: %d", len(m.Silent))
	}
	return fmt.Sprintf("Нет данных от киосков: %d, снова на связи: %d", len(m.Silent), len(m.Back))
}

// Text says all of it, in Russian, and what to do.
func (m Message) Text() string {
	var b strings.Builder
	if m.Trial {
		b.WriteString("Это проверка. Если вы её читаете, оповещения о киосках приходят.\n")
	}
	for _, t := range m.Wrong {
		fmt.Fprintf(&b, "%s. %s.\n", oneLine(t.What), oneLine(t.ToDo))
	}
	for _, s := range m.Silent {
		fmt.Fprintf(&b, "Киоск %s не выходит на связь с %s, рабочего времени прошло: %s.\n", s.title(), s.at(s.Since), lasted(s.Open))
	}
	if len(m.Silent) > 0 {
		b.WriteString("Проверьте, включён ли киоск и есть ли в центре интернет. Талоны он выдаёт и без связи, статистика не пропадёт: " +
			"она придёт, когда связь появится.\n")
	}
	if len(m.Silent) > 1 && len(m.Silent) == m.Expected {
		b.WriteString("Молчат все киоски сразу: проверьте связь самого сервера района.\n")
	}
	for _, s := range m.Back {
		fmt.Fprintf(&b, "Киоск %s снова на связи с %s, молчал с %s.\n", s.title(), s.at(s.Seen), s.at(s.Since))
	}
	return b.String()
}

// title names a kiosk: «Зал» (МФЦ Кошки). What somebody typed stays on one line.
func (s Silence) title() string {
	return fmt.Sprintf("«%s» (%s)", oneLine(s.Name), oneLine(s.Office))
}

// at is a moment as people of the office read it.
func (s Silence) at(t time.Time) string { return t.In(s.Zone).Format("02.01.2006 15:04") }

// lasted writes a time in hours and minutes: «4 ч 05 мин».
func lasted(d time.Duration) string {
	return fmt.Sprintf("%d ч %02d мин", int(d.Hours()), int(d.Minutes())%60)
}

// oneLine keeps a name from beginning a line or a header of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
