package gesture

import (
	"strings"
	"testing"
)

var (
	states   = []State{Paused, Idle, IdleEmpty, Called, Serving, Shared}
	gestures = []Gesture{Down, Short, Double, Long, Hold}
)

// TestTableIsTheOneOfTheIssue holds every cell, the empty ones too: what a one-button handset does
// is written down once more here, independently.
func TestTableIsTheOneOfTheIssue(t *testing.T) {
	want := map[State][5]Command{ // down, short, double, long, hold
		Paused:    {None, Open, Acknowledge, None, None},
		Idle:      {CallNext, None, None, None, None},
		IdleEmpty: {None, Resume, Acknowledge, Pause, None},
		Called:    {None, Start, Recall, NoShowAndNext, None},
		Serving:   {None, Finish, Transfer, None, FinishAndPause},
		Shared:    {None, CallNext, Transfer, Finish, None},
	}
	for _, s := range states {
		for i, g := range gestures {
			if got := Lookup(s, Only, g); got != want[s][i] {
				t.Errorf("%v + %v: got %v, want %v", s, g, got, want[s][i])
			}
		}
	}
	if got := Lookup(99, Only, Short); got != None {
		t.Errorf("unknown state: got %v, want none", got)
	}
}

// TestFourButtonsAreTheIssues writes the second table down once more. Double and Hold mean nothing.
func TestFourButtonsAreTheIssues(t *testing.T) {
	type presses [3]Command // down, short, long
	want := map[State]map[Button]presses{
		Paused: {Next: {Open}, Send: {2: Acknowledge}},
		Idle: {Next: {CallNext}, Done: {2: Pause}, Park: {1: Resume, 2: TakeBack},
			Send: {2: Acknowledge}},
		IdleEmpty: {Next: {2: TakeBack}, Done: {2: Pause}, Park: {1: Resume, 2: TakeBack},
			Send: {2: Acknowledge}},
		Called: {Next: {1: Again, 2: TakeBack}, Done: {Start}, Park: {1: NoShow, 2: SetAside},
			Send: {2: Acknowledge}},
		Serving: {Done: {1: Finish, 2: FinishAndPause}, Park: {1: SetAside}, Send: {1: Transfer, 2: Acknowledge}},
		Shared: {Next: {CallNext}, Done: {1: Finish}, Park: {1: SetAside, 2: Resume},
			Send: {1: Transfer, 2: Acknowledge}},
	}
	for _, s := range states {
		for _, b := range []Button{Next, Done, Send, Park} {
			cells := map[Gesture]Command{Down: want[s][b][0], Short: want[s][b][1], Long: want[s][b][2]}
			for _, g := range gestures {
				if got := Lookup(s, b, g); got != cells[g] {
					t.Errorf("%v + %v %v: got %v, want %v", s, b, g, got, cells[g])
				}
			}
		}
	}
}

// TestAButtonThatActsGoingDownHasNoOtherMeaning: what follows of that press would be swallowed.
func TestAButtonThatActsGoingDownHasNoOtherMeaning(t *testing.T) {
	for _, r := range append(Table(OneButton), Table(FourButtons)...) {
		for _, g := range gestures[1:] {
			if r.Gesture == Down && Lookup(r.State, r.Button, g) != None {
				t.Errorf("%v: %v means something going down and as %v", r.State, r.Button, g)
			}
		}
	}
}

func TestEveryRowSpeaksRussian(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range append(Table(OneButton), Table(FourButtons)...) {
		for _, text := range []string{r.Do, r.Means, r.State.Title()} {
			if text == "" || strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz_") {
				t.Errorf("%v + %v: %q is not a Russian phrase", r.State, r.Gesture, text)
			}
		}
		key := r.State.String() + r.Do
		if seen[key] {
			t.Errorf("%v: «%s» stands for two commands", r.State, r.Do)
		}
		seen[key] = true
	}
}

func TestRowsAreThoseOfOneState(t *testing.T) {
	rows := Rows(OneButton, Called)
	if len(rows) != 3 {
		t.Fatalf("got %d rows, want 3", len(rows))
	}
	want := []string{"нажать — посетитель пришёл", "дважды — повторить вызов", "держать — неявка, следующий"}
	for i, r := range rows {
		if got := r.Do + " — " + r.Means; got != want[i] {
			t.Errorf("row %d: got %q, want %q", i, got, want[i])
		}
	}
}

