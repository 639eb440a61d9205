package slip

import (
	"strings"
	"testing"
	"time"
)

// someReport is the head of the mock-up's report.
func someReport() Report {
	day := time.Date(2025, 11, 18, 0, 0, 0, 0, time.UTC)
	return Report{Centre: "МФЦ Кошкинского района", Kiosk: "Киоск 1", Day: day, At: day.Add(18*time.Hour + 5*time.Minute), Dated: true,
		Catalog: "decree84.1", Act: "Постановление № 84 от 21.02.2023"}
}

func minutes(n float64) Length { return Length{time.Duration(n * float64(time.Minute)), true} }

// someDay is the day of the mock-up.
func someDay() Day {
	return Day{Report: someReport(), InNorm: Share{0.9199, true}, Longest: minutes(24),
		Services: []ServiceLine{{"А", "Подать документы", 48, minutes(8.34), minutes(13.09)}, {"П", "Получить готовое", 27, minutes(4.17), minutes(3.59)},
			{"С", "Помощь с Госуслугами", 14, minutes(7.75), Length{}}},
		Total:   ServiceLine{"", "Всего", 104, minutes(6.7), minutes(10.3)},
		NoShows: 3, Walkouts: 1, Transfers: 5, ByAdministrator: 2, Help: 4, Scans: 16, Saved: 13, Wipes: 16, Pages: 41}
}

func someCompliance() Compliance {
	return Compliance{Report: someReport(), InNorm: Share{0.9199, true}, Longest: minutes(24), Tickets: 104, Wipes: 16, Pages: 41, Reminders: 15,
		Uncovered: []Gap{{"Учётная запись", 2, 80 * time.Minute}}, Overdue: 1, OverdueSaid: true}
}

func someAvailability() Availability {
	return Availability{Report: someReport(), Announced: minutes(600), Served: minutes(580), Share: Share{580.0 / 600, true},
		On: 10*time.Hour + 20*time.Minute, Starts: 1, Outages: []Gap{{"Принтер", 1, 12 * time.Minute}}}
}

// words returns everything a memo says.
func (m Memo) words() string {
	all := []string{m.Title, m.Number}
	all = append(all, m.Band...)
	for _, f := range m.Facts {
		all = append(all, f.Heading+": "+f.Value)
	}
	return strings.ReplaceAll(strings.Join(append(append(all, m.Notes...), m.Lines...), "\n"), nbsp, " ")
}

// holds tells what a memo must say.
func holds(t *testing.T, m Memo, sentences ...string) {
	t.Helper()
	for _, s := range sentences {
		if !strings.Contains(m.words(), s) {
			t.Errorf("%s: no %q in\n%s", m.Title, s, m.words())
		}
	}
}

// TestReportsSay holds the papers to their sentences: nothing is rounded up, nothing unknown is a zero.
func TestReportsSay(t *testing.T) {
	holds(t, someDay().Memo(), "Отчёт за 18 ноября 2025", "Талонов: 104", "Ждали не дольше норматива: 91 %", "Дольше всех ждали: до 24 минут",
		"А Подать документы: талонов 48, ждали 8:20, приём 13:05", "С Помощь с Госуслугами: талонов 14, ждали 7:45, приём —",
		"Неявка: 3. Ушли, не дождавшись: 1. Перенаправлены: 5.", "Выдал администратор: 2. Просили помощи у киоска: 4.",
		"сеансов 16, сохранено на флешки: 13. Уничтожений: 16, страниц: 41.", "от выдачи талона до конца приёма",
		"Каталог decree84.1. Постановление № 84 от 21.02.2023")
	holds(t, someCompliance().Memo(), "Соблюдение порядка за 18 ноября 2025", "Учётная запись: 1 ч 20 мин, 2 раза", "Просрочено ознакомлений: 1",
		"Напоминаний выйти из личного кабинета: 15", "Уничтожений электронных образов: 16, страниц: 41", "такой команды у киоска нет")
	holds(t, someAvailability().Memo(), "Объявлено часов приёма: 10 ч 0 мин", "хотя бы одно окно: 9 ч 40 мин (96 %)", "включён: 10 ч 20 мин",
		"Принтер: 12 мин, 1 раз")
	empty := Day{}.Memo()
	holds(t, empty, "Отчёт за день без даты", "Ждали не дольше норматива: не знаем", "Дольше всех ждали: не знаем", "Среднее ожидание: —")
	holds(t, Compliance{}.Memo(), "не было")
	holds(t, Availability{}.Memo(), "Объявлено часов приёма: не знаем", "работало хотя бы одно окно: не знаем", "всё работало")
}

// TestTransferSays holds the slip of a redirection to its words, in the right cases (A23).
func TestTransferSays(t *testing.T) {
	for want, places := range map[string][]string{
		"Идите к окну 3": {"окно 3"}, "Идите к окну 1, 2 или к месту СПС": {"окно 1", "окно 2", "место СПС"},
		"Куда идти, покажет табло": nil, "Номер окна покажет табло": {"окно 1", "окно 2", "окно 3", "окно 4", "окно 5", "окно 6", "окно 7"},
		"Идите сюда: касса": {"касса"},
	} {
		holds(t, Transfer{Label: "С005", Service: "Подать документы", Places: places}.Memo(), want, "Номер остаётся тот же", "С005", "Бесплатно")
	}
	holds(t, Transfer{Label: "С005", Back: true}.Memo(), "Потом вернитесь сюда")
	if strings.Contains(Transfer{Label: "С005"}.Memo().words(), "вернитесь") {
		t.Error("nobody comes back, and the slip says so")
	}
	if _, err := renderer(t).Memo(Memo{Number: "№ 5"}, 576); err == nil {
		t.Error("took a number that cannot be printed")
	}
}
