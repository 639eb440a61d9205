package uplink

import (
	"fmt"
	"time"

	"sps-kiosk/sync/ident"
)

// Link is how the device stands to its district.
type Link uint8

// The links.
const (
	Unbound  Link = iota // no district: a file or an approval is needed
	Waiting              // a district was asked; an administrator decides
	NoLink               // no answer that can be believed
	Linked               // the last request had an answer of the district
	Rejected             // the district answers, and takes nothing: Status says why
)

// State is how the link is, for a technician.
type State struct {
	Link    Link
	Status  ident.Status  // by the district's last word
	Number  string        // six digits to be typed in the district, "" = none to show
	Last    time.Duration // CLOCK_BOOTTIME of the last answer that was believed; negative = none in this boot
	Backlog uint64        // events that wait
	Forgot  uint64        // places the district has and this card does not: it forgets, or was copied
	Why     string        // what is wrong, in Russian; "" = nothing
}

// never is the Last of a device that has had no answer.
const never time.Duration = -1

// Text says in Russian how the link is and what to do.
func (s State) Text() string {
	switch {
	case s.Number != "":
		return fmt.Sprintf("назовите администратору района номер %s %s", s.Number[:3], s.Number[3:])
	case s.Link == Unbound && s.Why == "":
		return "киоск не подключён к району: положите файл enroll.json рядом с kiosk.txt"
	case s.Why != "":
		return s.Why
	case s.Link == Linked && s.Forgot > 0:
		return s.Status.Text() + ". Карта памяти теряет записи или скопирована: замените её"
	}
	return s.Status.Text()
}

// What is wrong, in Russian.
const (
	noLink       = "нет связи с районом: проверьте кабель и роутер. Статистика копится и уйдёт сама"
	notDistrict  = "нет связи с районом: вместо него отвечает кто-то другой (вход в сеть или посредник). Статистика копится"
	strangeKey   = "сервер района сменил ключ: попросите в районе новый файл enroll.json. Статистика копится"
	busyDistrict = "сервер района занят или остановлен. Статистика копится и уйдёт сама"
	newerServer  = "сервер района отвечает непонятно: обновите программу киоска. Статистика копится"
	badCard      = "карта памяти не даёт записать, что отправлено: проверьте свободное место"
)

// complaint is the last thing the log was told, so that a week without a network is not a week of lines.
type complaint struct {
	kind  string
	at    time.Duration
	muted int
}

// sayAgain is how often a complaint that has not changed is repeated in the log.
const sayAgain = time.Hour

// complain logs what is wrong: at once if it is new, else once an hour with a count.
func (u *Uplink) complain(kind string, err error) {
	now := u.Now().Up
	if u.said.kind == kind && now-u.said.at < sayAgain {
		u.said.muted++
		return
	}
	u.Log.Warn("uplink", "device", "uplink", "kind", kind, "repeated", u.said.muted, "backlog", u.state.Backlog, "err", err)
	u.said = complaint{kind: kind, at: now}
}

// recovered logs that what was wrong is over.
func (u *Uplink) recovered() {
	if u.said.kind != "" {
		u.Log.Info("uplink works again", "device", "uplink", "after", u.said.kind, "repeated", u.said.muted)
		u.said = complaint{}
	}
}
