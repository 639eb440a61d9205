package gesture

import (
	"fmt"
	"slices"
	"strings"
)

// Row is one line of a table: in a state, a gesture with a button is a command. Do and Means explain
// it in Russian: «нажать» — «посетитель пришёл».
type Row struct {
	State   State
	Button  Button
	Gesture Gesture
	Command Command
	Do      string
	Means   string
}

// one is every gesture with the one-button handset that means something (C9, A20, A23). It is never
// written to.
//
// With somebody waiting the call fires on the way down, because that is the press a specialist
// makes forty times a day; so an idle window with a queue has no other gesture, and a break begins
// while nobody waits or with the end of a visit.
var one = [...]Row{
	{Paused, Only, Short, Open, "нажать", "открыть окно"},
	{Paused, Only, Double, Acknowledge, "дважды", "иду помочь к киоску"},
	{Idle, Only, Down, CallNext, "нажать", "вызвать следующего"},
	{IdleEmpty, Only, Short, Resume, "нажать", "вызвать отложенного"},
	{IdleEmpty, Only, Double, Acknowledge, "дважды", "иду помочь к киоску"},
	{IdleEmpty, Only, Long, Pause, "держать", "перерыв"},
	{Called, Only, Short, Start, "нажать", "посетитель пришёл"},
	{Called, Only, Double, Recall, "дважды", "повторить вызов"},
	{Called, Only, Long, NoShowAndNext, "держать", "неявка, следующий"},
	{Serving, Only, Short, Finish, "нажать", "завершить приём"},
	{Serving, Only, Double, Transfer, "дважды", "перенаправить, номер тот же"},
	{Serving, Only, Hold, FinishAndPause, "держать 3 секунды", "завершить, и перерыв"},
	{Shared, Only, Short, CallNext, "нажать", "вызвать ещё одного"},
	{Shared, Only, Double, Transfer, "дважды", "перенаправить того, кто дольше"},
	{Shared, Only, Long, Finish, "держать", "завершить приём того, кто дольше"},
}

// four is the same for the four-button handset. It is never written to.
//
// Next in Called and Park in Idle fire on the release, because holding them longer takes a no-show
// back; no button means two things by being pressed twice.
var four = [...]Row{
	{Paused, Next, Down, Open, "«Следующий»", "открыть окно"},
	{Paused, Send, Long, Acknowledge, "«Перенаправить», держать", "иду помочь к киоску"},
	{Idle, Next, Down, CallNext, "«Следующий»", "вызвать следующего"},
	{Idle, Done, Long, Pause, "«Пришёл, готово», держать", "перерыв"},
	{Idle, Park, Short, Resume, "«Неявка, отложить»", "вызвать отложенного"},
	{Idle, Park, Long, TakeBack, "«Неявка, отложить», держать", "вернуть неявку, пока не прошло 5 секунд"},
	{Idle, Send, Long, Acknowledge, "«Перенаправить», держать", "иду помочь к киоску"},
	{IdleEmpty, Next, Long, TakeBack, "«Следующий», держать", "вернуть неявку, пока не прошло 5 секунд"},
	{IdleEmpty, Done, Long, Pause, "«Пришёл, готово», держать", "перерыв"},
	{IdleEmpty, Park, Short, Resume, "«Неявка, отложить»", "вызвать отложенного"},
	{IdleEmpty, Park, Long, TakeBack, "«Неявка, отложить», держать", "вернуть неявку, пока не прошло 5 секунд"},
	{IdleEmpty, Send, Long, Acknowledge, "«Перенаправить», держать", "иду помочь к киоску"},
	{Called, Next, Short, Again, "«Следующий»", "первые 10 секунд — неявка, следующий; потом — повторить вызов"},
	{Called, Next, Long, TakeBack, "«Следующий», держать", "вернуть неявку, пока не прошло 5 секунд"},
	{Called, Done, Down, Start, "«Пришёл, готово»", "посетитель пришёл"},
	{Called, Park, Short, NoShow, "«Неявка, отложить»", "неявка"},
	{Called, Park, Long, SetAside, "«Неявка, отложить», держать", "отложить"},
	{Called, Send, Long, Acknowledge, "«Перенаправить», держать", "иду помочь к киоску"},
	{Serving, Done, Short, Finish, "«Пришёл, готово»", "завершить приём"},
	{Serving, Done, Long, FinishAndPause, "«Пришёл, готово», держать", "завершить, и перерыв"},
	{Serving, Send, Short, Transfer, "«Перенаправить»", "перенаправить, номер тот же"},
	{Serving, Send, Long, Acknowledge, "«Перенаправить», держать", "иду помочь к киоску"},
	{Serving, Park, Short, SetAside, "«Неявка, отложить»", "отложить"},
	{Shared, Next, Down, CallNext, "«Следующий»", "вызвать ещё одного"},
	{Shared, Done, Short, Finish, "«Пришёл, готово»", "завершить приём того, кто дольше"},
	{Shared, Send, Short, Transfer, "«Перенаправить»", "перенаправить того, кто дольше"},
	{Shared, Send, Long, Acknowledge, "«Перенаправить», держать", "иду помочь к киоску"},
	{Shared, Park, Short, SetAside, "«Неявка, отложить»", "отложить того, кто дольше"},
	{Shared, Park, Long, Resume, "«Неявка, отложить», держать", "вызвать отложенного"},
}

// Table returns the whole table of a handset, in the order a shift goes.
func Table(h Handset) []Row {
	if h == FourButtons {
		return slices.Clone(four[:])
	}
	return slices.Clone(one[:])
}

// Rows returns the rows of one state: what a handset can do now.
func Rows(h Handset, s State) []Row {
	return slices.DeleteFunc(Table(h), func(r Row) bool { return r.State != s })
}

// Lookup returns what a gesture with a button means in a state; None for nothing.
func Lookup(s State, b Button, g Gesture) Command {
	rows := one[:]
	if b != Only {
		rows = four[:]
	}
	for _, r := range rows {
		if r.State == s && r.Button == b && r.Gesture == g {
			return r.Command
		}
	}
	return None
}

// Markdown returns the table for the README and for the card beside a handset.
func Markdown(h Handset) string {
	var b strings.Builder
	b.WriteString("| Окно | Сделать | Это значит |\n|---|---|---|\n")
	var last State
	for _, r := range Table(h) {
		title := r.State.Title()
		if r.State == last {
			title = ""
		}
		last = r.State
		fmt.Fprintf(&b, "| %s | %s | %s |\n", title, r.Do, r.Means)
	}
	return b.String()
}
