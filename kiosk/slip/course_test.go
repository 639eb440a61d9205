package slip

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sps-kiosk/kiosk/slip/sliptest"
)

// papers are a course ticket and the memos of the built-in catalogue in their longest form.
func papers() map[string]Memo {
	at := time.Date(2026, 11, 23, 10, 52, 0, 0, time.UTC)
	head := Memo{Centre: "МФЦ Кошкинского района", Kiosk: "Киоск 1", At: at, Dated: true}
	course, undated, steps, portals, service := head, head, head, head, head
	course.Title, undated.Title = "Талон на курс", "Талон на курс"
	Course{Title: "Интернет без опаски", Topic: "работа в Интернете", Number: 1203, Place: "кабинет 5", Dated: true,
		Begins: time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)}.Fill(&course)
	Course{Title: "Компьютер с нуля", Topic: "компьютерная грамотность", Number: 101}.Fill(&undated)
	undated.Dated = false
	steps.Title, steps.Online = "Три шага к услуге", "https://gosuslugi.ru"
	steps.Steps = []string{"Войдите: gosuslugi.ru, кнопка «Войти», ваш телефон и пароль", "Откройте личный кабинет: имя вверху справа",
		"Найдите услугу: напишите её в строке поиска и нажмите «Начать»"}
	steps.After = []string{"Закончили — нажмите «Выйти» и удалите свои файлы с компьютера центра."}
	portals.Title, portals.Online = "Что можно сделать на порталах", "https://gosuslugi.ru"
	portals.Notes = []string{"На Госуслугах подают заявления, записываются к врачу и в ведомства, платят пошлины и штрафы, получают справки и выписки.",
		"На порталах ведомств — услуги, которых нет на Госуслугах. Войти можно с той же учётной записью."}
	service.Title, service.Online = "Как получить услугу в электронной форме", "https://www.gosuslugi.ru/600123/1/form"
	service.Facts = []Fact{{"Услуга", "Подать документы"}}
	service.Notes = []string{"Не нужно приезжать: заявление подают из дома в любое время, ответ приходит в личный кабинет."}
	service.Steps = []string{"Войдите на gosuslugi.ru с подтверждённой учётной записью", "Найдите услугу через поиск",
		"Заполните заявление и приложите файлы", "Ответ придёт в личный кабинет"}
	service.Lists = []List{{"Где можно получить сейчас", []string{"портал gosuslugi.ru", "приложение «Госуслуги»", "любое окно приёма МФЦ"}}}
	service.Lines = []string{"Сведения проверены 01.11.2026."}
	return map[string]Memo{"course": course, "courseundated": undated, "threesteps": steps, "portals": portals, "service": service}
}

func TestPapersGolden(t *testing.T) { golden(t, papers()) }

// TestPapersFitEveryHead draws and writes each for every width; its code is read by a decoder that is not ours.
func TestPapersFitEveryHead(t *testing.T) {
	r := renderer(t)
	for name, m := range papers() {
		for _, dots := range []int{384, 512, 576} {
			picture, err := r.Memo(m, dots)
			if err != nil {
				t.Errorf("%s, %d dots: %v", name, dots, err)
				continue
			}
			if m.Online == "" {
				continue
			}
			if got := sliptest.ReadQR(t, picture); got != m.Online {
				t.Errorf("%s, %d dots: the code reads %q, want %q", name, dots, got, m.Online)
			}
		}
		for _, columns := range []int{24, 32, 48} {
			lines, err := TextMemo(m, columns)
			all := ""
			for _, l := range lines {
				all += l.Text + " "
				if utf8.RuneCountInString(l.Text) > columns {
					t.Errorf("%s: %q is longer than %d", name, l.Text, columns)
				}
			}
			for _, sentence := range slices.Concat(m.After, m.Steps) {
				if !strings.Contains(all, strings.Fields(sentence)[0]) {
					t.Errorf("%s, %d columns: got %q, want %q in it", name, columns, all, sentence)
				}
			}
			if err != nil || m.Number != "" && !strings.Contains(all, m.Number) || m.Online != "" && !strings.Contains(strings.ReplaceAll(all, " ", ""), shown(m.Online)) {
				t.Errorf("%s, %d columns: got %v, %q, want number and address", name, columns, err, all)
			}
		}
	}
}

// TestCourseTicketAsksNobody: the paper is free, and asks for neither name nor telephone (A13, A14).
func TestCourseTicketAsksNobody(t *testing.T) {
	text := strings.Join(papers()["course"].Notes, " ")
	for _, want := range []string{"Имя и телефон не нужны", "Бесплатно"} {
		if !strings.Contains(text, want) {
			t.Errorf("got %q, want %q", text, want)
		}
	}
}
