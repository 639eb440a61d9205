package slip

import (
	"strconv"
	"time"

	"sps-kiosk/kiosk/russian"
)

// End is what the end slip of a scan session tells. // A29, A30
type End struct {
	Centre, Kiosk string
	Saved         int       // pages on the citizen's stick
	Wiped         int       // pages that were in the kiosk
	At            time.Time // of the wipe, in the site's zone
	Dated         bool
}

// Memo returns the end slip.
func (e End) Memo() Memo {
	when := "сразу после сеанса"
	if e.Dated {
		when = e.At.Format("15:04")
	}
	return Memo{Centre: e.Centre, Kiosk: e.Kiosk, At: e.At, Dated: e.Dated, Title: "Сканирование закончено",
		Facts: []Fact{{"Записано на вашу флешку", pages(e.Saved)}, {"Удалено из киоска", pages(e.Wiped) + ", " + when}},
		Notes: []string{"Восстановить страницы нельзя: ключ к ним уничтожен.", "Перед уходом проверьте:",
			"• Флешка у вас?", "• Бумаги из сканера забрали?", "• Вы вышли из личного кабинета? Иначе его увидит следующий посетитель.",
			"• " + deleteFiles}}
}

// pages counts pages: «5 страниц».
func pages(n int) string {
	return strconv.Itoa(n) + nbsp + russian.Plural(n, "страница", "страницы", "страниц")
}

// Wipe is one line of the journal of wipes.
type Wipe struct {
	At    time.Time
	Dated bool
	Pages int
	Why   string // the word of the journal
	How   string
}

// Act is «акт об уничтожении» for a day: when, why, how many pages, how. There is nobody in it.
type Act struct {
	Centre, Kiosk string
	Day           time.Time
	Wipes         []Wipe
	Printed       time.Time
	Dated         bool
}

// mostWipes is how many lines one paper has.
const mostWipes = 60

// Memos returns the act on as many papers as it needs, at least one.
func (a Act) Memos() (papers []Memo) {
	total := 0
	for _, w := range a.Wipes {
		total += w.Pages
	}
	for from := 0; from == 0 || from < len(a.Wipes); from += mostWipes {
		m := Memo{Centre: a.Centre, Kiosk: a.Kiosk, At: a.Printed, Dated: a.Dated, Title: "Акт об уничтожении электронных образов"}
		m.Facts = []Fact{{"За день", a.Day.Format("02.01.2006")}, {"Сеансов", strconv.Itoa(len(a.Wipes))}, {"Уничтожено", pages(total)}}
		m.Notes = []string{"Страницы хранились только зашифрованными. Ключ был в памяти и уничтожен вместе с сеансом, затем удалены файлы."}
		for _, w := range a.Wipes[from:min(len(a.Wipes), from+mostWipes)] {
			m.Lines = append(m.Lines, w.line())
		}
		papers = append(papers, m)
	}
	return papers
}

// line is a wipe in words: «10:52 — 5 страниц, сохранены на флешку; ключ стёрт сеансом».
func (w Wipe) line() string {
	at := "--:--"
	if w.Dated {
		at = w.At.Format("15:04")
	}
	what := pages(w.Pages)
	if w.Why == "restart" { // nobody was left to count
		what = "прерванный сеанс"
	}
	return at + " — " + what + ", " + whyWiped(w.Why) + "; " + howWiped(w.How)
}

// whyWiped says why a session ended.
func whyWiped(word string) string {
	switch word {
	case "done":
		return "сохранены на флешку посетителя"
	case "cancelled":
		return "посетитель закончил без сохранения"
	case "timed_out":
		return "посетитель ушёл"
	case "worker_lost", "porter_lost":
		return "сбой программы"
	case "restart":
		return "отключение питания или перезапуск"
	}
	return "другая причина"
}

// howWiped says how.
func howWiped(word string) string {
	switch word {
	case "exited":
		return "ключ стёрт, процесс завершён, файлы удалены"
	case "killed":
		return "процесс остановлен, файлы удалены"
	case "swept":
		return "ключ исчез с питанием, файлы удалены при запуске"
	}
	return "способ не записан"
}
