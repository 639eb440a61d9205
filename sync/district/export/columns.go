package export

import (
	"time"

	"sps-kiosk/kiosk/figures"
)

// column is one column of a table of figures: its title and what stands in it.
type column struct {
	title   string
	cell    func(figures.Row) value
	machine bool // of the whole office: a service has no such number
}

// count is a column of a counter.
func count(title string, c figures.Counter) column {
	return column{title: title, cell: func(r figures.Row) value { return whole(r.Of(c)) }}
}

// machine is a column of a counter that no service has.
func machine(title string, c figures.Counter) column {
	all := count(title, c)
	all.machine = true
	return all
}

// mean is a column of a mean time in minutes.
func mean(title string, f func(figures.Row) (time.Duration, bool)) column {
	return column{title: title, cell: func(r figures.Row) value { d, known := f(r); return decimal(d.Minutes(), known) }}
}

// bound is a column of whole minutes that bound a waiting from above.
func bound(title string, f func(figures.Row) (time.Duration, bool)) column {
	return column{title: title, cell: func(r figures.Row) value {
		if r.Of(figures.Legs) <= 0 {
			return value{}
		}
		if d, known := f(r); known {
			return whole(int64(d / time.Minute))
		}
		return words("больше суток")
	}}
}

// percent is a column of a share.
func percent(title string, f func(figures.Row) (float64, bool)) column {
	return column{title: title, cell: func(r figures.Row) value { x, known := f(r); return decimal(x*100, known) }}
}

// quantile is how long so many of all waited at most.
func quantile(p float64) func(figures.Row) (time.Duration, bool) {
	return func(r figures.Row) (time.Duration, bool) { return r.Wait.Quantile(p) }
}

// columns are those of figures, in order.
func columns() []column {
	return []column{
		count("Выдано талонов", figures.Issued), count("Из них администратором", figures.ByAdministrator),
		count("Из них вне очереди", figures.Granted), count("Обслужено", figures.Served), count("Неявки", figures.NoShows),
		count("Ушли, не дождавшись", figures.Walkouts), count("Аннулировано", figures.Voided),
		mean("Ожидание среднее, мин", figures.Row.MeanWaiting),
		bound("Ожидание, медиана, не более, мин", quantile(0.5)), bound("Ожидание 90 %, не более, мин", quantile(0.9)),
		bound("Ожидание наибольшее, не более, мин", longest),
		percent("Доля в норматив, %", figures.Row.ServiceLevel), count("Ожидание не измерено", figures.LegsUnmeasured),
		mean("Ожидание за всё посещение, мин", figures.Row.MeanTotalWaiting),
		mean("От вызова до начала, мин", figures.Row.MeanResponse), mean("Обслуживание среднее, мин", figures.Row.MeanService),
		mean("Посещение среднее, мин", figures.Row.MeanVisit), percent("Загруженность окон, %", figures.Row.Occupancy),
		count("Вызовов", figures.Calls), count("Повторных вызовов", figures.Recalls), count("Перенаправлено", figures.Transfers),
		count("Отложено", figures.Parks), count("Отказано: закрыто", figures.RefusedClosed),
		count("Отказано: номера кончились", figures.RefusedExhausted), machine("Сигналов помощи", figures.HelpSignals),
		machine("Копий талонов", figures.Copies), machine("Не напечатано", figures.PrintNotStarted),
		machine("Напечатано ли, неизвестно", figures.PrintUncertain), machine("Сеансов сканирования", figures.Scans),
		machine("Уничтожений страниц", figures.Wipes), machine("Потеряно событий", figures.LostEvents),
		count("Талонов без начала", figures.Torn), count("Талонов без конца", figures.Endless),
	}
}

// longest is the longest waiting.
func longest(r figures.Row) (time.Duration, bool) { return r.Wait.Max() }
