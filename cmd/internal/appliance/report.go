package appliance

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// narrator is a board that has a page to tell things on: the bench. A real board has none.
type narrator interface {
	Caption([]bench.Caption)
	Journal(text string, took time.Duration)
}

// journal tells the bench's page what happened.
func journal(b board, text string, took time.Duration) {
	if n, ok := b.(narrator); ok {
		n.Journal(text, took)
	}
}

// reporter returns what the loop calls after each commit: it tells the bench what is on the card
// and what each handset's next gesture will do. On a real board it does nothing.
func reporter(b board, settings config.Settings) func(queue.Change, time.Duration, kiosk.View) {
	n, ok := b.(narrator)
	if !ok {
		return nil
	}
	return func(change queue.Change, took time.Duration, view kiosk.View) {
		for _, e := range change.Events {
			if text := sentence(settings, e); text != "" {
				n.Journal(text, took)
				took = 0 // one commit, however many facts
			}
		}
		n.Caption(captions(view))
	}
}

// sentence tells an event in Russian, or "" for one that the machine's own journal tells.
func sentence(settings config.Settings, e event.Event) string {
	service, _ := settings.Service(e.Ticket.Service)
	label := service.Label(e.Ticket.Number)
	place := ""
	if w, ok := settings.Window(e.Window); ok {
		place = w.Title
	}
	switch e.Kind {
	case event.Issued:
		if e.Code == queue.ByAdministrator {
			return "Талон " + label + " выдал администратор, записан на карту"
		}
		return "Талон " + label + " записан на карту"
	case event.Called:
		return fmt.Sprintf("Вызов %s: %s — записан на карту", label, place)
	case event.Recalled:
		return fmt.Sprintf("Повторный вызов %s: %s", label, place)
	case event.Started:
		return "Посетитель " + label + " пришёл: " + place
	case event.Finished:
		return "Приём " + label + " завершён: " + place
	case event.NoShow:
		return label + " — неявка"
	case event.Transferred:
		to, _ := settings.Service(e.Queue)
		return label + " — перенаправление в очередь «" + to.Title + "»"
	case event.Returned:
		to, _ := settings.Service(e.Queue)
		return label + " — возвращается в очередь «" + to.Title + "»"
	case event.Requeued:
		return label + " — снова в очереди"
	case event.Parked:
		return label + " — отложен: " + place
	case event.Resumed:
		return fmt.Sprintf("Вызов отложенного %s: %s — записан на карту", label, place)
	case event.Voided:
		return "Талон " + label + " аннулирован"
	case event.Granted:
		return label + " — вне очереди: " + queue.Privilege(e.Code).Title()
	case event.TakenBack:
		return label + " — неявка отменена: " + place
	case event.Carried:
		return label + " — перенесён на следующий день"
	case event.Walkout:
		return label + " — закрыт: день окончен"
	case event.Copied:
		return "Талон " + label + " печатается ещё раз: «КОПИЯ»"
	case event.Help:
		return "Посетитель у киоска просит помочь"
	case event.HelpAnswered:
		return helpAnswer(e.Code, place)
	case event.ScanBegan, event.ScanSaved, event.ScanWiped, event.Misused, event.Reminded:
		return scanSentence(e)
	case event.Opened:
		return place + ": приём открыт"
	case event.Paused:
		return place + ": перерыв"
	case event.DayBegan:
		return "Начался рабочий день"
	case event.Booted:
		return "Киоск включён"
	case event.Stopped:
		return "Программа остановлена"
	case event.Printed:
		return printSentence(label, e.Code)
	case event.Refused:
		return refusal(settings, e)
	case event.Device:
		if e.Code == kiosk.CatalogDevice && e.State == string(health.OK) {
			return "" // which one holds is told by itself
		}
		return deviceName(settings, e.Code) + ": " + advice(e.Code, health.State(e.State))
	case event.Adopted:
		return "Действует каталог услуг " + e.Code
	case event.Uncovered:
		if queue, _ := settings.Service(e.Queue); e.Count > 0 {
			return fmt.Sprintf("«%s»: ждут %d, вызывать некому, пульты мигают дважды", queue.Title, e.Count)
		}
	case event.Memoed:
		return "Печатается памятка: " + place
	case event.Enrolled:
		return fmt.Sprintf("Печатается талон на курс %d", e.Count)
	case event.Attended:
		return fmt.Sprintf("На курс пришли: %d", e.Count)
	case event.Lost:
		return "Карта памяти потеряла записи: номера идут дальше без повторов"
	}
	return ""
}