func TestTableIsACopy(t *testing.T) {
	Table(OneButton)[0].Command = Finish
	if got := Lookup(Paused, Only, Short); got != Open {
		t.Errorf("after writing to a copy: got %v, want %v", got, Open)
	}
}

func TestMarkdownHasARowForEveryCommand(t *testing.T) {
	got := Markdown(OneButton) + Markdown(FourButtons)
	if n := strings.Count(got, "\n"); n != len(one)+2+len(four)+2 {
		t.Errorf("got %d lines, want %d:\n%s", n, len(one)+len(four)+4, got)
	}
	for _, line := range []string{
		"| Перерыв | нажать | открыть окно |\n|  | дважды | иду помочь к киоску |\n",
		"| Перерыв | «Следующий» | открыть окно |\n",
		"| Посетитель вызван | нажать | посетитель пришёл |\n|  | дважды | повторить вызов |\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("got\n%s\nwithout %q", got, line)
		}
	}
}

func TestStringsHoldUnknownValues(t *testing.T) {
	for got, want := range map[string]string{
		Gesture(0).String(): "0", Hold.String(): "hold", State(9).String(): "9",
		Serving.String(): "serving", FinishAndPause.String(): "finish_and_pause", Command(77).String(): "77",
		Shared.String(): "shared", Park.String(): "park", Acknowledge.String(): "acknowledge", Reprint.String(): "reprint",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// act does what the machine does with a gesture, and returns the command it caused.
func act(tr *Tracker, s State, g Gesture, press uint64) Command {
	if tr.Swallowed(press) {
		return None
	}
	c := Lookup(s, Only, g)
	if c != None {
		tr.Use(press)
	}
	return c
}

// TestAPressMeansOneThing plays hands as the driver reports them: the state changes in the middle.
func TestAPressMeansOneThing(t *testing.T) {
	type step struct {
		state   State
		gesture Gesture
		press   uint64
		want    Command
	}
	for name, steps := range map[string][]step{
		"a call does not also start": {
			{Idle, Down, 1, CallNext}, {Called, Short, 1, None}, {Called, Down, 2, None}, {Called, Short, 2, Start}},
		"a nervous second press does not recall": {
			{Idle, Down, 1, CallNext}, {Called, Double, 1, None}},
		"a call held long is no no-show": {
			{Idle, Down, 1, CallNext}, {Called, Long, 1, None}, {Called, Hold, 1, None}},
		"a no-show held on does not touch the next": {
			{Called, Down, 4, None}, {Called, Long, 4, NoShowAndNext}, {Called, Hold, 4, None}},
		"a break held on stays a break": {
			{IdleEmpty, Down, 1, None}, {IdleEmpty, Long, 1, Pause}, {Paused, Hold, 1, None}},
		"a ticket taken during the press": {
			{IdleEmpty, Down, 1, None}, {Idle, Short, 1, None}, {Idle, Down, 2, CallNext}},
		"a double whose second press called": {
			{IdleEmpty, Down, 1, None}, {Idle, Down, 2, CallNext}, {Called, Double, 1, None}},
		"finish, then call": {
			{Serving, Down, 7, None}, {Serving, Short, 7, Finish}, {Idle, Down, 8, CallNext}},
		"hold passes through long": {
			{Serving, Down, 1, None}, {Serving, Long, 1, None}, {Serving, Hold, 1, FinishAndPause}, {Paused, Down, 2, None}, {Paused, Short, 2, Open}},
		"transfer": {
			{Serving, Down, 1, None}, {Serving, Double, 1, Transfer}, {Idle, Down, 3, CallNext}},
	} {
		var tr Tracker
		for i, s := range steps {
			if got := act(&tr, s.state, s.gesture, s.press); got != s.want {
				t.Errorf("%s, step %d: %v + %v of press %d: got %v, want %v", name, i, s.state, s.gesture, s.press, got, s.want)
			}
		}
	}
}

func TestUseNeverGoesBack(t *testing.T) {
	var tr Tracker
	tr.Use(5)
	tr.Use(3)
	if !tr.Swallowed(5) || !tr.Swallowed(4) || tr.Swallowed(6) {
		t.Errorf("after using 5 and 3: swallowed 4, 5, 6 is %v, %v, %v, want true, true, false", tr.Swallowed(4), tr.Swallowed(5), tr.Swallowed(6))
	}
}
