package gesture

import (
	"fmt"
	"slices"
	"strings"
)

// Row is one line of the table: in a state, a gesture is a command. Do and Means explain it in
// Russian: «нажать» — «посетитель пришёл».
type Row struct {
	State   State
	Gesture Gesture
	Command Command
	Do      string
	Means   string
}

// table is every gesture that means something (C9, A20, A23). It is never written to.
//
// With somebody waiting the call fires on the way down, because that is the press a specialist
// makes forty times a day; so an idle window with a queue has no other gesture, and a break begins
// while nobody waits or with the end of a visit.
var table = [...]Row{
	{Paused, Short, Open, "нажать", "открыть окно"},
	{Idle, Down, CallNext, "нажать", "вызвать следующего"},
	{IdleEmpty, Long, Pause, "держать", "перерыв"},
	{Called, Short, Start, "нажать", "посетитель пришёл"},
	{Called, Double, Recall, "дважды", "повторить вызов"},
	{Called, Long, NoShowAndNext, "держать", "неявка, следующий"},
	{Serving, Short, Finish, "нажать", "завершить приём"},
	{Serving, Double, Transfer, "дважды", "перенаправить, номер тот же"},
	{Serving, Hold, FinishAndPause, "держать 3 секунды", "завершить, и перерыв"},
}

// Table returns the whole table, in the order a shift goes.
func Table() []Row { return slices.Clone(table[:]) }

// Rows returns the rows of one state: what the button can do now.
func Rows(s State) []Row {
	return slices.DeleteFunc(Table(), func(r Row) bool { return r.State != s })
}

// Lookup returns what a gesture means in a state; None for nothing.
func Lookup(s State, g Gesture) Command {
	for _, r := range table {
		if r.State == s && r.Gesture == g {
			return r.Command
		}
	}
	return None
}

// Markdown returns the table for the README and for the card beside a handset.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| Окно | Сделать | Это значит |\n|---|---|---|\n")
	for i, r := range table {
		title := r.State.Title()
		if i > 0 && table[i-1].State == r.State {
			title = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", title, r.Do, r.Means)
	}
	return b.String()
}