// advice is what a technician is told to do about a part.
func advice(part string, state health.State) string {
	if part == "stick" && state == health.Offline { // the porter is not there; the words of health are a printer's
		return "сканирование выключено, его служба не отвечает. Выключите и включите киоск"
	}
	if part == kiosk.CatalogDevice && state == health.Wrong {
		return "в новом каталоге ошибка, действует прежний. Проверьте файл: kiosk config check"
	}
	if part == settingsDevice && state == health.Wrong {
		return "в kiosk.txt ошибка, действуют прежние настройки. Исправьте файл: киоск прочтёт его сам"
	}
	return state.Advice()
}

// helpAnswer tells how a request for help ended.
func helpAnswer(code, place string) string {
	switch {
	case code == "expired":
		return "Просьба о помощи осталась без ответа"
	case place == "":
		return "К киоску идут помочь"
	}
	return "К киоску идут помочь: " + place
}

// refusal tells why a press gave no ticket.
func refusal(settings config.Settings, e event.Event) string {
	service, _ := settings.Service(e.Queue)
	var closed *queue.ClosedError
	if errors.As(settings.Hours.Check(e.At), &closed) {
		return "Закрыто. " + closed.Text()
	}
	return "Номера услуги «" + service.Title + "» закончились"
}

// deviceName says which part of the machine an event is about.
func deviceName(settings config.Settings, device string) string {
	kind, which, _ := strings.Cut(device, ".")
	switch kind {
	case "printer":
		return "Принтер"
	case "display":
		return strings.TrimSpace("Табло " + which)
	case "store":
		return "Карта памяти"
	case "scanner":
		return "Сканер"
	case "stick":
		return "Разъём для флешки"
	case "disk":
		return "Свободное место на карте"
	case "uplink":
		return "Связь с районом"
	case kiosk.CatalogDevice:
		return "Каталог услуг"
	case settingsDevice:
		return "Файл настроек"
	case "sounder":
		return "Звуковой сигнал"
	case "voice":
		return "Голос"
	case "panel":
		return "Страницы киоска"
	case "button":
		if title := map[string]string{"help": "Кнопка помощи", "scan": "Кнопка «Сканировать»", "done": "Кнопка «Готово»"}[which]; title != "" {
			return title
		}
		service, _ := settings.Service(which)
		return "Кнопка «" + service.Title + "»"
	case "handset":
		window, key, _ := strings.Cut(which, ".")
		if title := map[string]string{"next": "следующий", "done": "пришёл, готово", "transfer": "перенаправить",
			"park": "неявка, отложить"}[key]; title != "" {
			return "Пульт " + window + ", кнопка «" + title + "»"
		}
		return "Пульт " + window
	}
	return device
}

// printSentence tells how printing ended.
func printSentence(label, outcome string) string {
	switch outcome {
	case kiosk.Confirmed.String():
		return "Талон " + label + " напечатан"
	case kiosk.NotStarted.String():
		return "Талон " + label + " не напечатан: номер на табло"
	}
	return "Не ясно, напечатан ли талон " + label + ": номер на табло"
}

// captions returns the card over each handset, from the table of gestures.
func captions(view kiosk.View) []bench.Caption {
	var cards []bench.Caption
	for _, w := range view.Windows {
		card := bench.Caption{Window: w.Number, Title: w.State.Title()}
		if w.Ticket != "" {
			card.Title = w.Ticket + ": " + strings.ToLower(card.Title[:2]) + card.Title[2:]
		}
		card.Halo = w.State == gesture.Idle || w.State == gesture.Called
		for _, row := range gesture.Rows(w.Handset, w.State) {
			if row.Command == gesture.Acknowledge && !view.Help && !view.Alarm ||
				row.Command == gesture.Resume && len(w.Parked) == 0 {
				continue // nothing to answer, nobody to call
			}
			card.Lines = append(card.Lines, bench.CaptionLine{Do: row.Do, Means: row.Means})
		}
		cards = append(cards, card)
	}
	return cards
}
