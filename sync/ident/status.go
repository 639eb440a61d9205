package ident

// Status is what the district says of a device, in every answer.
type Status string

// The statuses. A word a device does not know holds as Pending: it keeps everything and asks again.
const (
	Active    Status = "active"    // its events are taken
	Pending   Status = "pending"   // waits for the administrator; nothing is taken yet
	Held      Status = "held"      // one enrolment, two devices: nothing is taken until a person decides
	Revoked   Status = "revoked"   // taken off the register (HTTP 410); it keeps collecting
	Unknown   Status = "unknown"   // no such key (HTTP 401): enrol
	Malformed Status = "malformed" // this batch cannot be read (HTTP 400)
)

// Taken reports whether events are acknowledged in this status.
func (s Status) Taken() bool { return s == Active }

// Text says to the technician, in Russian, how things are and what to do.
func (s Status) Text() string {
	switch s {
	case Active:
		return "на учёте, статистика передаётся"
	case Held:
		return "передача остановлена: с одним файлом enroll.json пришли два киоска. Позвоните в район: там выберут нужный"
	case Revoked:
		return "киоск снят с учёта. Талоны выдаются, статистика копится. Чтобы вернуть на учёт, попросите в районе новый enroll.json"
	case Unknown:
		return "район не знает этот киоск: попросите файл enroll.json или подключите киоск по номеру"
	case Malformed:
		return "район не смог прочитать отправленное: сообщите разработчику, статистика сохранена"
	}
	return "ждём, пока администратор района подтвердит киоск"
}
