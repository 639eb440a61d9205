package admin

import (
	"net/http"
	"strconv"
	"strings"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
)

// auditLines is how much of the log a page shows.
const auditLines = 500

// auditRow is a line of the log in words.
type auditRow struct{ At, Who, What, Note string }

// audit is the page of the log, the newest first.
func (s site) audit(r *http.Request, _ district.Session) (any, error) {
	list, err := s.Store.AuditLog(r.Context(), auditLines)
	if err != nil {
		return nil, err
	}
	kiosks, err := s.Store.Kiosks(r.Context())
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, k := range kiosks {
		names["kiosk:"+strconv.FormatInt(k.ID, 10)] = "киоск «" + k.Name + "»"
	}
	var rows []auditRow
	for _, e := range list {
		rows = append(rows, auditRow{e.At.In(s.Zone).Format("02.01.2006 15:04:05"), named(e.Who, names), act(e.What), noted(e, names)})
	}
	return rows, nil
}

// named writes a kiosk's number as its name where a text is one or begins with one.
func named(text string, names map[string]string) string {
	word, rest, _ := strings.Cut(text, ",")
	switch {
	case text == "server":
		return "сервер"
	case names[word] == "":
		return text
	case rest == "":
		return names[word]
	}
	return names[word] + "," + rest
}

// noted says the details of a line: of a user, the role in words.
func noted(e district.Entry, names map[string]string) string {
	if user, role, found := strings.Cut(e.Note, ", "); found && e.What == "user.set" {
		return user + ", " + dashboard.Role(role)
	}
	return named(e.Note, names)
}

// act says a word of the audit log in Russian; a word that is not known stays.
func act(word string) string {
	if text := map[string]string{
		"office.added": "завёл центр", "office.changed": "изменил центр", "kiosk.added": "завёл киоск",
		"kiosk.invited": "выдал файл киоска", "kiosk.enrolled": "подключён по файлу", "kiosk.approved": "подключил по номеру",
		"kiosk.revoked": "снял с учёта", "kiosk.restored": "вернул на учёт", "kiosk.held": "задержан до решения",
		"kiosk.cloned": "тревога: копия карты", "kiosk.forked": "карта забыла переданное", "kiosk.key": "сменил ключ", "kiosk.renew": "попросил киоск сменить ключ",
		"user.in": "вход", "user.set": "записал пользователя", "user.dropped": "удалил пользователя",
		"figures.recomputed": "запустил пересчёт показателей", "alarm.set": "настроил оповещения", "alarm.tried": "проверил оповещения",
		"update.added": "принял обновление", "update.started": "начал обновление", "update.stage": "обновление: следующий этап",
		"update.paused": "остановил обновление", "update.resumed": "продолжил обновление", "update.withdrawn": "отозвал обновление",
		"update.done": "обновление закончено",
	}[word]; text != "" {
		return text
	}
	return word
}
