// Package gesture is what a specialist means with the one button of a handset, or with its four (C9).
//
// It owns two tables, (window state, button, gesture) → command, with the words that explain each row
// to a person, and the rule that a press means one thing at most. It refuses to know how a gesture is
// recognised (the driver does) and how a command is carried out (the machine does).
package gesture

import "fmt"

// Gesture is what a hand did with the button.
type Gesture uint8

// Gestures. One press gives Down and then one of the others; Hold follows Long.
const (
	Down   Gesture = 1 // the button goes down: nothing else is known yet
	Short  Gesture = 2 // released early, and no second press came
	Double Gesture = 3 // the second press of two came
	Long   Gesture = 4 // still held after a second
	Hold   Gesture = 5 // still held after three seconds
)

// String returns the gesture for logs.
func (g Gesture) String() string {
	return word([]string{"", "down", "short", "double", "long", "hold"}, uint8(g))
}

// Handset is how many buttons a specialist has.
type Handset uint8

// Handsets.
const (
	OneButton   Handset = 0
	FourButtons Handset = 1
)

// Button is which button of a handset the hand was on.
type Button uint8

// Buttons: the only one of a one-button handset, or one of four.
const (
	Only Button = 0
	Next Button = 1 // «Следующий»
	Done Button = 2 // «Пришёл, готово»
	Send Button = 3 // «Перенаправить»
	Park Button = 4 // «Неявка, отложить»
)

// String returns the button for logs.
func (b Button) String() string {
	return word([]string{"only", "next", "done", "transfer", "park"}, uint8(b))
}

// State is how a window stands when the gesture comes.
type State uint8

// States of a window.
const (
	Paused    State = 1 // перерыв: takes no visitors
	Idle      State = 2 // nobody called, and somebody waits for this window
	IdleEmpty State = 3 // nobody called, and nobody waits for this window
	Called    State = 4 // somebody was called and has not come yet
	Serving   State = 5 // somebody is being served, and nobody else can be
	Shared    State = 6 // somebody is being served, and one more could be
)

// String returns the state for logs.
func (s State) String() string {
	return word([]string{"", "paused", "idle", "idle_empty", "called", "serving", "shared"}, uint8(s))
}

// Title returns the state as a specialist reads it.
func (s State) Title() string {
	return word([]string{"", "Перерыв", "Окно свободно, есть очередь", "Окно свободно, никто не ждёт",
		"Посетитель вызван", "Посетитель на приёме", "Идёт приём, есть свободное место"}, uint8(s))
}

// Command is what the specialist means.
type Command uint8

// Commands.
const (
	None           Command = 0
	CallNext       Command = 1
	Pause          Command = 2
	Open           Command = 3
	Start          Command = 4
	Recall         Command = 5
	NoShowAndNext  Command = 6
	Finish         Command = 7
	Transfer       Command = 8
	FinishAndPause Command = 9
	TakeBack       Command = 10 // of a no-show, within five seconds
	NoShow         Command = 11
	SetAside       Command = 12 // park
	Resume         Command = 13
	Again          Command = 14 // next, though somebody is called: NoShowAndNext soon after the call, Recall later
	Acknowledge    Command = 15 // of a request for help at the panel

	// Of a console only: no gesture means them.
	Void    Command = 16
	Grant   Command = 17
	Issue   Command = 18
	Reprint Command = 19

	Note     Command = 20 // an answer to a step of the procedure (A37)
	Memo     Command = 21 // print a memo (A26)
	Enrol    Command = 22 // print a course ticket (B18)
	Attend   Command = 23 // so many came to a course
	SwitchTo Command = 24 // a universal specialist leaves this place and opens another one (A19)
	Report   Command = 25 // print the figures of the day (A1, A32)
)

// String returns the command for logs.
func (c Command) String() string {
	return word([]string{"none", "call_next", "pause", "open", "start", "recall", "no_show_and_next",
		"finish", "transfer", "finish_and_pause", "take_back", "no_show", "park", "resume", "again", "acknowledge",
		"void", "grant", "issue", "reprint", "note", "memo", "enrol", "attend", "switch_to", "report"}, uint8(c))
}

// word picks the name of a value, or tells the value.
func word(names []string, i uint8) string {
	if int(i) < len(names) && names[i] != "" {
		return names[i]
	}
	return fmt.Sprintf("%d", i)
}
